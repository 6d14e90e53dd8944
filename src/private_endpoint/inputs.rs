//! What a configuration or a plan asks for, parsed once: ids are checked here, each on its attribute.

use std::collections::BTreeSet;

use tfplugin::{Attr, AttributePath, Diagnostics};

use super::existing;
use super::model::{IdSet, PrivateEndpointModel};
use crate::clouds::{Concern, Wish};
use crate::codes::Code;
use crate::diagnose;
use crate::ids::{CloudId, CloudName, EndpointId, IdError, SecurityGroupId, ServiceId, SubnetId, VpcId};

/// The inputs, parsed. Unknown stays unknown, left out is null.
#[derive(Clone, Debug)]
pub(super) struct Inputs {
    pub(super) service: Attr<ServiceId>,
    /// The endpoint that somebody else makes; null where the cloud side is this resource's.
    pub(super) existing: Attr<EndpointId>,
    /// The cloud whose block is set; AWS for one that somebody else makes, since only Dedicated clusters ask for that.
    pub(super) cloud: CloudName,
    pub(super) vpc: Attr<VpcId>,
    pub(super) subnets: Attr<BTreeSet<SubnetId>>,
    pub(super) security_groups: Attr<BTreeSet<SecurityGroupId>>,
    pub(super) private_dns: bool,
    pub(super) name: Attr<String>,
    /// The endpoint that comes into this resource's care with an update.
    pub(super) taken_over: Option<EndpointId>,
}

impl Inputs {
    /// Parses a configuration or a plan. Every malformed id is a diagnostic on its attribute.
    pub(super) fn parse(model: &PrivateEndpointModel, diagnostics: &mut Diagnostics) -> Self {
        let service =
            parse_with(&model.service_id, str::parse, || AttributePath::of("service_id"), diagnostics);
        let existing = match &model.existing {
            Attr::Null => Attr::Null,
            Attr::Unknown => Attr::Unknown,
            // Which cloud's ids are right is known with the service.
            Attr::Known(block) => {
                parse_with(&block.endpoint_id, str::parse, existing::attribute, diagnostics)
            }
        };
        let cloud = if model.alicloud.is_null() { CloudName::Aws } else { CloudName::Alicloud };
        let (unknown, vpc, subnets, groups, private_dns, name) = match cloud {
            CloudName::Alicloud => {
                let block = model.alicloud.known().cloned().unwrap_or_default();
                let unknown = model.alicloud.is_unknown();
                (unknown, block.vpc_id, block.vswitch_ids, block.security_group_ids, false, block.name)
            }
            _ => {
                let block = model.aws.known().cloned().unwrap_or_default();
                let private_dns = block.private_dns_enabled.known_or(true);
                let unknown = model.aws.is_unknown();
                (unknown, block.vpc_id, block.subnet_ids, block.security_group_ids, private_dns, Attr::Null)
            }
        };
        let at = |concern| move || diagnose::attribute_of(cloud, concern);
        let vpc = parse_in(cloud, &vpc, at(Concern::Vpc), diagnostics);
        let subnets = parse_set(cloud, &subnets, at(Concern::Subnets), diagnostics);
        let security_groups = parse_set(cloud, &groups, at(Concern::SecurityGroups), diagnostics);
        Self {
            service,
            existing,
            cloud,
            vpc: if unknown { Attr::Unknown } else { vpc },
            subnets: if unknown { Attr::Unknown } else { subnets },
            security_groups: if unknown { Attr::Unknown } else { security_groups },
            private_dns,
            name,
            taken_over: None,
        }
    }

    /// The wish for the cloud side, once the VPC is known. Unknown subnets and groups are left out; what is found
    /// about them then means nothing.
    pub(super) fn wish(&self) -> Option<Wish> {
        Some(Wish {
            vpc: self.vpc.known()?.clone(),
            subnets: self.subnets.known().cloned(),
            security_groups: self.security_groups.known().cloned(),
            private_dns: self.private_dns,
            name: self.name.known().cloned(),
        })
    }
}

fn parse_with<T>(
    attribute: &Attr<String>,
    parse: impl Fn(&str) -> Result<T, IdError>,
    path: impl Fn() -> AttributePath,
    diagnostics: &mut Diagnostics,
) -> Attr<T> {
    match attribute {
        Attr::Null => Attr::Null,
        Attr::Unknown => Attr::Unknown,
        Attr::Known(text) => match parse(text) {
            Ok(id) => Attr::Known(id),
            Err(error) => {
                diagnostics.push(diagnose::malformed_id(&error, path()));
                Attr::Null
            }
        },
    }
}

fn parse_in<T: CloudId>(
    cloud: CloudName,
    attribute: &Attr<String>,
    path: impl Fn() -> AttributePath,
    diagnostics: &mut Diagnostics,
) -> Attr<T> {
    parse_with(attribute, |text| T::parse_in(cloud, text), path, diagnostics)
}

fn parse_set<T: CloudId + Ord>(
    cloud: CloudName,
    attribute: &Attr<IdSet>,
    path: impl Fn() -> AttributePath,
    diagnostics: &mut Diagnostics,
) -> Attr<BTreeSet<T>> {
    match attribute {
        Attr::Null => Attr::Null,
        Attr::Unknown => Attr::Unknown,
        Attr::Known(texts) => {
            if texts.has_null() {
                diagnostics.push(
                    Code::MalformedId
                        .error("Missing id", "One of the ids is null. Leave it out instead.")
                        .at(path()),
                );
            }
            // What is not wholly known yet is looked at when it is.
            let Some(texts) = texts.known() else { return Attr::Unknown };
            let mut ids = BTreeSet::new();
            for text in texts {
                match T::parse_in(cloud, text) {
                    Ok(id) => {
                        ids.insert(id);
                    }
                    // Elements of a set cannot be pointed at: the message names the text.
                    Err(error) => diagnostics.push(diagnose::malformed_id(&error, path())),
                }
            }
            Attr::Known(ids)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::AwsBlock;
    use super::*;

    fn text(value: &str) -> Attr<String> {
        Attr::Known(value.to_owned())
    }

    #[test]
    fn every_malformed_id_is_found_at_once_on_its_attribute() {
        let model = PrivateEndpointModel {
            service_id: text("nonsense"),
            aws: Attr::Known(AwsBlock {
                vpc_id: text("vpc-XYZ"),
                subnet_ids: Attr::Known(["a", "b"].into_iter().collect()),
                security_group_ids: Attr::Known(["sg-"].into_iter().collect()),
                ..AwsBlock::default()
            }),
            ..PrivateEndpointModel::default()
        };
        let mut diagnostics = Diagnostics::new();
        let _ = Inputs::parse(&model, &mut diagnostics);
        let paths: Vec<_> =
            diagnostics.iter().filter_map(|d| d.attribute.as_ref()).map(ToString::to_string).collect();
        assert_eq!(
            paths,
            ["service_id", "aws.vpc_id", "aws.subnet_ids", "aws.subnet_ids", "aws.security_group_ids"]
        );
    }
}
