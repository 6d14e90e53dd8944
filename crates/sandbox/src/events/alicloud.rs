//! What happens to Alibaba Cloud endpoints. Changes of zones and groups are complete at once: whoever made them waited.

use super::{EventError, no_endpoint};
use crate::world::{
    AlicloudConnectionStatus, AlicloudEndpoint, AlicloudEndpointGroup, AlicloudEndpointStatus,
    AlicloudGroupStatus, AlicloudZoneStatus, NewAlicloudZone, World,
};

impl World {
    pub(super) fn alicloud_slot(&mut self, endpoint_id: &str) -> Result<&mut AlicloudEndpoint, EventError> {
        self.alicloud.endpoint_mut(endpoint_id).ok_or_else(|| no_endpoint(endpoint_id))
    }

    pub(super) fn disconnect_alicloud_endpoint(&mut self, endpoint_id: &str) -> Result<(), EventError> {
        let endpoint = self.alicloud_slot(endpoint_id)?;
        disconnect(endpoint, AlicloudConnectionStatus::Disconnected);
        Ok(())
    }

    pub(super) fn withdraw_alicloud_service(&mut self, service_name: &str) {
        self.alicloud.services.retain(|service| service.service_name != service_name);
        for endpoint in &mut self.alicloud.endpoints {
            let stays = endpoint.status != AlicloudEndpointStatus::Deleting;
            if endpoint.service_name == service_name && stays {
                disconnect(endpoint, AlicloudConnectionStatus::ServiceDeleted);
            }
        }
    }

    pub(super) fn set_alicloud_groups(
        &mut self,
        endpoint_id: &str,
        group_ids: &[String],
    ) -> Result<(), EventError> {
        let endpoint = self.alicloud_slot(endpoint_id)?;
        endpoint.security_groups = group_ids
            .iter()
            .map(|id| AlicloudEndpointGroup {
                security_group_id: id.clone(),
                status: AlicloudGroupStatus::Attached,
            })
            .collect();
        Ok(())
    }

    pub(super) fn set_alicloud_vswitches(
        &mut self,
        endpoint_id: &str,
        vswitch_ids: &[String],
    ) -> Result<(), EventError> {
        let mut wanted = Vec::new();
        for vswitch_id in vswitch_ids {
            let vswitch = self
                .alicloud
                .vswitch(vswitch_id)
                .ok_or_else(|| EventError(format!("there is no vSwitch {vswitch_id}")))?;
            wanted.push(NewAlicloudZone {
                zone_id: vswitch.zone_id.clone(),
                vswitch_id: vswitch_id.clone(),
                ip: None,
            });
        }
        let present = self.alicloud_slot(endpoint_id)?.zones.clone();
        for zone in &present {
            if !vswitch_ids.contains(&zone.vswitch_id) {
                self.drop_alicloud_zone(endpoint_id, &zone.zone_id);
            }
        }
        for zone in wanted {
            if !present.iter().any(|present| present.vswitch_id == zone.vswitch_id) {
                self.put_alicloud_zone(endpoint_id, &zone);
            }
        }
        let endpoint = self.alicloud_slot(endpoint_id)?;
        let connected = endpoint.connection_status == AlicloudConnectionStatus::Connected;
        for zone in &mut endpoint.zones {
            if zone.status == AlicloudZoneStatus::Creating && connected {
                zone.status = AlicloudZoneStatus::Connected;
                zone.due = None;
            }
        }
        Ok(())
    }
}

fn disconnect(endpoint: &mut AlicloudEndpoint, status: AlicloudConnectionStatus) {
    endpoint.connection_status = status;
    endpoint.connection_due = None;
    for zone in &mut endpoint.zones {
        if matches!(zone.status, AlicloudZoneStatus::Connecting | AlicloudZoneStatus::Connected) {
            zone.status = AlicloudZoneStatus::Disconnected;
            zone.due = None;
        }
    }
}
