//! The sandbox as a program: starts, prints one line of JSON with the base URL of each door, and runs until it is
//! interrupted or terminated.

use std::error::Error;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use tidblink_sandbox::world::World;
use tidblink_sandbox::{Sandbox, SandboxOptions};

/// TiDB Cloud and the clouds it lives on, in one process on loopback.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Address of the first door, on loopback; the others take the next ports. Free ports by default.
    #[arg(long, value_name = "127.0.0.1:PORT")]
    listen: Option<SocketAddr>,
    /// World seconds for each real second.
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    speed: f64,
    /// A world to begin with, as `GET /world` of the control door writes it.
    #[arg(long, value_name = "FILE.json")]
    world: Option<PathBuf>,
    /// Decides the ids that will be drawn.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error is all there is to report to; if it is closed, the exit code remains.
            let _closed = writeln!(std::io::stderr(), "tidblink-sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let world = arguments.world.as_deref().map(read_world).transpose()?;
    let sandbox = Sandbox::start(SandboxOptions {
        listen: arguments.listen,
        speed: arguments.speed,
        world,
        seed: arguments.seed,
    })
    .await?;
    let mut stdout = std::io::stdout().lock();
    serde_json::to_writer(&mut stdout, &sandbox.urls())?;
    writeln!(stdout)?;
    stdout.flush()?;
    interrupted().await?;
    Ok(())
}

fn read_world(path: &Path) -> Result<World, Box<dyn Error>> {
    let text = std::fs::read(path)
        .map_err(|error| format!("cannot read the world in {}: {error}", path.display()))?;
    let world = serde_json::from_slice(&text)
        .map_err(|error| format!("{} is not a world: {error}", path.display()))?;
    Ok(world)
}

#[cfg(unix)]
async fn interrupted() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result,
        _ = terminated.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn interrupted() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
