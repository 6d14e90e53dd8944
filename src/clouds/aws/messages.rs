//! EC2 gives a dozen different situations the one code `InvalidParameter`; only the words tell them apart. Here is what
//! is looked for in them, in lower case.

use crate::error::{Cause, ErrorKind};

/// Words of an `InvalidParameter` message and what they mean. Source: messages as users of CreateVpcEndpoint and
/// ModifyVpcEndpoint have reported them; AWS documents the code only.
const WORDS: [(&str, ErrorKind, Cause); 9] = [
    (
        "can only be enabled after the endpoint connection is accepted",
        ErrorKind::Conflict,
        Cause::PrivateDnsBeforeAcceptance,
    ),
    ("has not verified the private dns name", ErrorKind::Invalid, Cause::PrivateDnsUnverified),
    ("does not provide a private dns name", ErrorKind::Invalid, Cause::PrivateDnsNotOffered),
    ("requires both enablednssupport and enablednshostnames", ErrorKind::Invalid, Cause::VpcDnsAttributesOff),
    ("conflicting dns domain", ErrorKind::Conflict, Cause::DnsNameConflict),
    ("does not support the availability zone", ErrorKind::Invalid, Cause::ZoneUnsupported),
    ("availability zones are supported for remote access", ErrorKind::Invalid, Cause::ZoneUnsupported),
    ("only supports the full-access endpoint policy", ErrorKind::Invalid, Cause::FullAccessPolicyOnly),
    ("idempotent operation going on", ErrorKind::Conflict, Cause::ChangeInProgress),
];

/// What the words of an `InvalidParameter` mean; plain [`ErrorKind::Invalid`] for words that are not known.
pub(super) fn invalid_parameter(message: &str) -> (ErrorKind, Option<Cause>) {
    let message = message.to_lowercase();
    WORDS
        .iter()
        .find(|(words, ..)| message.contains(words))
        .map_or((ErrorKind::Invalid, None), |(_, kind, cause)| (*kind, Some(*cause)))
}
