//! What the credentials must be allowed to do. Every client declares the operations that it calls, each with what it
//! takes; here those declarations become policies for AWS and Alibaba Cloud, and the table of what the TiDB Cloud key is
//! used for. Nothing here is asked at run time: the services judge, and `diagnose` puts their refusals into words.

mod policy;

use std::borrow::Cow;

use serde_json::{Value, json};

pub use policy::{Dialect, policy};

use crate::clouds::{alicloud, aws};
use crate::retry::Effect;
use crate::tidbcloud;

/// Declares the operations of a client as constants, together with the list of them all, so that none can be called that
/// is not on the list.
macro_rules! declare {
    ($vis:vis $all:ident: [$type:ty] { $($(#[$doc:meta])* $name:ident = $value:expr;)+ }) => {
        $($(#[$doc])* $vis const $name: $type = $value;)+
        /// All of them.
        $vis const $all: &[$type] = &[$($name),+];
    };
}
pub(crate) use declare;

/// What a permission is for. A policy may leave out what nobody uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    /// Refreshing and planning, and the checks of the network before anything is made.
    Plan,
    /// Making, changing and deleting endpoints.
    Endpoints,
    /// Marking endpoints as this provider's, counting who uses a shared one, and the user's own tags.
    Tags,
    /// Looking, after a delete, whether the endpoint's network interfaces are gone (AWS).
    AfterDelete,
    /// Private DNS (AWS).
    PrivateDns,
    /// Taking a role on, for whoever names one in `assume_role`.
    AssumeRole,
}

impl Feature {
    /// What a plan and a refresh take.
    pub const PLAN: [Self; 1] = [Self::Plan];
    /// What the whole life of an endpoint takes.
    pub const WHOLE_LIFE: [Self; 5] =
        [Self::Plan, Self::Endpoints, Self::Tags, Self::AfterDelete, Self::PrivateDns];
    /// What taking a role on takes.
    pub const ROLE: [Self; 1] = [Self::AssumeRole];

    /// Its name, for statements and documentation.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plan => "Plan",
            Self::Endpoints => "Endpoints",
            Self::Tags => "Tags",
            Self::AfterDelete => "AfterDelete",
            Self::PrivateDns => "PrivateDns",
            Self::AssumeRole => "AssumeRole",
        }
    }
}

/// One action as policies write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// With its service, e.g. `ec2:CreateVpcEndpoint`.
    pub action: Cow<'static, str>,
    /// What it is for.
    pub feature: Feature,
    /// What it is done on, as patterns of resource names.
    pub resources: &'static [&'static str],
}

/// Whom an operation of TiDB Cloud is open to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TidbOperation {
    /// The API that has it.
    pub api: &'static str,
    /// Its name there.
    pub name: &'static str,
    /// Whether it changes something, which takes an owner's role.
    pub changes: bool,
}

/// Everything that is done on AWS, without repetitions.
pub fn aws_permissions() -> Vec<Permission> {
    distinct(aws::permissions())
}

/// Everything that is done on Alibaba Cloud, without repetitions.
pub fn alicloud_permissions() -> Vec<Permission> {
    distinct(alicloud::permissions())
}

/// Everything that is done at TiDB Cloud.
pub fn tidb_operations() -> Vec<TidbOperation> {
    let calls = tidbcloud::CALLS.iter().map(|call| TidbOperation {
        api: call.service.name(),
        name: call.name,
        changes: call.effect == Effect::Write,
    });
    calls.collect()
}

fn distinct(all: impl Iterator<Item = Permission>) -> Vec<Permission> {
    let mut kept: Vec<Permission> = Vec::new();
    for permission in all {
        if !kept.contains(&permission) {
            kept.push(permission);
        }
    }
    kept.sort_by(|a, b| (a.feature, &a.action).cmp(&(b.feature, &b.action)));
    kept
}

/// All policies and tables, for the documentation and for whoever asks the program.
pub fn document() -> Value {
    let cloud = |permissions: &[Permission], dialect: Dialect| {
        let features = permissions.iter().fold(serde_json::Map::new(), |mut features, permission| {
            let actions = features.entry(permission.feature.name()).or_insert_with(|| json!([]));
            if let Some(actions) = actions.as_array_mut() {
                actions.push(json!(permission.action));
            }
            features
        });
        json!({
            "features": features,
            "plan": policy(permissions, &Feature::PLAN, dialect),
            "apply": policy(permissions, &Feature::WHOLE_LIFE, dialect),
            "assume_role": policy(permissions, &Feature::ROLE, dialect),
        })
    };
    let operations = tidb_operations().into_iter().map(|operation| {
        json!({ "api": operation.api, "operation": operation.name, "changes": operation.changes })
    });
    json!({
        "aws": cloud(&aws_permissions(), Dialect::Aws),
        "alicloud": cloud(&alicloud_permissions(), Dialect::Alicloud),
        "tidb_cloud": operations.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_action_is_for_two_features_or_on_two_sets_of_resources() {
        for permissions in [aws_permissions(), alicloud_permissions()] {
            let mut actions: Vec<_> = permissions.iter().map(|it| it.action.as_ref()).collect();
            actions.sort_unstable();
            let number = actions.len();
            actions.dedup();
            assert_eq!(actions.len(), number, "{permissions:?}");
        }
    }

    #[test]
    fn a_plan_is_allowed_to_look_and_nothing_else() {
        for permissions in [aws_permissions(), alicloud_permissions()] {
            for permission in permissions.iter().filter(|it| it.feature == Feature::Plan) {
                let (_, verb) = permission.action.split_once(':').expect("a service");
                let looks = ["Describe", "List", "Get"].iter().any(|prefix| verb.starts_with(prefix));
                assert!(looks, "{}", permission.action);
            }
        }
    }

    #[test]
    fn what_tidb_cloud_changes_is_told_from_what_it_shows() {
        for operation in tidb_operations() {
            let shows = ["Get", "List"].iter().any(|prefix| operation.name.starts_with(prefix));
            assert_eq!(operation.changes, !shows, "{operation:?}");
        }
    }
}
