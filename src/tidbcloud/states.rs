//! The vocabularies of the APIs. Each tolerates words that it does not know, because TiDB Cloud may add some at any
//! time, and an absent word, because a field at its default may be left out of an answer.

use std::fmt;

/// An enum of the API's words. `as_str` gives the word as the API spells it, `Display` the same in lower case for
/// sentences.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
            /// A word that this version does not know; empty when there was none.
            Other(String),
        }

        impl $name {
            /// The value that a word of the API stands for, in whatever case it comes.
            pub(super) fn of(word: &str) -> Self {
                $(if word.eq_ignore_ascii_case($word) {
                    return Self::$variant;
                })*
                Self::Other(word.to_owned())
            }

            /// The word as the API spells it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)*
                    Self::Other(word) => word,
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.as_str() {
                    "" => f.write_str("unknown"),
                    word => f.write_str(&word.to_ascii_lowercase()),
                }
            }
        }
    };
}

words! {
    /// State of a cluster (Dedicated and serverless API, `commonv1beta1ClusterState`).
    ClusterState {
        /// Being created.
        Creating = "CREATING",
        /// Being deleted.
        Deleting = "DELETING",
        /// In use.
        Active = "ACTIVE",
        /// Its data is being restored.
        Restoring = "RESTORING",
        /// Under maintenance.
        Maintenance = "MAINTENANCE",
        /// Deleted.
        Deleted = "DELETED",
        /// Not active, but not being deleted either.
        Inactive = "INACTIVE",
        /// Being upgraded.
        Upgrading = "UPGRADING",
        /// Data is being imported.
        Importing = "IMPORTING",
        /// Being changed, for example scaled.
        Modifying = "MODIFYING",
        /// Being paused.
        Pausing = "PAUSING",
        /// Paused.
        Paused = "PAUSED",
        /// Being resumed.
        Resuming = "RESUMING",
    }
}

words! {
    /// State of a TiDB node group (Dedicated API, `TidbNodeGroup.state`).
    NodeGroupState {
        /// In use.
        Active = "ACTIVE",
        /// Being changed.
        Modifying = "MODIFYING",
        /// Paused with its cluster.
        Paused = "PAUSED",
    }
}

words! {
    /// State of an endpoint service (Dedicated API, `PrivateLinkService.state`; the legacy API has the same words).
    /// There is no word for a failure.
    LinkState {
        /// Being created, which takes 3 to 5 minutes.
        Creating = "CREATING",
        /// Endpoints can be made.
        Active = "ACTIVE",
        /// Being deleted with its cluster or node group.
        Deleting = "DELETING",
    }
}

words! {
    /// State of a registered endpoint (Dedicated API, `PrivateEndpointConnection.endpointState`).
    ConnectionState {
        /// Being accepted.
        Pending = "PENDING",
        /// Accepted and working.
        Active = "ACTIVE",
        /// Being deregistered.
        Deleting = "DELETING",
        /// Not accepted; the connection's message has the reason.
        Failed = "FAILED",
        /// TiDB Cloud sees the endpoint in the cloud, but nobody has registered it.
        Discovered = "DISCOVERED",
    }
}

words! {
    /// Plan of a cluster that the serverless API knows (`servicePlan`; older answers only have `clusterPlan`).
    ServerlessPlan {
        /// TiDB Cloud Starter, formerly Serverless.
        Starter = "Starter",
        /// TiDB Cloud Essential.
        Essential = "Essential",
        /// TiDB Cloud Premium.
        Premium = "Premium",
        /// Bring your own cloud.
        Byoc = "BYOC",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_cluster_state_is_known() {
        for word in [
            "CREATING",
            "DELETING",
            "ACTIVE",
            "RESTORING",
            "MAINTENANCE",
            "DELETED",
            "INACTIVE",
            "UPGRADING",
            "IMPORTING",
            "MODIFYING",
            "PAUSING",
            "PAUSED",
            "RESUMING",
        ] {
            let state = ClusterState::of(word);
            assert!(!matches!(state, ClusterState::Other(_)), "{word}");
            assert_eq!(state.as_str(), word);
            assert_eq!(state.to_string(), word.to_ascii_lowercase());
        }
    }

    #[test]
    fn an_unknown_word_is_kept_as_it_came() {
        let state = ConnectionState::of("QUARANTINED");
        assert_eq!(state, ConnectionState::Other("QUARANTINED".into()));
        assert_eq!(state.as_str(), "QUARANTINED");
        assert_eq!(state.to_string(), "quarantined");
    }

    #[test]
    fn a_missing_word_reads_unknown() {
        assert_eq!(LinkState::of("").to_string(), "unknown");
    }

    #[test]
    fn both_spellings_of_a_plan_are_one_plan() {
        assert_eq!(ServerlessPlan::of("STARTER"), ServerlessPlan::of("Starter"));
        assert_eq!(ServerlessPlan::of("Essential_V2"), ServerlessPlan::Other("Essential_V2".into()));
    }
}
