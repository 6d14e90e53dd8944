//! Permissions as a policy document. AWS and Alibaba Cloud write nearly the same; statements are named on AWS only.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Feature, Permission};

/// Whose policies are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// AWS IAM.
    Aws,
    /// Alibaba Cloud RAM.
    Alicloud,
}

/// The policy that allows what `features` take, one statement for each of them.
pub fn policy(permissions: &[Permission], features: &[Feature], dialect: Dialect) -> Value {
    let statements = features.iter().filter_map(|feature| {
        let of_feature: Vec<_> = permissions.iter().filter(|it| it.feature == *feature).collect();
        let actions: BTreeSet<_> = of_feature.iter().map(|it| it.action.as_ref()).collect();
        // A request is judged on each thing that it touches, so a statement names the things of all its actions.
        let resources: BTreeSet<_> = of_feature.iter().flat_map(|it| it.resources).copied().collect();
        let mut statement = Map::new();
        if dialect == Dialect::Aws {
            statement.insert("Sid".into(), json!(format!("Tidblink{}", feature.name())));
        }
        statement.insert("Effect".into(), json!("Allow"));
        statement.insert("Action".into(), json!(actions));
        statement.insert("Resource".into(), json!(resources));
        (!actions.is_empty()).then_some(Value::Object(statement))
    });
    let version = match dialect {
        Dialect::Aws => "2012-10-17",
        Dialect::Alicloud => "1",
    };
    let statements: Vec<_> = statements.collect();
    json!({ "Version": version, "Statement": statements })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permission(action: &'static str, feature: Feature, resources: &'static [&'static str]) -> Permission {
        Permission { action: action.into(), feature, resources }
    }

    #[test]
    fn a_statement_covers_the_actions_of_one_feature_on_all_their_resources() {
        let permissions = [
            permission("ec2:ModifyVpcEndpoint", Feature::Endpoints, &["endpoints", "subnets"]),
            permission("ec2:CreateVpcEndpoint", Feature::Endpoints, &["endpoints", "vpcs"]),
            permission("ec2:CreateTags", Feature::Tags, &["endpoints"]),
        ];
        let aws = policy(&permissions, &[Feature::Endpoints], Dialect::Aws);
        let expected = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Sid": "TidblinkEndpoints",
                "Effect": "Allow",
                "Action": ["ec2:CreateVpcEndpoint", "ec2:ModifyVpcEndpoint"],
                "Resource": ["endpoints", "subnets", "vpcs"],
            }],
        });
        assert_eq!(aws, expected);
    }

    #[test]
    fn a_feature_that_a_cloud_does_not_have_makes_no_empty_statement() {
        let permissions = [permission("privatelink:ListVpcEndpoints", Feature::Plan, &["*"])];
        let ram = policy(&permissions, &[Feature::Plan, Feature::PrivateDns], Dialect::Alicloud);
        let statement =
            json!({ "Effect": "Allow", "Action": ["privatelink:ListVpcEndpoints"], "Resource": ["*"] });
        assert_eq!(ram, json!({ "Version": "1", "Statement": [statement] }));
    }
}
