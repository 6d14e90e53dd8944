//! One status out of two sides. Pure: what the cloud and TiDB Cloud show goes in, the status that the user reads and
//! the reason come out.

use crate::clouds::{CloudEndpoint, CloudState};
use crate::ids::CloudName;
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

impl Status {
    /// The word that the user reads.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Deleting => "deleting",
        }
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

/// The remedy for an endpoint as its state shows it, in the words of `status` and `cloud_state`; `registered` tells
/// whether TiDB Cloud has to be told of the endpoint.
pub(super) fn remedy(status: &str, cloud_state: &str, connection_state: &str, registered: bool) -> Remedy {
    // TiDB Cloud rejects what it deregisters and accepts it when it is registered again; the others cannot come back.
    let lost = [CloudState::Deleted, CloudState::Deleting, CloudState::Expired, CloudState::Failed];
    let rejected = !registered && cloud_state == CloudState::Rejected.as_str();
    // Failed, although TiDB Cloud says active: the endpoint leads to a service that is no longer the cluster's.
    let astray = status == Status::Failed.as_str()
        && connection_state.eq_ignore_ascii_case(ConnectionState::Active.as_str());
    if rejected || astray || lost.iter().any(|state| state.as_str() == cloud_state) {
        Remedy::Replace
    } else if status == Status::Active.as_str() {
        Remedy::None
    } else {
        Remedy::Repair
    }
}

/// The status and its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Judgement {
    pub(super) status: Status,
    pub(super) reason: Option<String>,
}

impl Judgement {
    fn new(status: Status, reason: impl Into<Option<String>>) -> Self {
        Self { status, reason: reason.into() }
    }
}

/// Judges both sides; `cloud` and `registered` say which cloud that is and whether TiDB Cloud has to be told of the
/// endpoint. An endpoint that still bears the mark of being made is not active, whatever both sides say.
pub(super) fn judge(
    endpoint: Option<&CloudEndpoint>,
    connection: Option<&Connection>,
    cloud: CloudName,
    registered: bool,
) -> Judgement {
    let Some(endpoint) = endpoint.filter(|endpoint| endpoint.exists()) else {
        return Judgement::new(
            Status::Failed,
            "the VPC endpoint was deleted; only its registration with TiDB Cloud is left".to_owned(),
        );
    };
    if endpoint.is_seen()
        && let Some(service) = connection.and_then(|connection| connection.service_name.as_ref())
        && *service != endpoint.service_name
    {
        return Judgement::new(
            Status::Failed,
            format!(
                "the endpoint leads to {}, but the cluster's service was made anew and is {service} now",
                endpoint.service_name
            ),
        );
    }
    let cloud_reason = |what: &str| match &endpoint.reason {
        Some(reason) => format!("{what}: {reason}"),
        None => what.to_owned(),
    };
    match &endpoint.state {
        CloudState::Deleting => {
            return Judgement::new(Status::Deleting, "the VPC endpoint is being deleted".to_owned());
        }
        CloudState::Rejected => {
            return Judgement::new(
                Status::Rejected,
                cloud_reason("the owner of the endpoint service rejected the VPC endpoint"),
            );
        }
        CloudState::Expired => {
            return Judgement::new(
                Status::Expired,
                cloud_reason("the VPC endpoint was not accepted in time and its request expired"),
            );
        }
        CloudState::Failed => {
            return Judgement::new(
                Status::Failed,
                cloud_reason(&format!("{} reports the endpoint as failed", cloud.title())),
            );
        }
        CloudState::Deleted
        | CloudState::Unseen
        | CloudState::PendingAcceptance
        | CloudState::Pending
        | CloudState::Available
        | CloudState::Locked
        | CloudState::Disconnected
        | CloudState::Other(_) => {}
    }
    let unfinished = super::marks::Unfinished::of(endpoint).is_some();
    if !registered {
        return match &endpoint.state {
            CloudState::Available if !unfinished => Judgement::new(Status::Active, None),
            CloudState::Available => unfinished_judgement(),
            state => Judgement::new(
                Status::Pending,
                cloud_reason(&format!("{} says {}", cloud.title(), state.as_str())),
            ),
        };
    }
    let registration = match connection.map(|connection| (&connection.state, &connection.message)) {
        Some((ConnectionState::Failed, message)) => {
            let message = message.as_deref().unwrap_or("TiDB Cloud gave no reason");
            return Judgement::new(
                Status::Failed,
                format!("TiDB Cloud could not accept the endpoint: {message}"),
            );
        }
        Some((ConnectionState::Deleting, _)) => {
            return Judgement::new(
                Status::Deleting,
                "the registration with TiDB Cloud is being deleted".to_owned(),
            );
        }
        None | Some((ConnectionState::Discovered, _)) => Err("not registered with TiDB Cloud"),
        Some((ConnectionState::Active, _)) => Ok(true),
        Some((ConnectionState::Pending | ConnectionState::Other(_), _)) => Ok(false),
    };
    match (registration, &endpoint.state) {
        (Err(missing), _) => Judgement::new(Status::Pending, missing.to_owned()),
        (Ok(true), CloudState::Unseen) => Judgement::new(Status::Active, None),
        (Ok(false), CloudState::Unseen) => {
            Judgement::new(Status::Pending, "TiDB Cloud has not accepted the endpoint yet".to_owned())
        }
        (Ok(true), CloudState::Available) if !unfinished => Judgement::new(Status::Active, None),
        (Ok(true), CloudState::Available) => unfinished_judgement(),
        (Ok(accepted), state) => Judgement::new(
            Status::Pending,
            format!(
                "{} says {}, TiDB Cloud says {}",
                cloud.title(),
                state.as_str(),
                if accepted { "active" } else { "pending" }
            ),
        ),
    }
}

