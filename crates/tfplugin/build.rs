//! Generates the gRPC code from `proto/` without needing `protoc`: server code for the library, client code
//! for the tests, which include it themselves.

use std::path::PathBuf;
use std::{env, error, fs};

fn main() -> Result<(), Box<dyn error::Error>> {
    let protos = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../proto");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo::rerun-if-changed={}", protos.display());

    let descriptors = protox::compile(
        ["tfplugin6.proto", "grpc_broker.proto", "grpc_controller.proto", "grpc_stdio.proto"],
        [protos],
    )?;
    tonic_prost_build::configure()
        .build_client(false)
        .build_transport(false)
        .generate_default_stubs(true)
        .btree_map(".")
        .compile_fds(descriptors.clone())?;

    let client = out.join("client");
    fs::create_dir_all(&client)?;
    tonic_prost_build::configure()
        .build_server(false)
        .build_transport(false)
        .btree_map(".")
        .out_dir(client)
        .compile_fds(descriptors)?;
    Ok(())
}
