//! Why a walk along the steps ended before its end.

use crate::clouds::CloudEndpoint;
use crate::error::ApiError;
use crate::ids::{CloudName, EndpointId};
use crate::operation::Halt;
use crate::tidbcloud::Connection;
use crate::wait::{History, WaitError};

/// Why a walk ended before its end.
#[derive(Debug)]
pub(in crate::private_endpoint) enum Trouble {
    /// A call failed for good.
    Api(ApiError),
    /// The deadline passed or Terraform stopped the provider.
    Halted {
        halt: Halt,
        /// What was seen while waiting, if it was a wait that ended.
        history: Option<History>,
        /// What the service had said before the end came, when it was a call that ended.
        last: Option<String>,
        /// Whether a write may have taken effect without an answer.
        open: bool,
    },
    /// One side will not do it.
    Failed { side: Side, reason: String },
    /// An endpoint of ours that the state does not know is in the way.
    Unknown(Box<CloudEndpoint>),
    /// TiDB Cloud has the endpoint registered already, and not for this instance.
    Registered(EndpointId, Box<Connection>),
    /// As many instances as can share this endpoint share it already.
    Crowded(EndpointId),
    /// Somebody else put their token on the endpoint.
    TakenOver(EndpointId),
}

impl From<ApiError> for Trouble {
    fn from(error: ApiError) -> Self {
        match error.halt() {
            Some(halt) => {
                Self::Halted { halt, history: None, last: error.last_words(), open: error.outcome_unknown }
            }
            None => Self::Api(error),
        }
    }
}

impl From<Halt> for Trouble {
    fn from(halt: Halt) -> Self {
        Self::Halted { halt, history: None, last: None, open: false }
    }
}

impl From<WaitError<Trouble>> for Trouble {
    fn from(error: WaitError<Self>) -> Self {
        match error {
            WaitError::Failed(trouble, _) => trouble,
            WaitError::Halted(halt, history) => {
                Self::Halted { halt, history: Some(history), last: None, open: false }
            }
            WaitError::Api(error, _) => error.into(),
        }
    }
}

/// The two sides of a private path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::private_endpoint) enum Side {
    Cloud,
    TidbCloud,
}

impl Side {
    pub(in crate::private_endpoint) fn title(self, cloud: CloudName) -> &'static str {
        match self {
            Self::Cloud => cloud.title(),
            Self::TidbCloud => "TiDB Cloud",
        }
    }
}

/// Trouble, and the step it came in.
#[derive(Debug)]
pub(in crate::private_endpoint) struct Stumble {
    pub(in crate::private_endpoint) step: &'static str,
    pub(in crate::private_endpoint) trouble: Trouble,
}
