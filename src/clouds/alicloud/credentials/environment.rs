//! Keys in environment variables. The names of `ALIBABA_CLOUD_…` are what Alibaba Cloud's tools share; two older spellings
//! are deprecated but still set in many places.

use super::Look;
use crate::clouds::alicloud::config::StaticKeys;
use crate::clouds::alicloud::keys::Keys;
use crate::clouds::alicloud::machine::Machine;
use crate::secret::Secret;

/// Names of the key's id, its secret and its token, the current ones first.
const SPELLINGS: [[&str; 3]; 3] = [
    ["ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"],
    ["ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY", "ALICLOUD_SECURITY_TOKEN"],
    ["ALIBABACLOUD_ACCESS_KEY_ID", "ALIBABACLOUD_ACCESS_KEY_SECRET", "ALIBABACLOUD_SECURITY_TOKEN"],
];

/// The keys of the first spelling that is complete. Spellings are not mixed: halves of two keys make none.
pub(super) fn look(machine: &Machine) -> Look {
    let mut halves = Vec::new();
    for [id, secret, token] in SPELLINGS {
        match (machine.variable(id), machine.variable(secret)) {
            (Some(access_key), Some(secret_key)) => {
                let keys = StaticKeys {
                    access_key,
                    secret_key: Secret::new(secret_key),
                    security_token: machine.variable(token).map(Secret::new),
                };
                return Look::Found(Keys::written(keys, format!("the environment ({id})")));
            }
            (Some(_), None) => halves.push(format!("{id} is set, but {secret} is not")),
            (None, Some(_)) => halves.push(format!("{secret} is set, but {id} is not")),
            (None, None) => {}
        }
    }
    Look::Nothing(if halves.is_empty() {
        format!("{} is not set", SPELLINGS[0][0])
    } else {
        halves.join(", ")
    })
}
