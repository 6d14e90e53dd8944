//! Failures to get credentials at all, told apart from EC2's refusals: nothing was sent, and what helps is a login or a
//! setting. The SDK hides them inside a failed dispatch, so they are looked for in the chain of causes.

use std::error::Error;

use aws_config::imds::client::error::ImdsError;
use aws_config::meta::ProviderChainError;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_ec2::error::{ConnectorError, ErrorMetadata};

use crate::error::{ApiError, Cause, ErrorKind, Service};
use crate::redact::by_form;

/// Where credentials are looked for, in that order (aws-config, default credentials chain).
const PLACES: &str = "the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), the profile in the shared \
                      configuration files (keys, SSO, credential_process, role), a web identity token \
                      (AWS_WEB_IDENTITY_TOKEN_FILE), the container's role and the instance's role";

/// What the SDK says when finding credentials took too long; it has no public type for that.
const TIMED_OUT: &str = "identity resolver timed out";

/// The failure to get credentials that is somewhere in `causes`, the chain under a failed call.
pub(super) fn failure(operation: &'static str, causes: &[&(dyn Error + 'static)]) -> Option<ApiError> {
    let found = causes
        .iter()
        .position(|cause| cause.is::<CredentialsError>() || cause.to_string().starts_with(TIMED_OUT))?;
    let causes = &causes[found..];
    Some(if causes.iter().any(|cause| says_none(*cause)) {
        none_found(operation, causes)
    } else {
        not_given(operation, causes)
    })
}

/// Whether an error means that there are no credentials, rather than that some could not be had. The instance's
/// metadata is asked last: that it fails means that nothing was found before.
fn says_none(cause: &(dyn Error + 'static)) -> bool {
    cause.is::<ImdsError>() || matches!(cause.downcast_ref(), Some(CredentialsError::CredentialsNotLoaded(_)))
}

fn none_found(operation: &'static str, causes: &[&(dyn Error + 'static)]) -> ApiError {
    let answers = answers(causes);
    let message = format!("no AWS credentials were found in any of the usual places: {PLACES} ({answers})");
    let mut error = ApiError::new(Service::AwsCredentials, operation, ErrorKind::Unauthenticated, message);
    error.cause = Some(Cause::NoCredentials);
    error
}

/// There are credentials to be had, and whoever gives them did not.
fn not_given(operation: &'static str, causes: &[&(dyn Error + 'static)]) -> ApiError {
    let answer = causes.iter().find_map(|cause| cause.downcast_ref::<ErrorMetadata>());
    let code = answer.and_then(ErrorMetadata::code);
    let mut message = match answer.and_then(ErrorMetadata::message) {
        Some(message) => by_form(message),
        None => explain(causes),
    };
    let away = causes
        .iter()
        .filter_map(|cause| cause.downcast_ref::<ConnectorError>())
        .any(|error| error.is_io() || error.is_timeout());
    let (kind, cause) = match code {
        Some("AccessDenied") => {
            message.push_str(
                " (the role's trust policy has to allow these credentials to take it on, with the external id that it \
                 asks for)",
            );
            (ErrorKind::Denied, Some(Cause::ActionDenied))
        }
        Some("ExpiredToken" | "ExpiredTokenException" | "RequestExpired") => {
            (ErrorKind::Unauthenticated, Some(Cause::ExpiredCredentials))
        }
        Some("InvalidClientTokenId") => (ErrorKind::Unauthenticated, Some(Cause::UnknownKey)),
        Some("SignatureDoesNotMatch") => (ErrorKind::Unauthenticated, Some(Cause::WrongSecret)),
        Some("RegionDisabledException") => (ErrorKind::Denied, Some(Cause::RegionNotEnabled)),
        _ if away => (ErrorKind::Transport, None),
        _ => (ErrorKind::Unauthenticated, None),
    };
    let mut error = ApiError::new(Service::AwsCredentials, operation, kind, message);
    error.cause = cause;
    error.code = code.map(str::to_owned);
    error
}

/// What each place said when the SDK's chain of places was asked, or else what was said at all.
fn answers(causes: &[&(dyn Error + 'static)]) -> String {
    let chain = causes.iter().find_map(|cause| cause.downcast_ref::<ProviderChainError<CredentialsError>>());
    let Some(chain) = chain else {
        return explain(causes);
    };
    let answers: Vec<_> = chain
        .attempts()
        .iter()
        .map(|attempt| match attempt.error().source() {
            // The outermost text only says that the place has none.
            Some(why) => format!("{}: {}", attempt.name(), explain(&super::errors::causes(why))),
            None => format!("{}: nothing", attempt.name()),
        })
        .collect();
    answers.join("; ")
}

/// The chain in one line, from the outside in. The SDK's credential errors carry no keys: secrets have types of their
/// own there too.
fn explain(causes: &[&(dyn Error + 'static)]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in causes {
        let part = cause.to_string().trim().to_owned();
        if parts.last().is_none_or(|last| !last.contains(&part)) {
            parts.push(part);
        }
    }
    parts.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clouds::aws::errors::causes;

    fn classified(error: CredentialsError) -> Option<ApiError> {
        failure("DescribeSubnets", &causes(&error))
    }

    #[test]
    fn no_credentials_anywhere_says_where_was_looked() {
        let error = classified(CredentialsError::not_loaded("nothing in the chain"));
        let error = error.expect("a credentials failure");
        assert_eq!(error.service, Service::AwsCredentials);
        assert_eq!(error.cause, Some(Cause::NoCredentials));
        for place in ["AWS_ACCESS_KEY_ID", "profile", "SSO", "web identity", "container", "instance"] {
            assert!(error.message.contains(place), "{}", error.message);
        }
    }

    #[test]
    fn a_refused_role_is_denied_in_the_words_of_sts() {
        let answer = ErrorMetadata::builder()
            .code("AccessDenied")
            .message("not authorized to perform: sts:AssumeRole")
            .build();
        let error = classified(CredentialsError::provider_error(answer)).expect("a credentials failure");
        assert_eq!((error.kind, error.cause), (ErrorKind::Denied, Some(Cause::ActionDenied)));
        assert_eq!(error.code.as_deref(), Some("AccessDenied"));
        assert!(error.message.starts_with("not authorized to perform: sts:AssumeRole"), "{}", error.message);
        assert!(error.message.contains("external id"), "{}", error.message);
    }

    #[test]
    fn a_connection_that_breaks_on_the_way_to_sts_may_be_tried_again() {
        let broken = ConnectorError::io("connection reset".into());
        let error = classified(CredentialsError::provider_error(broken)).expect("a credentials failure");
        assert_eq!((error.kind, error.outcome_unknown), (ErrorKind::Transport, false));
    }

    #[test]
    fn an_expired_login_is_explained_by_its_chain() {
        let error = classified(CredentialsError::provider_error("the SSO session has expired"));
        let error = error.expect("a credentials failure");
        assert_eq!((error.kind, error.cause), (ErrorKind::Unauthenticated, None));
        assert!(error.message.ends_with("the SSO session has expired"), "{}", error.message);
    }

    #[test]
    fn other_failures_are_not_about_credentials() {
        let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        assert_eq!(failure("DescribeSubnets", &causes(&broken)), None);
    }
}
