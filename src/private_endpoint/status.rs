//! One status out of two sides. Pure: what the cloud and TiDB Cloud show goes in, the status that the user reads and
//! the reason come out.

use std::fmt;

use crate::clouds::{CloudEndpoint, CloudState};
use crate::tidbcloud::{Connection, ConnectionState};

/// Where a private endpoint stands as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// Not there yet; an apply goes on with it.
    Pending,
    /// Works.
    Active,
    /// One side gave up.
    Failed,
    /// The service's owner refused it.
    Rejected,
    /// It was not accepted in time.
    Expired,
    /// Is going away.
    Deleting,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Deleting => "deleting",
        })
    }
}

/// What an apply has to do about the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Nothing.
    None,
    /// Walk the steps: finish it, or register it again.
    Repair,
    /// The cloud endpoint cannot come back: make a new one.
    Replace,
}

/// The status, its reason and the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Judgement {
    pub(super) status: Status,
    pub(super) reason: Option<String>,
    pub(super) remedy: Remedy,
}

impl Judgement {
    fn new(status: Status, remedy: Remedy, reason: impl Into<Option<String>>) -> Self {
        Self { status, remedy, reason: reason.into() }
    }
}

/// Judges both sides. `unfinished` says whether the endpoint still bears the mark of being made.
pub(super) fn judge(endpoint: Option<&CloudEndpoint>, connection: Option<&Connection>) -> Judgement {
    use Remedy::{None as Nothing, Repair, Replace};
    let Some(endpoint) = endpoint.filter(|endpoint| endpoint.exists()) else {
        return Judgement::new(
            Status::Failed,
            Replace,
            "the VPC endpoint was deleted; only its registration with TiDB Cloud is left".to_owned(),
        );
    };
    let cloud_reason = |what: &str| match &endpoint.reason {
        Some(reason) => format!("{what}: {reason}"),
        None => what.to_owned(),
    };
    match &endpoint.state {
        CloudState::Deleting => {
            return Judgement::new(Status::Deleting, Replace, "the VPC endpoint is being deleted".to_owned());
        }
        CloudState::Rejected => {
            return Judgement::new(
                Status::Rejected,
                Replace,
                cloud_reason("the owner of the endpoint service rejected the VPC endpoint"),
            );
        }
        CloudState::Expired => {
            return Judgement::new(
                Status::Expired,
                Replace,
                cloud_reason("the VPC endpoint was not accepted in time and its request expired"),
            );
        }
        CloudState::Failed => {
            return Judgement::new(Status::Failed, Replace, cloud_reason("AWS reports the VPC endpoint as failed"));
        }
        CloudState::Deleted
        | CloudState::PendingAcceptance
        | CloudState::Pending
        | CloudState::Available
        | CloudState::Other(_) => {}
    }
    let registration = match connection.map(|connection| (&connection.state, &connection.message)) {
        Some((ConnectionState::Failed, message)) => {
            let message = message.as_deref().unwrap_or("TiDB Cloud gave no reason");
            return Judgement::new(
                Status::Failed,
                Repair,
                format!("TiDB Cloud could not accept the endpoint: {message}"),
            );
        }
        Some((ConnectionState::Deleting, _)) => {
            return Judgement::new(
                Status::Deleting,
                Repair,
                "the registration with TiDB Cloud is being deleted".to_owned(),
            );
        }
        None | Some((ConnectionState::Discovered, _)) => Err("not registered with TiDB Cloud"),
        Some((ConnectionState::Active, _)) => Ok(true),
        Some((ConnectionState::Pending | ConnectionState::Other(_), _)) => Ok(false),
    };
    let unfinished = super::marks::Unfinished::of(endpoint).is_some();
    match (registration, &endpoint.state) {
        (Err(missing), _) => Judgement::new(Status::Pending, Repair, missing.to_owned()),
        (Ok(true), CloudState::Available) if !unfinished => Judgement::new(Status::Active, Nothing, None),
        (Ok(true), CloudState::Available) => {
            Judgement::new(Status::Pending, Repair, "the last steps of making it are still to be done".to_owned())
        }
        (Ok(accepted), state) => Judgement::new(
            Status::Pending,
            Repair,
            format!(
                "AWS says {}, TiDB Cloud says {}",
                state.as_str(),
                if accepted { "active" } else { "pending" }
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::marks::tests::endpoint;
    use super::*;
    use crate::clouds::UNFINISHED_TAG;

    fn connection(state: ConnectionState, message: Option<&str>) -> Connection {
        Connection { state, message: message.map(Into::into), ..Connection::default() }
    }

    fn status(cloud: CloudState, registration: Option<ConnectionState>) -> (Status, Remedy) {
        let endpoint = CloudEndpoint { state: cloud, ..endpoint(&[]) };
        let connection = registration.map(|state| connection(state, None));
        let judged = judge(Some(&endpoint), connection.as_ref());
        assert_eq!(judged.reason.is_none(), judged.status == Status::Active, "a reason for all but active");
        (judged.status, judged.remedy)
    }

    #[test]
    fn active_needs_both_sides() {
        use CloudState::{Available, Pending, PendingAcceptance};
        use ConnectionState as Tidb;
        assert_eq!(status(Available, Some(Tidb::Active)), (Status::Active, Remedy::None));
        for (cloud, tidb) in [
            (Available, Some(Tidb::Pending)),
            (Available, None),
            (Available, Some(Tidb::Discovered)),
            (Available, Some(Tidb::Other("NEW".into()))),
            (Pending, Some(Tidb::Active)),
            (PendingAcceptance, None),
            (CloudState::Other("new".into()), Some(Tidb::Active)),
        ] {
            assert_eq!(status(cloud, tidb), (Status::Pending, Remedy::Repair));
        }
    }

    #[test]
    fn a_failed_registration_is_a_failure_with_its_reason_and_can_be_repaired() {
        let judged = judge(Some(&endpoint(&[])), Some(&connection(ConnectionState::Failed, Some("not there"))));
        assert_eq!((judged.status, judged.remedy), (Status::Failed, Remedy::Repair));
        assert!(judged.reason.is_some_and(|reason| reason.contains("not there")));
    }

    #[test]
    fn a_message_beside_an_active_registration_means_nothing() {
        let judged = judge(Some(&endpoint(&[])), Some(&connection(ConnectionState::Active, Some("does not exist"))));
        assert_eq!(judged.status, Status::Active);
    }

    #[test]
    fn a_cloud_endpoint_that_cannot_come_back_is_replaced() {
        for (cloud, expected) in [
            (CloudState::Rejected, Status::Rejected),
            (CloudState::Expired, Status::Expired),
            (CloudState::Failed, Status::Failed),
            (CloudState::Deleting, Status::Deleting),
            (CloudState::Deleted, Status::Failed),
        ] {
            assert_eq!(status(cloud, Some(ConnectionState::Active)), (expected, Remedy::Replace));
        }
        assert_eq!(judge(None, Some(&connection(ConnectionState::Active, None))).remedy, Remedy::Replace);
    }

    #[test]
    fn an_endpoint_that_still_bears_the_unfinished_mark_is_pending() {
        let judged = judge(
            Some(&endpoint(&[(UNFINISHED_TAG, "heartbeat=1 settings=a")])),
            Some(&connection(ConnectionState::Active, None)),
        );
        assert_eq!((judged.status, judged.remedy), (Status::Pending, Remedy::Repair));
    }
}
