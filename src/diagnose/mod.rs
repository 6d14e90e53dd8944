//! The one place that turns errors and findings into diagnostics: what was found, why it matters, what to do, on the
//! attribute that the user can change.

mod advice;
mod refusal;

pub use refusal::refusal;

use tfplugin::{AttributePath, Diagnostic};

use crate::clouds::{Concern, Finding, Standing};
use crate::codes::Code;
use crate::error::ApiError;
use crate::ids::{CloudName, IdError};
use crate::operation::Halt;
use crate::tidbcloud::KeySource;

/// Where the inputs of one private endpoint stand in the user's configuration, and how its API key was found.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The cloud block that is used.
    pub cloud: CloudName,
    /// Where the TiDB Cloud API key came from.
    pub key_source: KeySource,
}

impl Place {
    /// The attribute that a concern is about.
    pub fn attribute(&self, concern: Concern) -> AttributePath {
        attribute_of(self.cloud, concern)
    }

    /// An error for a call that failed while `doing` something ("register the endpoint with TiDB Cloud").
    pub fn api_error(&self, error: &ApiError, doing: &str) -> Diagnostic {
        let advice = advice::of(error, self.key_source);
        let mut detail = error.to_string();
        if !detail.ends_with('.') {
            detail.push('.');
        }
        if !advice.text.is_empty() {
            detail.push_str("\n\n");
            detail.push_str(&advice.text);
        }
        let diagnostic = Code::of_error(error).error(format!("Could not {doing}"), detail);
        match advice.concern {
            Some(concern) => diagnostic.at(self.attribute(concern)),
            None => diagnostic,
        }
    }

    /// A finding as it counts at plan.
    pub fn finding_at_plan(&self, finding: &Finding) -> Diagnostic {
        let attribute = self.attribute(finding.concern);
        match finding.standing {
            Standing::Impossible => with_way_out(finding.code.error(&finding.summary, &finding.detail)),
            Standing::MayChange => finding.code.warning(
                &finding.summary,
                format!(
                    "{}\n\nIf this is not put right in the same run, the apply stops before it makes anything.",
                    finding.detail
                ),
            ),
            Standing::Advice => finding.code.warning(&finding.summary, &finding.detail),
        }
        .at(attribute)
    }

    /// A finding as it counts at apply, before the first write.
    pub fn finding_at_apply(&self, finding: &Finding) -> Diagnostic {
        let diagnostic = match finding.standing {
            Standing::Impossible | Standing::MayChange => {
                unchanged(finding.code.error(&finding.summary, &finding.detail))
            }
            Standing::Advice => finding.code.warning(&finding.summary, &finding.detail),
        };
        diagnostic.at(self.attribute(finding.concern))
    }
}

/// An error before the first write, together with what that means: everything is as it was, and the same command may be
/// run again.
pub fn unchanged(mut error: Diagnostic) -> Diagnostic {
    error.detail.push_str(
        "\n\nNothing was made or changed. Run the same command again when this is put right or has passed.",
    );
    error
}

/// An error at plan together with the way round it: Terraform plans before it destroys, too, and an object that is
/// gone is planned as a new one then.
pub fn with_way_out(error: Diagnostic) -> Diagnostic {
    let mut error = unchanged(error);
    error.detail.push_str("\n\nIf this stands in the way of a destroy: `terraform destroy -refresh=false`.");
    error
}

/// The attribute of a private endpoint on `cloud` that a concern is about.
pub fn attribute_of(cloud: CloudName, concern: Concern) -> AttributePath {
    let block = AttributePath::of(cloud.as_str());
    match concern {
        Concern::Service => AttributePath::of("service_id"),
        Concern::Vpc => block.attribute("vpc_id"),
        Concern::Subnets => block.attribute(match cloud {
            CloudName::Alicloud => "vswitch_ids",
            _ => "subnet_ids",
        }),
        Concern::SecurityGroups => block.attribute("security_group_ids"),
        Concern::PrivateDns => block.attribute("private_dns_enabled"),
        Concern::Name => block.attribute("name"),
        Concern::Tags => block.attribute("tags"),
    }
}

/// An error for a text that is not the id it should be.
pub fn malformed_id(error: &IdError, attribute: AttributePath) -> Diagnostic {
    Code::MalformedId
        .error(
            "Malformed id",
            format!(
                "{:?} is not {}. Nothing was looked up with it: put it right, and run again.",
                error.found, error.expected
            ),
        )
        .at(attribute)
}

/// An error about a part of an identity that a user wrote. Terraform cannot point at parts of an identity, so it is named.
pub fn malformed_identity(error: &IdError, part: &str) -> Diagnostic {
    Code::MalformedId.error(
        "Malformed identity",
        format!(
            "`{part}`: {:?} is not {}. Nothing was looked up with it: put it right, and run again.",
            error.found, error.expected
        ),
    )
}

/// An error for a provider that could not work because a call outside any private endpoint failed.
pub fn lookup_error(
    error: &ApiError,
    doing: &str,
    key_source: KeySource,
    attribute: AttributePath,
) -> Diagnostic {
    Place { cloud: CloudName::Aws, key_source }.api_error(error, doing).at(attribute)
}

/// The sentence that says why an operation ended early.
pub fn halt_sentence(halt: Halt) -> &'static str {
    match halt {
        Halt::Stopped => "Terraform was asked to stop.",
        Halt::Deadline => "The timeout that is configured for this operation has passed.",
    }
}
