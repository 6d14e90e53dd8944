//! What all writing actions of PrivateLink share: a dry run, and a client token under which a request that is sent again
//! is answered again instead of being done again.

use super::params::Params;
use crate::world::{AlicloudClientToken, AlicloudError, World};

/// Does what `act` does and gives the id of the endpoint that it made or changed.
pub(super) fn write(
    world: &mut World,
    operation: &str,
    params: &Params,
    act: impl FnOnce(&mut World) -> Result<String, AlicloudError>,
) -> Result<String, AlicloudError> {
    let token = params.get("ClientToken");
    if token.is_some_and(|token| token.len() > 64 || !token.is_ascii()) {
        return Err(AlicloudError::invalid("ClientToken", "it must be 64 ASCII characters at most"));
    }
    if params.flag("DryRun")? {
        let mut trial = world.clone();
        act(&mut trial)?;
        return Err(AlicloudError::new(
            "DryRunOperation",
            "The dry run was performed, and the request would have succeeded.",
        ));
    }
    let fingerprint = format!("{operation} {}", params.fingerprint());
    if let Some(token) = token
        && let Some(endpoint_id) = replayed(world, operation, token, &fingerprint)?
    {
        return Ok(endpoint_id);
    }
    let endpoint_id = act(world)?;
    if let Some(token) = token {
        world.alicloud.client_tokens.retain(|seen| seen.token != token);
        world.alicloud.client_tokens.push(AlicloudClientToken {
            token: token.to_owned(),
            fingerprint,
            endpoint_id: endpoint_id.clone(),
        });
    }
    Ok(endpoint_id)
}

fn replayed(
    world: &World,
    operation: &str,
    token: &str,
    fingerprint: &str,
) -> Result<Option<String>, AlicloudError> {
    let Some(seen) = world.alicloud.client_tokens.iter().find(|seen| seen.token == token) else {
        return Ok(None);
    };
    // Once the endpoint is gone for good, the token that made it is forgotten with it.
    if operation == "CreateVpcEndpoint" && world.alicloud.endpoint(&seen.endpoint_id).is_none() {
        return Ok(None);
    }
    if seen.fingerprint != fingerprint {
        return Err(AlicloudError::new(
            "IdempotenceSignatureMismatch",
            "The client token was used for another request with different parameters.",
        ));
    }
    Ok(Some(seen.endpoint_id.clone()))
}
