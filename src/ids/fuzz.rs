//! Any text as any id: refused, or an id that is written as it was read.

use ::fuzz::text;

use super::*;

fn check<T: FromStr<Err = IdError> + fmt::Display>(text: &str) {
    match text.parse::<T>() {
        Ok(id) => assert_eq!(id.to_string(), text),
        Err(error) => assert_eq!(error.found, text),
    }
}

fn check_in_clouds<T: CloudId + fmt::Display>(text: &str) {
    check::<T>(text);
    for cloud in [CloudName::Aws, CloudName::Alicloud, CloudName::Gcp, CloudName::Azure] {
        if let Ok(id) = T::parse_in(cloud, text) {
            assert_eq!(id.to_string(), text);
            assert!(text.parse::<T>().is_ok(), "{text:?} is an id in {cloud} and nowhere");
        }
    }
}

#[test]
fn every_id_and_import_id() {
    text("ids", |text| {
        check::<ClusterId>(text);
        check::<NodeGroupId>(text);
        check::<ServiceId>(text);
        check::<PrivateEndpointId>(text);
        check_in_clouds::<VpcId>(text);
        check_in_clouds::<SubnetId>(text);
        check_in_clouds::<SecurityGroupId>(text);
        check_in_clouds::<EndpointId>(text);
        if let Ok(id) = text.parse::<PrivateEndpointId>() {
            assert_eq!(id.service.to_string().parse(), Ok(id.service));
        }
        // A cloud is known in any case, so it need not be written as it was read.
        if let Ok(cloud) = text.parse::<CloudName>() {
            assert!(cloud.as_str().eq_ignore_ascii_case(text));
        }
    });
}
