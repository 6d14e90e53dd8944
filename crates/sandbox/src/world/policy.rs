//! A policy in the form of AWS IAM and of Alibaba Cloud RAM, as far as the sandbox judges by one: which actions are
//! allowed, on which resources. What it cannot judge, such as a condition, it does not read either, so that no policy
//! seems to hold that was not looked at.

use serde::{Deserialize, Serialize};

/// What a principal may do; everything else is refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Policy {
    /// The version of the policy language.
    pub version: String,
    /// What is allowed.
    pub statement: Vec<PolicyStatement>,
}

/// Some actions on some resources.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct PolicyStatement {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Whether it allows.
    pub effect: PolicyEffect,
    /// Actions with their service, e.g. `ec2:CreateVpcEndpoint`.
    pub action: Vec<String>,
    /// Patterns of resource names.
    pub resource: Vec<String>,
}

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PolicyEffect {
    /// It allows.
    Allow,
}

impl Policy {
    /// Whether `action` is allowed on `resource`. An action that knows no resources is done on `*`, which only the pattern
    /// `*` covers.
    pub fn allows(&self, action: &str, resource: &str) -> bool {
        self.statement.iter().any(|statement| {
            statement.action.iter().any(|allowed| covers(allowed, action))
                && statement.resource.iter().any(|allowed| covers(allowed, resource))
        })
    }

    /// Takes an action out of every statement.
    pub fn forget(&mut self, action: &str) {
        for statement in &mut self.statement {
            statement.action.retain(|allowed| allowed != action);
        }
    }
}

/// Whether a pattern, in which `*` stands for any text, covers `text`.
fn covers(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(tail) = text.strip_prefix(head) else {
        return false;
    };
    let ends = tail.char_indices().map(|(at, _)| at).chain([tail.len()]);
    ends.into_iter().any(|at| tail.get(at..).is_some_and(|tail| covers(rest, tail)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn an_action_is_allowed_on_what_a_statement_names() {
        let policy: Policy = serde_json::from_value(json!({
            "Version": "2012-10-17",
            "Statement": [
                { "Sid": "Look", "Effect": "Allow", "Action": ["ec2:DescribeSubnets"], "Resource": ["*"] },
                {
                    "Effect": "Allow",
                    "Action": ["ec2:DeleteVpcEndpoints"],
                    "Resource": ["arn:aws:ec2:*:*:vpc-endpoint/*"],
                },
            ],
        }))
        .unwrap();
        for (action, resource, allowed) in [
            ("ec2:DescribeSubnets", "*", true),
            ("ec2:DescribeVpcs", "*", false),
            ("ec2:DeleteVpcEndpoints", "arn:aws:ec2:us-west-2:1:vpc-endpoint/vpce-1", true),
            ("ec2:DeleteVpcEndpoints", "arn:aws:ec2:us-west-2:1:subnet/subnet-1", false),
            ("ec2:DeleteVpcEndpoints", "*", false),
        ] {
            assert_eq!(policy.allows(action, resource), allowed, "{action} on {resource}");
        }
    }

    #[test]
    fn a_policy_with_a_condition_is_not_read_as_one_without() {
        let statement = json!({ "Effect": "Allow", "Action": [], "Resource": [], "Condition": {} });
        assert!(serde_json::from_value::<PolicyStatement>(statement).is_err());
    }
}
