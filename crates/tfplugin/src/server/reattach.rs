//! How Terraform finds a provider that somebody else started: the variable `TF_REATTACH_PROVIDERS`.

use std::process;

use serde_json::json;

/// The value of `TF_REATTACH_PROVIDERS` for this process.
///
/// `Test` tells Terraform to leave the process alone when it is done with it (go-plugin, `ReattachConfig`).
pub(super) fn reattach_config(provider_address: &str, network: &str, address: &str) -> String {
    json!({
        provider_address: {
            "Protocol": "grpc",
            "ProtocolVersion": super::handshake::APP_PROTOCOL,
            "Pid": process::id(),
            "Test": true,
            "Addr": { "Network": network, "String": address },
        }
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_value_is_keyed_by_the_full_provider_address() {
        let text = reattach_config("registry.terraform.io/a/b", "unix", "/tmp/s");
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let entry = &value["registry.terraform.io/a/b"];
        assert_eq!(entry["Protocol"], "grpc");
        assert_eq!(entry["ProtocolVersion"], json!(6));
        assert_eq!(entry["Pid"], json!(process::id()));
        assert_eq!(entry["Test"], true);
        assert_eq!(entry["Addr"], json!({ "Network": "unix", "String": "/tmp/s" }));
    }
}
