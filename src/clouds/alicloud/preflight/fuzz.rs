//! Any answer to the looks before an endpoint is made.

use ::fuzz::json;
use serde_json::Value;

use super::read::{offered, rule, vswitch};
use crate::json::{Misfit, Node};

#[test]
fn answers_about_the_network() {
    json("alicloud-network", |text| {
        let Ok(value) = serde_json::from_str::<Value>(text) else { return };
        let node = Node::root(&value);
        let read = || -> Result<(), Misfit> {
            for found in node.wrapped_list("VSwitches", "VSwitch")? {
                let _ = vswitch(&found);
            }
            for found in node.wrapped_list("Permissions", "Permission")? {
                if let Ok(Some(rule)) = rule(&found) {
                    let _ = rule.tcp_ports.is_none_or(|ports| ports.contains(&4000));
                }
            }
            for found in node.list("Services")? {
                let _ = offered(&found);
            }
            Ok(())
        };
        if let Err(misfit) = read() {
            assert!(!misfit.to_string().is_empty());
        }
    });
}
