//! What the user writes about an endpoint service and what they get, with the schema beside it.

use std::collections::BTreeSet;
use std::time::Duration;

use tfplugin::schema::{Attribute, Schema};
use tfplugin::timeouts::timeouts_attribute;
use tfplugin::value::Type;
use tfplugin::{Attr, model};

use super::lookup::Found;
use crate::ids::{CloudName, ServiceId};
use crate::tidbcloud::LinkState;

model! {
    /// The user's time limits.
    #[derive(PartialEq)]
    pub struct ServiceTimeouts {
        /// How long to wait for the service to be ready.
        pub create: Attr<String>,
    }
}

model! {
    /// The state of `tidblink_endpoint_service`.
    #[derive(PartialEq)]
    pub struct EndpointServiceModel {
        /// `dedicated/CLUSTER/NODE_GROUP` or `serverless/CLUSTER`.
        pub id: Attr<String>,
        /// The cluster.
        pub cluster_id: Attr<String>,
        /// The node group, for Dedicated.
        pub node_group_id: Attr<String>,
        /// `dedicated`, `starter` or `essential`.
        pub plan: Attr<String>,
        /// The project that the cluster belongs to.
        pub project_id: Attr<String>,
        /// The cloud that the service is on.
        pub cloud_provider: Attr<String>,
        /// The region in the cloud's own spelling.
        pub region: Attr<String>,
        /// The name that the cloud knows the service by.
        pub service_name: Attr<String>,
        /// The name that clients connect to.
        pub host: Attr<String>,
        /// The port that clients connect to.
        pub port: Attr<i64>,
        /// The zones that endpoints can be in.
        pub availability_zone_ids: Attr<BTreeSet<String>>,
        /// `creating`, `active` or `deleting`.
        pub state: Attr<String>,
        /// The user's time limits.
        pub timeouts: Attr<ServiceTimeouts>,
    }
}

/// A service that is not active yet, in the words of `state`.
pub(super) const CREATING: &str = "creating";
/// A service that is ready.
pub(super) const ACTIVE: &str = "active";

impl EndpointServiceModel {
    /// Takes over everything that TiDB Cloud says. What it does not say (any more) keeps its value.
    pub(super) fn fill(&mut self, found: &Found) {
        self.id = Attr::Known(found.id.to_string());
        self.cluster_id = Attr::Known(found.id.cluster().to_string());
        self.node_group_id = match &found.id {
            ServiceId::Dedicated { node_group, .. } => Attr::Known(node_group.to_string()),
            ServiceId::Serverless { .. } => Attr::Null,
        };
        self.plan = Attr::Known(found.plan.as_str().into());
        keep(&mut self.project_id, found.project.as_ref().map(ToString::to_string));
        self.cloud_provider = Attr::Known(found.cloud.to_string());
        self.region = Attr::Known(found.region.to_string());
        self.port = Attr::Known(found.port.into());
        let link = found.link.as_ref();
        keep(
            &mut self.service_name,
            link.and_then(|link| link.service_name.as_ref()).map(ToString::to_string),
        );
        keep(&mut self.host, link.and_then(|link| link.host.clone()));
        keep(
            &mut self.availability_zone_ids,
            link.filter(|link| !link.zones.is_empty())
                .map(|link| link.zones.iter().map(ToString::to_string).collect()),
        );
        self.state = Attr::Known(match link.map(|link| &link.state) {
            None | Some(LinkState::Creating) => CREATING.to_owned(),
            Some(state) => state.to_string().to_ascii_lowercase(),
        });
    }

    /// The same for a plan: what may still change before the apply is unknown.
    pub(super) fn fill_planned(&mut self, found: &Found) {
        self.fill(found);
        if self.service_name.is_null() {
            self.service_name = Attr::Unknown;
        }
        if self.host.is_null() && found.cloud != CloudName::Alicloud {
            self.host = Attr::Unknown;
        }
        self.state = Attr::Unknown;
        self.availability_zone_ids = Attr::Unknown;
    }
}

