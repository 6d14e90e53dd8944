//! Changing and taking down an endpoint. PrivateLink has a call for each single part and lets in one at a time, so a
//! change is a list of steps, each of which waits for the one before it.

use std::collections::BTreeMap;
use std::convert::Infallible;

use super::actions::{ADD_ZONE, ATTACH, DELETE, DETACH, REMOVE_ZONE, UPDATE};
use super::convert::Parts;
use super::products::Action;
use super::region::AlicloudRegion;
use crate::clouds::Change;
use crate::error::{ApiError, Cause, ErrorKind, Service};
use crate::ids::{EndpointId, SecurityGroupId, SubnetId, ZoneId};
use crate::operation::Operation;
use crate::wait::{NoPulse, Sight, WaitError, wait_for};

/// One call of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Rename(String),
    Attach(SecurityGroupId),
    Detach(SecurityGroupId),
    AddZone(ZoneId, SubnetId),
    RemoveZone(ZoneId, SubnetId),
}

impl Step {
    fn action(&self) -> Action {
        match self {
            Self::Rename(_) => UPDATE,
            Self::Attach(_) => ATTACH,
            Self::Detach(_) => DETACH,
            Self::AddZone(..) => ADD_ZONE,
            Self::RemoveZone(..) => REMOVE_ZONE,
        }
    }

    /// Whether the endpoint is as the step would make it.
    fn is_done(&self, parts: &Parts) -> bool {
        let has_group =
            |id: &SecurityGroupId| parts.groups.iter().any(|group| group.id == *id && !group.is_leaving());
        let has_vswitch =
            |id: &SubnetId| parts.zones.iter().any(|zone| zone.vswitch == *id && !zone.is_leaving());
        match self {
            Self::Rename(name) => parts.row.name.as_ref() == Some(name),
            Self::Attach(group) => has_group(group),
            Self::Detach(group) => !has_group(group),
            Self::AddZone(_, vswitch) => has_vswitch(vswitch),
            Self::RemoveZone(_, vswitch) => !has_vswitch(vswitch),
        }
    }
}

/// The steps from what is there to what is wanted: what is new comes before what goes, so that clients always have a way
/// in. Only a vSwitch that moves within its zone has to make room first.
///
/// # Errors
/// The vSwitch that cannot come, because another one that stays is in its zone.
fn steps(
    parts: &Parts,
    change: &Change,
    zones: &BTreeMap<SubnetId, ZoneId>,
) -> Result<Vec<Step>, (SubnetId, ZoneId)> {
    let mut steps: Vec<Step> = change.name.iter().cloned().map(Step::Rename).collect();
    steps.extend(change.add_security_groups.iter().cloned().map(Step::Attach));
    steps.extend(change.remove_security_groups.iter().cloned().map(Step::Detach));
    let mut leaving: BTreeMap<_, _> = parts
        .zones
        .iter()
        .filter(|zone| change.remove_subnets.contains(&zone.vswitch))
        .map(|zone| (zone.zone.clone(), zone.vswitch.clone()))
        .collect();
    for (vswitch, zone) in zones {
        let occupied = parts.zones.iter().any(|there| there.zone == *zone && there.vswitch != *vswitch);
        match leaving.remove_entry(zone) {
            Some((zone, old)) => steps.push(Step::RemoveZone(zone, old)),
            None if occupied => return Err((vswitch.clone(), zone.clone())),
            None => {}
        }
        steps.push(Step::AddZone(zone.clone(), vswitch.clone()));
    }
    steps.extend(leaving.into_iter().map(|(zone, vswitch)| Step::RemoveZone(zone, vswitch)));
    steps.retain(|step| !step.is_done(parts));
    Ok(steps)
}

