//! The documented policies through the real terraform: with a role that may do exactly what they allow, and without the
//! permissions that no service names by itself.

use tidblink::permissions::{Dialect, Feature, aws_permissions, policy};
use tidblink_sandbox::default_world as ids;
use tidblink_sandbox::world::Policy;

use crate::support::{Endpoint, Run};

fn documented(features: &[Feature]) -> Policy {
    let document = policy(&aws_permissions(), features, Dialect::Aws).to_string();
    // The example's role stands for the user's own.
    let document = document.replace("arn:aws:iam::123456789012:role/tidblink", ids::AWS_ROLE_ARN);
    serde_json::from_str(&document).unwrap()
}

/// A run whose key may only take a role on, and whose role may do what `role` allows.
async fn run_with(role: Policy) -> Run {
    let run = Run::new().await;
    run.clouds.world(|world| {
        world.aws.access_keys[0].policy = Some(documented(&Feature::ROLE));
        world.aws.roles[0].policy = Some(role);
    });
    let block = format!(
        "provider \"tidblink\" {{\n  aws = {{\n    assume_role = {{\n      role_arn    = {:?}\n      external_id = {:?}\n    \
         }}\n  }}\n}}",
        ids::AWS_ROLE_ARN,
        ids::AWS_EXTERNAL_ID
    );
    let timeouts = "  timeouts = {\n    create = \"5m\"\n  }";
    run.write("main.tf", Endpoint::new().provider(&block).tag("team", "orders").arguments(timeouts).hcl());
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_with_the_documented_policy_is_enough_for_a_whole_life() {
    let run = run_with(documented(&Feature::WHOLE_LIFE)).await;
    run.apply().await;
    run.assert_empty_plan().await;
    run.destroy().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_not_take_the_role_on_is_told_so() {
    let run = run_with(documented(&Feature::WHOLE_LIFE)).await;
    run.clouds.world(|world| world.aws.access_keys[0].policy = Some(documented(&Feature::PLAN)));
    run.plan_fails().await.says("sts:AssumeRole");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_permission_of_route_53_is_suggested_although_ec2_does_not_name_it() {
    let mut policy = documented(&Feature::WHOLE_LIFE);
    policy.forget("route53:AssociateVPCWithHostedZone");
    let run = run_with(policy).await;

    run.apply_fails().await.says("route53:AssociateVPCWithHostedZone");

    run.assert_state_knows_every_endpoint();
    run.clouds.world(|world| world.aws.roles[0].policy = Some(documented(&Feature::WHOLE_LIFE)));
    run.apply().await;
    run.assert_empty_plan().await;
    run.destroy().await;
}
