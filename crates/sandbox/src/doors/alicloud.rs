//! The Alibaba Cloud door. It is open, so that its address can be handed out, and serves no action: every call is
//! answered 501 in the form of an Alibaba Cloud error.

use ::http::StatusCode;
use serde_json::json;

use crate::http::{Reply, Request, form_pairs};

/// The action asked for, in either signature version's place.
pub(crate) fn operation(request: &Request) -> String {
    request
        .header("x-acs-action")
        .map(str::to_owned)
        .or_else(|| request.query_parameter("Action"))
        .or_else(|| {
            form_pairs(&request.text()).into_iter().find(|(name, _)| name == "Action").map(|(_, value)| value)
        })
        .unwrap_or_else(|| "Unknown".to_owned())
}

pub(crate) fn perform(operation: &str) -> Reply {
    error_reply(
        StatusCode::NOT_IMPLEMENTED,
        "NotServed",
        &format!("The sandbox does not serve Alibaba Cloud: {operation} was not performed."),
    )
}

/// An error as Alibaba Cloud's RPC services write it.
pub(crate) fn error_reply(status: StatusCode, code: &str, message: &str) -> Reply {
    let body = json!({
        "RequestId": "00000000-0000-0000-0000-000000000000",
        "HostId": "sandbox",
        "Code": code,
        "Message": message,
        "Recommend": "",
    });
    Reply::json(status, &body).with_code(code)
}