impl AlicloudRegion {
    /// Makes a change, step by step, as the only one in this process that changes this endpoint.
    pub(super) async fn make_changes(
        &self,
        operation: &Operation,
        id: &EndpointId,
        change: &Change,
    ) -> Result<(), ApiError> {
        let zones = self.zones_of(operation, &change.add_subnets).await?;
        let _sole_right = self.sole_right(operation, id, UPDATE).await?;
        let parts = self.settled(operation, id, UPDATE).await?;
        let steps = steps(&parts, change, &zones).map_err(|(vswitch, zone)| crowded(&vswitch, &zone))?;
        for (index, step) in steps.iter().enumerate() {
            if index > 0 {
                let parts = self.settled(operation, id, step.action()).await?;
                if step.is_done(&parts) {
                    continue;
                }
            }
            self.take(operation, id, step).await?;
        }
        Ok(())
    }

    /// Takes one step. A refused one may be in place all the same: an attempt whose answer was lost took effect, or
    /// somebody else did the same.
    async fn take(&self, operation: &Operation, id: &EndpointId, step: &Step) -> Result<(), ApiError> {
        let params = self.params_of(id);
        let params = match step {
            Step::Rename(name) => params.with("EndpointName", name),
            Step::Attach(group) | Step::Detach(group) => params.with("SecurityGroupId", group.as_str()),
            Step::AddZone(zone, vswitch) => {
                params.with("ZoneId", zone.as_str()).with("VSwitchId", vswitch.as_str())
            }
            Step::RemoveZone(zone, _) => params.with("ZoneId", zone.as_str()),
        };
        let refusal = match self.write(operation, step.action(), params).await {
            Ok(_) => return Ok(()),
            Err(error) => error,
        };
        let answered = matches!(refusal.kind, ErrorKind::Invalid | ErrorKind::Conflict | ErrorKind::NotFound);
        if !answered || refusal.cause == Some(Cause::EndpointNotFound) {
            return Err(refusal);
        }
        let parts = self.parts(operation, id).await?;
        if parts.is_some_and(|parts| step.is_done(&parts)) { Ok(()) } else { Err(refusal) }
    }

    /// Takes an endpoint down: its zones first, one after the other, because it cannot go before they are gone.
    pub(super) async fn take_down(&self, operation: &Operation, id: &EndpointId) -> Result<(), ApiError> {
        let _sole_right = self.sole_right(operation, id, DELETE).await?;
        let Some(parts) = self.parts(operation, id).await? else { return Ok(()) };
        if parts.row.is_leaving() {
            return Ok(());
        }
        for zone in &parts.zones {
            if !zone.is_leaving() {
                let params = self.params_of(id).with("ZoneId", zone.zone.as_str());
                match self.write(operation, REMOVE_ZONE, params).await {
                    Err(error) if error.cause == Some(Cause::EndpointNotFound) => return Ok(()),
                    Err(error) if error.has_code("EndpointZoneNotFound") => continue,
                    answer => answer?,
                };
            }
            let without = |parts: &Parts| !parts.zones.iter().any(|there| there.zone == zone.zone);
            if self.wait_until(operation, id, REMOVE_ZONE, without).await?.is_none() {
                return Ok(());
            }
        }
        match self.write(operation, DELETE, self.params_of(id)).await {
            Err(error) if error.cause == Some(Cause::EndpointNotFound) => Ok(()),
            answer => answer.map(drop),
        }
    }

    async fn sole_right(
        &self,
        operation: &Operation,
        id: &EndpointId,
        action: Action,
    ) -> Result<impl Drop + use<>, ApiError> {
        let locked = self.locks.lock(operation, id).await;
        locked.map_err(|halt| ApiError::halted(Service::AlicloudPrivateLink, action.name, halt))
    }

    /// Waits until the endpoint takes the next change.
    async fn settled(
        &self,
        operation: &Operation,
        id: &EndpointId,
        action: Action,
    ) -> Result<Parts, ApiError> {
        let parts = self.wait_until(operation, id, action, Parts::takes_changes).await?;
        parts.ok_or_else(|| {
            let message = format!("the endpoint {id} does not exist in {}", self.region);
            let mut error =
                ApiError::new(Service::AlicloudPrivateLink, action.name, ErrorKind::NotFound, message);
            error.cause = Some(Cause::EndpointNotFound);
            error
        })
    }