/// What still bears a mark of being made is not active.
pub(super) fn unfinished_judgement() -> Judgement {
    Judgement::new(Status::Pending, "the last steps of making it are still to be done".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::marks::tests::endpoint;
    use super::*;
    use crate::clouds::UNFINISHED_TAG;
    use crate::ids::ServiceName;

    fn connection(state: ConnectionState, message: Option<&str>) -> Connection {
        Connection { state, message: message.map(Into::into), ..Connection::default() }
    }

    /// Judges, and finds the remedy the way a plan does: from the words that the state keeps.
    fn status(cloud: CloudState, registration: Option<ConnectionState>) -> (Status, Remedy) {
        let endpoint = CloudEndpoint { state: cloud, ..endpoint(&[]) };
        let connection = registration.map(|state| connection(state, None));
        let judged = judge(Some(&endpoint), connection.as_ref(), CloudName::Aws, true);
        assert_eq!(judged.reason.is_none(), judged.status == Status::Active, "a reason for all but active");
        let connected = connection.map(|connection| connection.state.to_string()).unwrap_or_default();
        (judged.status, remedy(judged.status.as_str(), endpoint.state.as_str(), &connected, true))
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
        assert_eq!(
            status(CloudState::Available, Some(ConnectionState::Failed)),
            (Status::Failed, Remedy::Repair)
        );
        let judged = judge(
            Some(&endpoint(&[])),
            Some(&connection(ConnectionState::Failed, Some("not there"))),
            CloudName::Aws,
            true,
        );
        assert!(judged.reason.is_some_and(|reason| reason.contains("not there")));
    }

    #[test]
    fn an_endpoint_of_a_service_that_was_made_anew_is_replaced() {
        let moved = Connection {
            service_name: Some(ServiceName::new("com.amazonaws.vpce.us-west-2.vpce-svc-9")),
            ..connection(ConnectionState::Active, None)
        };
        let judged = judge(Some(&endpoint(&[])), Some(&moved), CloudName::Aws, true);
        assert_eq!(judged.status, Status::Failed);
        assert!(judged.reason.is_some_and(|reason| reason.contains("vpce-svc-9")));
        assert_eq!(remedy("failed", "available", "active", true), Remedy::Replace);
    }

    #[test]
    fn a_message_beside_an_active_registration_means_nothing() {
        let judged = judge(
            Some(&endpoint(&[])),
            Some(&connection(ConnectionState::Active, Some("does not exist"))),
            CloudName::Aws,
            true,
        );
        assert_eq!(judged.status, Status::Active);
    }

    #[test]
    fn a_rejected_endpoint_is_registered_again() {
        for registration in [None, Some(ConnectionState::Failed), Some(ConnectionState::Active)] {
            assert_eq!(status(CloudState::Rejected, registration), (Status::Rejected, Remedy::Repair));
        }
    }

    #[test]
    fn a_cloud_endpoint_that_cannot_come_back_is_replaced() {
        for (cloud, expected) in [
            (CloudState::Expired, Status::Expired),
            (CloudState::Failed, Status::Failed),
            (CloudState::Deleting, Status::Deleting),
            (CloudState::Deleted, Status::Failed),
        ] {
            assert_eq!(status(cloud, Some(ConnectionState::Active)), (expected, Remedy::Replace));
        }
        let gone = judge(None, Some(&connection(ConnectionState::Active, None)), CloudName::Aws, true);
        assert_eq!(
            remedy(gone.status.as_str(), CloudState::Deleted.as_str(), "active", true),
            Remedy::Replace
        );
    }

    #[test]
    fn of_an_endpoint_that_is_not_looked_at_tidb_cloud_alone_decides() {
        use ConnectionState as Tidb;
        for (registration, expected) in [
            (Some(Tidb::Active), (Status::Active, Remedy::None)),
            (Some(Tidb::Pending), (Status::Pending, Remedy::Repair)),
            (Some(Tidb::Failed), (Status::Failed, Remedy::Repair)),
            (Some(Tidb::Deleting), (Status::Deleting, Remedy::Repair)),
            (Some(Tidb::Discovered), (Status::Pending, Remedy::Repair)),
            (None, (Status::Pending, Remedy::Repair)),
        ] {
            assert_eq!(status(CloudState::Unseen, registration), expected);
        }
        let elsewhere = Connection {
            service_name: Some(ServiceName::new("com.amazonaws.vpce.us-west-2.vpce-svc-9")),
            ..connection(Tidb::Active, None)
        };
        let unseen = CloudEndpoint::unseen("vpce-01234567".parse().unwrap());
        let judged = judge(Some(&unseen), Some(&elsewhere), CloudName::Aws, true);
        assert_eq!(judged.status, Status::Active, "which service it leads to was not looked at");
    }

    #[test]
    fn an_endpoint_that_still_bears_the_unfinished_mark_is_pending() {
        let judged = judge(
            Some(&endpoint(&[(UNFINISHED_TAG, "heartbeat=1 settings=a")])),
            Some(&connection(ConnectionState::Active, None)),
            CloudName::Aws,
            true,
        );
        assert_eq!(judged.status, Status::Pending);
    }

    #[test]
    fn without_a_registration_the_cloud_alone_decides() {
        for (state, expected) in [
            (CloudState::Available, (Status::Active, Remedy::None)),
            (CloudState::Pending, (Status::Pending, Remedy::Repair)),
            (CloudState::Other("new".into()), (Status::Pending, Remedy::Repair)),
            (CloudState::Rejected, (Status::Rejected, Remedy::Replace)),
            (CloudState::Failed, (Status::Failed, Remedy::Replace)),
        ] {
            let endpoint = CloudEndpoint { state, ..endpoint(&[]) };
            let judged = judge(Some(&endpoint), None, CloudName::Aws, false);
            assert_eq!(
                (judged.status, remedy(judged.status.as_str(), endpoint.state.as_str(), "", false)),
                expected
            );
        }
    }
}
