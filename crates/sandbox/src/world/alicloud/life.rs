//! What happens to PrivateLink endpoints by itself. An endpoint that is made becomes Active; when its service accepts by
//! itself the connection follows, and the zones follow the connection. A zone that comes later joins on its own.

use crate::clock::Timestamp;
use crate::world::{
    AlicloudConnectionStatus, AlicloudEndpoint, AlicloudEndpointStatus, AlicloudGroupStatus,
    AlicloudZoneStatus, World,
};

/// The part of an endpoint that will change.
pub(in crate::world) enum AlicloudNext {
    Endpoint(String),
    Connection(String),
    Zone(String, String),
}

/// What is due in an endpoint.
pub(in crate::world) fn due(endpoint: &AlicloudEndpoint) -> impl Iterator<Item = (Timestamp, AlicloudNext)> {
    let id = &endpoint.endpoint_id;
    let own = endpoint.due.map(|due| (due, AlicloudNext::Endpoint(id.clone())));
    let connection = endpoint.connection_due.map(|due| (due, AlicloudNext::Connection(id.clone())));
    let zones = endpoint
        .zones
        .iter()
        .filter_map(|zone| Some((zone.due?, AlicloudNext::Zone(id.clone(), zone.zone_id.clone()))));
    own.into_iter().chain(connection).chain(zones)
}

impl World {
    pub(in crate::world) fn advance_alicloud(&mut self, next: AlicloudNext) {
        match next {
            AlicloudNext::Endpoint(id) => self.advance_alicloud_endpoint(&id),
            AlicloudNext::Connection(id) => self.advance_alicloud_connection(&id),
            AlicloudNext::Zone(id, zone) => self.advance_alicloud_zone(&id, &zone),
        }
    }

    fn advance_alicloud_endpoint(&mut self, endpoint_id: &str) {
        let Some(endpoint) = self.alicloud.endpoint_mut(endpoint_id) else {
            return;
        };
        endpoint.due = None;
        match endpoint.status {
            AlicloudEndpointStatus::Creating => {
                endpoint.status = AlicloudEndpointStatus::Active;
                settle_groups(endpoint);
                let (region, service_name) = (endpoint.region.clone(), endpoint.service_name.clone());
                let accepts =
                    self.alicloud.service(&region, &service_name).is_some_and(|service| service.auto_accept);
                if accepts {
                    self.connect_alicloud_endpoint(endpoint_id);
                }
            }
            AlicloudEndpointStatus::Pending => {
                endpoint.status = AlicloudEndpointStatus::Active;
                settle_groups(endpoint);
                let gone: Vec<String> = endpoint
                    .zones
                    .iter()
                    .filter(|zone| zone.status == AlicloudZoneStatus::Deleting)
                    .map(|zone| zone.zone_id.clone())
                    .collect();
                for zone_id in gone {
                    self.drop_alicloud_zone(endpoint_id, &zone_id);
                }
            }
            AlicloudEndpointStatus::Deleting => {
                self.alicloud.endpoints.retain(|endpoint| endpoint.endpoint_id != endpoint_id);
            }
            AlicloudEndpointStatus::Active => {}
        }
    }

    /// The service accepts: the connection and the zones that wait for it begin to be made.
    pub(crate) fn connect_alicloud_endpoint(&mut self, endpoint_id: &str) {
        let due = self.now.plus_seconds(self.delays.alicloud_endpoint_connect);
        if let Some(endpoint) = self.alicloud.endpoint_mut(endpoint_id) {
            endpoint.connection_status = AlicloudConnectionStatus::Connecting;
            endpoint.connection_due = Some(due);
            for zone in &mut endpoint.zones {
                if matches!(zone.status, AlicloudZoneStatus::Wait | AlicloudZoneStatus::Disconnected) {
                    zone.status = AlicloudZoneStatus::Connecting;
                }
            }
        }
    }

    fn advance_alicloud_connection(&mut self, endpoint_id: &str) {
        let Some(endpoint) = self.alicloud.endpoint_mut(endpoint_id) else {
            return;
        };
        endpoint.connection_due = None;
        if endpoint.connection_status == AlicloudConnectionStatus::Connecting {
            endpoint.connection_status = AlicloudConnectionStatus::Connected;
            for zone in &mut endpoint.zones {
                if zone.status == AlicloudZoneStatus::Connecting {
                    zone.status = AlicloudZoneStatus::Connected;
                }
            }
        }
    }

    fn advance_alicloud_zone(&mut self, endpoint_id: &str, zone_id: &str) {
        let joined_at = self.now.plus_seconds(self.delays.alicloud_endpoint_connect);
        let Some(endpoint) = self.alicloud.endpoint_mut(endpoint_id) else {
            return;
        };
        let connection = endpoint.connection_status;
        let Some(zone) = endpoint.zones.iter_mut().find(|zone| zone.zone_id == zone_id) else {
            return;
        };
        zone.due = None;
        match (zone.status, connection) {
            (AlicloudZoneStatus::Creating, AlicloudConnectionStatus::Connected) => {
                zone.status = AlicloudZoneStatus::Connecting;
                zone.due = Some(joined_at);
            }
            // The connection takes it along when it is made.
            (AlicloudZoneStatus::Creating, AlicloudConnectionStatus::Connecting) => {
                zone.status = AlicloudZoneStatus::Connecting;
            }
            (AlicloudZoneStatus::Creating, _) => zone.status = AlicloudZoneStatus::Wait,
            (AlicloudZoneStatus::Connecting, AlicloudConnectionStatus::Connected) => {
                zone.status = AlicloudZoneStatus::Connected;
            }
            _ => {}
        }
    }
}

fn settle_groups(endpoint: &mut AlicloudEndpoint) {
    endpoint.security_groups.retain(|group| group.status != AlicloudGroupStatus::Detaching);
    for group in &mut endpoint.security_groups {
        group.status = AlicloudGroupStatus::Attached;
    }
}