    /// Waits until `done` is content with the endpoint; `None` when it went meanwhile. `action` is what the wait is for.
    async fn wait_until(
        &self,
        operation: &Operation,
        id: &EndpointId,
        action: Action,
        done: impl Fn(&Parts) -> bool + Send + Sync,
    ) -> Result<Option<Parts>, ApiError> {
        let subject = "the endpoint's last change to be through";
        let waited = wait_for::<_, Infallible, _, _>(operation, subject, &mut NoPulse, || async {
            Ok(match self.parts(operation, id).await? {
                Some(parts) if !done(&parts) => Sight::Pending(parts.describe()),
                parts => Sight::Done(parts),
            })
        })
        .await;
        waited.map_err(|error| match error {
            WaitError::Failed(never, _) => match never {},
            WaitError::Api(error, _) => error,
            WaitError::Halted(halt, history) => {
                let mut error = ApiError::halted(Service::AlicloudPrivateLink, action.name, halt);
                error.message = format!("{halt}; the endpoint's last change was not through: {history}");
                error
            }
        })
    }
}

fn crowded(vswitch: &SubnetId, zone: &ZoneId) -> ApiError {
    let message = format!("{vswitch} is in zone {zone}, where the endpoint has another vSwitch already");
    let mut error = ApiError::new(Service::AlicloudPrivateLink, ADD_ZONE.name, ErrorKind::Invalid, message);
    error.cause = Some(Cause::DuplicateZone);
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clouds::alicloud::convert::tests::parts;

    fn vswitch(number: u8) -> SubnetId {
        format!("vsw-t4n000000{number}").parse().expect("a vSwitch id")
    }

    fn zone(number: u8) -> ZoneId {
        ZoneId::new(format!("r-{number}"))
    }

    fn group(number: u8) -> SecurityGroupId {
        format!("sg-t4n000000{number}").parse().expect("a group id")
    }

    /// Plans a change of an endpoint with vSwitches 1 and 2 in zones 1 and 2 and group 1.
    fn planned(change: &Change, zones: &[(u8, u8)]) -> Result<Vec<Step>, (SubnetId, ZoneId)> {
        let zones = zones.iter().map(|(number, in_zone)| (vswitch(*number), zone(*in_zone))).collect();
        steps(&parts(), change, &zones)
    }

    #[test]
    fn what_is_new_comes_before_what_goes() {
        let change = Change {
            add_subnets: [vswitch(3)].into(),
            remove_subnets: [vswitch(1)].into(),
            add_security_groups: [group(2)].into(),
            remove_security_groups: [group(1)].into(),
            name: Some("other".into()),
            ..Change::default()
        };
        let expected = [
            Step::Rename("other".into()),
            Step::Attach(group(2)),
            Step::Detach(group(1)),
            Step::AddZone(zone(3), vswitch(3)),
            Step::RemoveZone(zone(1), vswitch(1)),
        ];
        assert_eq!(planned(&change, &[(3, 3)]), Ok(expected.to_vec()));
    }

    #[test]
    fn a_vswitch_that_moves_within_its_zone_makes_room_first() {
        let change = Change {
            add_subnets: [vswitch(5)].into(),
            remove_subnets: [vswitch(1)].into(),
            ..Change::default()
        };
        let expected = [Step::RemoveZone(zone(1), vswitch(1)), Step::AddZone(zone(1), vswitch(5))];
        assert_eq!(planned(&change, &[(5, 1)]), Ok(expected.to_vec()));
    }

    #[test]
    fn a_zone_that_is_taken_is_refused_before_anything_is_changed() {
        let change = Change { add_subnets: [vswitch(5)].into(), ..Change::default() };
        assert_eq!(planned(&change, &[(5, 1)]), Err((vswitch(5), zone(1))));
    }

    #[test]
    fn what_is_in_place_is_no_step() {
        let change = Change {
            add_subnets: [vswitch(1)].into(),
            remove_subnets: [vswitch(9)].into(),
            add_security_groups: [group(1)].into(),
            remove_security_groups: [group(9)].into(),
            name: Some("tidb".into()),
            ..Change::default()
        };
        assert_eq!(planned(&change, &[(1, 1)]), Ok(Vec::new()));
    }
}