/// Sets what is said, keeps what was there, and turns an unknown that nobody resolves into null.
fn keep<T>(attribute: &mut Attr<T>, said: Option<T>) {
    match said {
        Some(value) => *attribute = Attr::Known(value),
        None if attribute.is_unknown() => *attribute = Attr::Null,
        None => {}
    }
}
/// How long to wait for a service unless the user says otherwise. TiDB Cloud takes 3 to 5 minutes.
pub(super) const DEFAULT_CREATE_TIMEOUT: Duration = Duration::from_secs(30 * 60);

pub(super) fn schema() -> Schema {
    Schema::new(0)
        .description(
            "The endpoint service of a TiDB Cloud cluster: what a private endpoint connects to.\n\n\
             TiDB Cloud makes the service together with the cluster, so its values are known already at plan. Creating \
             this resource waits until the service is active; a Dedicated cluster that was created before 2023-03-28 and \
             has no service yet is asked to get one. There is no call that deletes a service: destroying this \
             resource only forgets it.",
        )
        .attribute(
            Attribute::string("id")
                .computed()
                .use_state_for_unknown()
                .description("`dedicated/CLUSTER/NODE_GROUP` or `serverless/CLUSTER`. Also what `terraform import` takes."),
        )
        .attribute(
            Attribute::string("cluster_id")
                .required()
                .requires_replace()
                .description("Id of the TiDB Cloud cluster, a decimal number. Branches of a cluster are not served."),
        )
        .attribute(
            Attribute::string("node_group_id")
                .optional()
                .computed()
                .requires_replace()
                .use_state_for_unknown()
                .description(
                    "Id of the TiDB node group of a Dedicated cluster. The cluster's default group when left out; null for \
                     Starter and Essential, which have none.",
                ),
        )
        .attribute(
            Attribute::string("plan")
                .computed()
                .use_state_for_unknown()
                .description("Plan of the cluster: `dedicated`, `starter` or `essential`."),
        )
        .attribute(
            Attribute::string("project_id")
                .computed()
                .use_state_for_unknown()
                .description("Id of the TiDB Cloud project that the cluster belongs to."),
        )
        .attribute(
            Attribute::string("cloud_provider")
                .computed()
                .use_state_for_unknown()
                .description("Cloud that the cluster runs on: `aws` or `alicloud`."),
        )
        .attribute(
            Attribute::string("region")
                .computed()
                .use_state_for_unknown()
                .description("Region of the service, such as `us-west-2`. Private endpoints must be in the same region."),
        )
        .attribute(
            Attribute::string("service_name")
                .computed()
                .use_state_for_unknown()
                .description("Name of the service in its cloud, such as `com.amazonaws.vpce.us-west-2.vpce-svc-…`."),
        )
        .attribute(
            Attribute::string("host")
                .computed()
                .use_state_for_unknown()
                .description("DNS name that clients in the VPC connect to once a private endpoint is active. Null on Alibaba Cloud, \
                     where each endpoint has a name of its own."),
        )
        .attribute(
            Attribute::int64("port")
                .computed()
                .use_state_for_unknown()
                .description("TCP port that clients connect to; 4000 unless the cluster was given another one."),
        )
        .attribute(
            Attribute::set("availability_zone_ids", Type::String)
                .computed()
                .use_state_for_unknown()
                .description(
                    "Ids of the zones that the service is offered in, such as `usw2-az1`. Zone ids mean the same in every \
                     account; zone names such as `us-west-2a` do not.",
                ),
        )
        .attribute(
            Attribute::string("state")
                .computed()
                .description("`creating` (TiDB Cloud takes 3 to 5 minutes), `active` or `deleting`."),
        )
        .attribute(timeouts_attribute(&[("create", DEFAULT_CREATE_TIMEOUT)]))
}
