//! Any file and any answer that keys are read from. What is wrong with one is said without what is in it.

use std::sync::Arc;

use ::fuzz::json;

use super::{instance, profile, role};
use crate::clouds::alicloud::AlicloudConfig;
use crate::clouds::alicloud::actions::WITH_OIDC;
use crate::clouds::alicloud::rpc::Rpc;
use crate::ids::Region;
use crate::web::Reply;

/// Stands for every secret in the kept inputs. Whole, because single letters of it are everywhere.
const SECRET: &str = "hunter2-hunter2";

fn assert_discreet(error: &str) {
    assert!(!error.contains(SECRET), "{error}");
}

#[test]
fn profile_files() {
    json("alicloud-profiles", |text| {
        for wanted in [None, Some("default"), Some("role"), Some("token")] {
            if let Err(error) = profile::read(text, wanted) {
                assert_discreet(&error);
            }
        }
    });
}

#[test]
fn keys_from_the_machine_and_from_sts() {
    let rpc = Rpc::new(Arc::new(AlicloudConfig::default()));
    json("alicloud-keys", |text| {
        if let Err(error) = instance::keys_in(text.as_bytes(), "role") {
            assert_discreet(&error.to_string());
        }
        let reply =
            Reply { status: http::StatusCode::OK, headers: http::HeaderMap::new(), body: text.into() };
        let answer = rpc.read(WITH_OIDC, &Region::new("r"), &reply);
        if let Err(error) = answer.and_then(|answer| role::keys_in(&answer, "here".into())) {
            assert_discreet(&error.to_string());
        }
    });
}
