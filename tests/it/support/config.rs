//! Configuration as a user would write it: one service and one endpoint in the sandbox's default world, with what a
//! test varies.

use std::fmt::Write as _;

use tidblink_sandbox::default_world as ids;

/// The address of the endpoint service in every configuration here.
pub(crate) const SERVICE: &str = "tidblink_endpoint_service.orders";
/// The address of the private endpoint in every configuration here.
pub(crate) const ENDPOINT: &str = "tidblink_private_endpoint.app";

/// What every configuration has to require.
pub(crate) const REQUIRED: &str = r#"
terraform {
  required_providers {
    tidblink = {
      source = "tidblink/tidblink"
    }
  }
}
"#;

/// A configuration. The default one is complete and right.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    provider: String,
    cluster_id: String,
    node_group_id: Option<String>,
    vpc_id: String,
    subnet_ids: Option<Vec<String>>,
    security_group_ids: Option<Vec<String>>,
    private_dns_enabled: Option<bool>,
    tags: Vec<(String, String)>,
    arguments: String,
    existing: Option<String>,
}

impl Default for Endpoint {
    fn default() -> Self {
        Self {
            provider: "provider \"tidblink\" {}".into(),
            cluster_id: ids::DEDICATED_CLUSTER_ID.into(),
            node_group_id: None,
            vpc_id: ids::WEST_VPC_ID.into(),
            subnet_ids: Some(vec![ids::WEST_SUBNET_AZ1.into(), ids::WEST_SUBNET_AZ2.into()]),
            security_group_ids: Some(vec![ids::WEST_GROUP_OPEN.into()]),
            private_dns_enabled: None,
            tags: Vec::new(),
            arguments: String::new(),
            existing: None,
        }
    }
}

impl From<Endpoint> for String {
    fn from(endpoint: Endpoint) -> Self {
        endpoint.hcl()
    }
}

impl Endpoint {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// The same for a Starter cluster, whose service is shared with the other clusters of its region.
    pub(crate) fn starter() -> Self {
        Self::new()
            .cluster(ids::STARTER_CLUSTER_ID)
            .vpc(ids::EAST_VPC_ID)
            .subnets(&[ids::EAST_SUBNET_AZ1, ids::EAST_SUBNET_AZ2])
            .security_groups(&[ids::EAST_GROUP_OPEN])
    }

    /// The whole provider block.
    pub(crate) fn provider(mut self, block: &str) -> Self {
        self.provider = block.into();
        self
    }

    pub(crate) fn cluster(mut self, id: &str) -> Self {
        self.cluster_id = id.into();
        self
    }

    pub(crate) fn node_group(mut self, id: &str) -> Self {
        self.node_group_id = Some(id.into());
        self
    }

    pub(crate) fn vpc(mut self, id: &str) -> Self {
        self.vpc_id = id.into();
        self
    }

    pub(crate) fn subnets(mut self, ids: &[&str]) -> Self {
        self.subnet_ids = Some(ids.iter().map(ToString::to_string).collect());
        self
    }

    /// An endpoint that somebody else makes, instead of the `aws` block. The id is an expression.
    pub(crate) fn existing(mut self, endpoint_id: &str) -> Self {
        self.existing = Some(endpoint_id.into());
        self
    }

    pub(crate) fn without_subnets(mut self) -> Self {
        self.subnet_ids = None;
        self
    }

    pub(crate) fn security_groups(mut self, ids: &[&str]) -> Self {
        self.security_group_ids = Some(ids.iter().map(ToString::to_string).collect());
        self
    }

    pub(crate) fn without_security_groups(mut self) -> Self {
        self.security_group_ids = None;
        self
    }

    pub(crate) fn private_dns(mut self, enabled: bool) -> Self {
        self.private_dns_enabled = Some(enabled);
        self
    }

    pub(crate) fn tag(mut self, key: &str, value: &str) -> Self {
        self.tags.push((key.into(), value.into()));
        self
    }

    /// More arguments or blocks of the endpoint, as HCL.
    pub(crate) fn arguments(mut self, hcl: &str) -> Self {
        self.arguments = hcl.into();
        self
    }

    /// The text of `main.tf`.
    pub(crate) fn hcl(&self) -> String {
        let mut hcl = self.service_hcl();
        let _ = writeln!(hcl, "resource \"tidblink_private_endpoint\" \"app\" {{");
        let _ = writeln!(hcl, "  service_id = {SERVICE}.id");
        hcl.push_str(&match &self.existing {
            Some(id) => format!("  existing = {{\n    endpoint_id = {id}\n  }}\n"),
            None => self.aws_hcl(),
        });
        let _ = writeln!(hcl, "{}\n}}", self.arguments);
        for name in ["host", "port"] {
            let _ = writeln!(hcl, "output {name:?} {{\n  value = {ENDPOINT}.{name}\n}}");
        }
        hcl
    }

    fn aws_hcl(&self) -> String {
        let mut hcl = String::new();
        let _ = writeln!(hcl, "  aws = {{");
        let _ = writeln!(hcl, "    vpc_id = {:?}", self.vpc_id);
        if let Some(ids) = &self.subnet_ids {
            let _ = writeln!(hcl, "    subnet_ids = {ids:?}");
        }
        if let Some(ids) = &self.security_group_ids {
            let _ = writeln!(hcl, "    security_group_ids = {ids:?}");
        }
        if let Some(enabled) = self.private_dns_enabled {
            let _ = writeln!(hcl, "    private_dns_enabled = {enabled}");
        }
        if !self.tags.is_empty() {
            let tags: Vec<_> = self.tags.iter().map(|(key, value)| format!("{key:?} = {value:?}")).collect();
            let _ = writeln!(hcl, "    tags = {{ {} }}", tags.join(", "));
        }
        hcl.push_str("  }\n");
        hcl
    }

    /// The provider alone.
    pub(crate) fn provider_hcl(&self) -> String {
        format!("{REQUIRED}\n{}\n\n", self.provider)
    }

    /// The same without the endpoint: what stays when only the endpoint goes.
    pub(crate) fn service_hcl(&self) -> String {
        let mut hcl = self.provider_hcl();
        let _ = writeln!(hcl, "resource \"tidblink_endpoint_service\" \"orders\" {{");
        let _ = writeln!(hcl, "  cluster_id = {:?}", self.cluster_id);
        if let Some(id) = &self.node_group_id {
            let _ = writeln!(hcl, "  node_group_id = {id:?}");
        }
        let _ = writeln!(hcl, "}}");
        hcl
    }
}
