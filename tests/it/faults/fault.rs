//! The columns of the matrix: every way in which one call may fail, in the words of each service.

use std::collections::BTreeMap;

use tidblink_sandbox::{Door, Effect, Fault};

/// A way to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Column {
    Invalid,
    BadKey,
    Denied,
    Missing,
    Conflict,
    Throttled,
    ThrottledUntil,
    Broken,
    Unavailable,
    Gateway,
    Reset,
    Lost,
    Silent,
    SilentAfter,
    Garbage,
    /// The rest for as long as the operation lasts.
    AlwaysInvalid,
    AlwaysDenied,
    AlwaysMissing,
    AlwaysThrottled,
    AlwaysUnavailable,
    AlwaysSilent,
    AlwaysGarbage,
}

impl Column {
    pub(crate) const ALL: [Self; 22] = [
        Self::Invalid,
        Self::BadKey,
        Self::Denied,
        Self::Missing,
        Self::Conflict,
        Self::Throttled,
        Self::ThrottledUntil,
        Self::Broken,
        Self::Unavailable,
        Self::Gateway,
        Self::Reset,
        Self::Lost,
        Self::Silent,
        Self::SilentAfter,
        Self::Garbage,
        Self::AlwaysInvalid,
        Self::AlwaysDenied,
        Self::AlwaysMissing,
        Self::AlwaysThrottled,
        Self::AlwaysUnavailable,
        Self::AlwaysSilent,
        Self::AlwaysGarbage,
    ];

    /// The head of the column.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Invalid => "400",
            Self::BadKey => "401",
            Self::Denied => "403",
            Self::Missing => "404",
            Self::Conflict => "409",
            Self::Throttled => "429",
            Self::ThrottledUntil => "429 with a pause",
            Self::Broken => "500",
            Self::Unavailable => "503",
            Self::Gateway => "502 in HTML",
            Self::Reset => "reset before",
            Self::Lost => "reset after",
            Self::Silent => "silent before",
            Self::SilentAfter => "silent after",
            Self::Garbage => "garbage",
            Self::AlwaysInvalid => "400 always",
            Self::AlwaysDenied => "403 always",
            Self::AlwaysMissing => "404 always",
            Self::AlwaysThrottled => "429 always",
            Self::AlwaysUnavailable => "503 always",
            Self::AlwaysSilent => "silent always",
            Self::AlwaysGarbage => "garbage always",
        }
    }

    /// Whether it goes on until somebody mends it.
    pub(super) fn is_lasting(self) -> bool {
        self >= Self::AlwaysInvalid
    }

    /// Whether the service says no, so that repeating the call is of no use.
    pub(super) fn is_refusal(self) -> bool {
        matches!(self, Self::AlwaysInvalid | Self::AlwaysDenied)
    }

    /// Whether it differs from another column only in what became of a write.
    pub(super) fn is_for_writes(self) -> bool {
        matches!(self, Self::Lost | Self::SilentAfter)
    }

    /// What to plant.
    pub(crate) fn fault(self, door: Door, operation: &str) -> Fault {
        let fault = Fault::new(door, operation, self.effect(door, operation));
        if self.is_lasting() { fault.forever() } else { fault }
    }

    fn effect(self, door: Door, operation: &str) -> Effect {
        match self {
            Self::Invalid | Self::AlwaysInvalid => {
                said(door, 400, ["InvalidParameter", "3", "InvalidParameter"])
            }
            Self::BadKey => match door {
                Door::Ec2 => said(door, 401, ["AuthFailure", "", ""]),
                Door::Alicloud => said(door, 400, ["", "", "InvalidAccessKeyId.Inactive"]),
                _ => said(door, 401, ["", "16", ""]),
            },
            Self::Denied | Self::AlwaysDenied => {
                said(door, 403, ["UnauthorizedOperation", "7", "NoPermission"])
            }
            Self::Missing | Self::AlwaysMissing => match door {
                Door::Ec2 => said(door, 400, [missing_in_ec2(operation), "", ""]),
                _ => said(door, 404, ["", "5", "EndpointNotFound"]),
            },
            Self::Conflict => said(door, 409, ["OperationInProgress", "6", "EndpointOperationDenied"]),
            Self::Throttled | Self::AlwaysThrottled => match door {
                Door::Ec2 => said(door, 503, ["RequestLimitExceeded", "", ""]),
                Door::Alicloud => said(door, 400, ["", "", "Throttling.User"]),
                _ => said(door, 429, ["", "49900007", ""]),
            },
            Self::ThrottledUntil => match door {
                Door::Ec2 => with_headers(said(door, 400, ["Throttling", "", ""]), &[("retry-after", "7")]),
                Door::Alicloud => with_headers(
                    said(door, 400, ["", "", "Throttling.Api"]),
                    &[("x-acs-retry-after", "7000")],
                ),
                _ => with_headers(
                    said(door, 429, ["", "49900007", ""]),
                    &[("x-ratelimit-reset", "7"), ("x-ratelimit-remaining-minute", "0")],
                ),
            },
            Self::Broken => said(door, 500, ["InternalError", "13", "InternalError"]),
            Self::Unavailable | Self::AlwaysUnavailable => {
                said(door, 503, ["Unavailable", "14", "ServiceUnavailable"])
            }
            Self::Gateway => Effect::Answer {
                status: 502,
                body: Some("<html><head><title>502 Bad Gateway</title></head></html>".into()),
                headers: BTreeMap::new(),
                code: None,
                message: None,
            },
            Self::Reset => Effect::Reset,
            Self::Lost => Effect::LostAfterEffect,
            Self::Silent | Self::AlwaysSilent => Effect::NeverAnswer,
            Self::SilentAfter => Effect::HeldAfterEffect,
            Self::Garbage | Self::AlwaysGarbage => Effect::Garbage,
        }
    }
}

/// An error with the code of EC2, TiDB Cloud or Alibaba Cloud.
fn said(door: Door, status: u16, [ec2, tidb, alicloud]: [&str; 3]) -> Effect {
    let code = match door {
        Door::Ec2 => ec2,
        Door::Alicloud => alicloud,
        _ => tidb,
    };
    Effect::error(status, code, "planted by the fault matrix")
}

fn with_headers(effect: Effect, more: &[(&str, &str)]) -> Effect {
    let Effect::Answer { status, body, code, message, .. } = effect else { return effect };
    let headers = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Effect::Answer { status, body, headers, code, message }
}

/// What EC2 calls a thing that is not there, by what the call is about.
fn missing_in_ec2(operation: &str) -> &'static str {
    match operation {
        "CreateVpcEndpoint" | "DescribeVpcAttribute" | "DescribeVpcs" => "InvalidVpcID.NotFound",
        "DescribeSubnets" => "InvalidSubnetID.NotFound",
        "DescribeSecurityGroups" => "InvalidGroup.NotFound",
        "DescribeVpcEndpointServices" => "InvalidServiceName",
        "DescribeNetworkInterfaces" => "InvalidNetworkInterfaceID.NotFound",
        _ => "InvalidVpcEndpointId.NotFound",
    }
}

/// Whether a call changes something.
pub(crate) fn is_write(operation: &str) -> bool {
    !["Get", "List", "Describe", "Check"].iter().any(|start| operation.starts_with(start))
}
