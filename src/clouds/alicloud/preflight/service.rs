//! Is PrivateLink open to this account, does it see the service, and does the service let it in?

use super::evaluate::Case;
use super::survey::Look;
use crate::clouds::findings::finding;
use crate::clouds::{Concern, Finding, Standing};
use crate::codes::Code;

const ABOUT: (Concern, Standing) = (Concern::Service, Standing::MayChange);

/// `product-not-activated`, `service-not-visible`, `acceptance-required`.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let survey = case.survey;
    if survey.service == Look::Closed || survey.vpc.endpoints == Look::Closed {
        return vec![not_activated()];
    }
    match &survey.service {
        Look::Seen(None) => vec![not_visible(case)],
        Look::Seen(Some(offered)) if offered.accepts_by_itself == Some(false) => {
            vec![acceptance_required(case)]
        }
        _ => Vec::new(),
    }
}

fn not_activated() -> Finding {
    finding(
        Code::ProductNotActivated,
        ABOUT,
        "PrivateLink is not activated".to_owned(),
        "The Alibaba Cloud account of these credentials has not activated PrivateLink, so it can make no endpoint. \
         Activating it accepts its terms and prices, which is why the provider never does that.",
        "Open https://vpc.console.alibabacloud.com/endpoint, follow the prompt to activate PrivateLink, and run again.",
    )
}

fn not_visible(case: &Case<'_>) -> Finding {
    let (service, region) = (&case.service.name, &case.survey.region);
    finding(
        Code::ServiceNotVisible,
        ABOUT,
        format!("Alibaba Cloud does not show the endpoint service in {region}"),
        &format!(
            "PrivateLink in {region} shows no endpoint service {service} with these credentials. It says the same of a \
             service that does not exist (yet), of one in another region and of one whose whitelist this account is not \
             on; no endpoint can be made for any of them."
        ),
        "A service appears some minutes after its cluster. If it has been there longer, look in the TiDB Cloud console \
         whether the cluster is running, check which account the credentials belong to, and ask TiDB Cloud support \
         whether that account is on the service's whitelist.",
    )
}

fn acceptance_required(case: &Case<'_>) -> Finding {
    let service = &case.service.name;
    finding(
        Code::AcceptanceRequired,
        ABOUT,
        "The endpoint service does not accept endpoints by itself".to_owned(),
        &format!(
            "The endpoint service {service} wants its owner, TiDB Cloud, to accept each endpoint. TiDB Cloud has no way to \
             ask for that; an endpoint made now would stay disconnected."
        ),
        "Ask TiDB Cloud support to let the service accept endpoints by itself.",
    )
}
