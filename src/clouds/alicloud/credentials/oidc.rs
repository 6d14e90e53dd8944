//! A role for the bearer of an identity token, as Kubernetes clusters and pipelines hand them out: three environment
//! variables say where the token is and whose role it opens.

use super::role::{self, Role};
use super::{Look, Looked, unusable};
use crate::clouds::alicloud::actions::WITH_OIDC;
use crate::clouds::alicloud::encode::Params;
use crate::clouds::alicloud::rpc::Rpc;

const TOKEN_FILE: &str = "ALIBABA_CLOUD_OIDC_TOKEN_FILE";
const ROLE: &str = "ALIBABA_CLOUD_ROLE_ARN";
const PROVIDER: &str = "ALIBABA_CLOUD_OIDC_PROVIDER_ARN";
const SESSION_NAME: &str = "ALIBABA_CLOUD_ROLE_SESSION_NAME";

/// Takes the role on, when all three variables are set. The token is read each time: whoever gives it renews the file.
pub(super) async fn look(rpc: &Rpc) -> Looked {
    let machine = &rpc.config.machine;
    let names = [TOKEN_FILE, ROLE, PROVIDER];
    let [Some(file), Some(arn), Some(provider)] = names.map(|name| machine.variable(name)) else {
        let unset: Vec<_> = names.into_iter().filter(|name| machine.variable(name).is_none()).collect();
        let verb = if unset.len() == 1 { "is" } else { "are" };
        return Ok(Look::Nothing(format!("{} {verb} not set", unset.join(", "))));
    };
    let token = std::fs::read_to_string(&file)
        .map_err(|error| unusable(WITH_OIDC.name, format!("{TOKEN_FILE} names {file:?}: {error}")))?;
    let session_name = machine.variable(SESSION_NAME);
    let role = Role { arn: &arn, session_name: session_name.as_deref(), ..Role::default() };
    let proof = Params::new().with("OIDCProviderArn", provider).with("OIDCToken", token.trim());
    let keys = role::assume_with_token(rpc, &role, proof, token.trim(), "the OIDC token's role").await?;
    Ok(Look::Found(keys))
}
