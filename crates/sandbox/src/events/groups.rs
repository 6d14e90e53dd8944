//! What happens to security groups of either cloud. An id belongs to one cloud only.

use super::EventError;
use crate::world::{AlicloudRule, SecurityGroupRule, World};

/// Where clients are.
const PRIVATE: &str = "10.0.0.0/8";

impl World {
    pub(super) fn open_port(&mut self, group_id: &str, port: u16) -> Result<(), EventError> {
        if let Some(group) = self.aws.security_groups.iter_mut().find(|group| group.group_id == group_id) {
            let number = group.rules.len();
            group.rules.push(SecurityGroupRule {
                rule_id: format!("{}-{number}", group_id.replacen("sg-", "sgr-", 1)),
                protocol: "tcp".to_owned(),
                from_port: Some(port.into()),
                to_port: Some(port.into()),
                cidr_ipv4: Some(PRIVATE.to_owned()),
                ..SecurityGroupRule::default()
            });
            return Ok(());
        }
        let mut groups = self.alicloud.security_groups.iter_mut();
        let group = groups
            .find(|group| group.security_group_id == group_id)
            .ok_or_else(|| EventError(format!("there is no security group {group_id}")))?;
        group.ingress.push(AlicloudRule {
            protocol: "tcp".to_owned(),
            port_range: format!("{port}/{port}"),
            source_cidr: PRIVATE.to_owned(),
            ..AlicloudRule::default()
        });
        Ok(())
    }
}
