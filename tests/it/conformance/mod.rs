//! Whether the requests that the services get are those that their specifications describe, and whether the sandbox
//! answers in their words. The facts are in `facts/`, written down from the services' OpenAPI files and API references
//! as far as this provider calls them; the checks know no service by name.

mod answers;
mod check;
mod facts;
mod lives;
mod self_test;

use std::collections::BTreeSet;

use tidblink_sandbox::RequestRecord;

use self::facts::{Api, Operation};

/// What is known of every API that the provider calls.
fn apis() -> Vec<Api> {
    [
        include_str!("facts/dedicated.json"),
        include_str!("facts/serverless.json"),
        include_str!("facts/legacy.json"),
        include_str!("facts/ec2.json"),
        include_str!("facts/aws_sts.json"),
        include_str!("facts/alicloud_privatelink.json"),
        include_str!("facts/alicloud_helpers.json"),
    ]
    .map(Api::read)
    .into()
}

/// The operation that a request calls.
fn called<'a>(apis: &'a [Api], request: &RequestRecord) -> Option<(&'a Api, &'a Operation)> {
    let apis = apis.iter().filter(|api| api.door == request.door);
    apis.flat_map(|api| api.operations.iter().map(move |operation| (api, operation)))
        .find(|(_, operation)| operation.is_called_by(request))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_of_whole_lives_is_one_that_the_specifications_describe() {
    let apis = apis();
    let (mut problems, mut seen) = (Vec::new(), BTreeSet::new());
    for request in lives::all().await {
        match called(&apis, &request) {
            Some((api, operation)) => {
                problems.extend(check::request(api, operation, &request));
                seen.insert((api.source.clone(), operation.name.clone()));
            }
            None => problems.push(format!("no such operation: {request:?}")),
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));

    let known = apis
        .iter()
        .flat_map(|api| api.operations.iter().map(|operation| (api.source.clone(), operation.name.clone())));
    let unseen: Vec<_> = known.filter(|operation| !seen.contains(operation)).collect();
    assert!(unseen.is_empty(), "facts of operations that nothing calls: {unseen:#?}");
}
