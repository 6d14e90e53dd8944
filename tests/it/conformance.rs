//! The requests that TiDB Cloud gets are those that its published API specifications describe: paths, methods, query
//! parameters and bodies. Written down here by hand from the specifications of the Dedicated API v1beta1 and of the
//! Starter and Essential API v1beta1, as far as this provider uses them.

use serde_json::Value;
use tidblink_sandbox::{Door, RequestRecord};

use crate::support::{Endpoint, Run};

/// The type of a query parameter.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    /// An integer from 1 to 100.
    PageSize,
    OneOf(&'static [&'static str]),
}

/// One operation of an API.
struct Operation {
    door: Door,
    method: &'static str,
    /// `{}` stands for one path segment.
    path: &'static str,
    query: &'static [(&'static str, Kind)],
    /// Properties that a body may have; the first one it must have. None: there is no body.
    body: &'static [&'static str],
}

const GROUP: &str = "/v1beta1/clusters/{}/tidbNodeGroups/{}";
const CLOUDS: &[&str] = &["aws", "gcp", "azure", "alicloud"];

fn operations() -> Vec<Operation> {
    let dedicated =
        |method, path, query, body| Operation { door: Door::Dedicated, method, path, query, body };
    vec![
        dedicated("GET", "/v1beta1/clusters/{}", &[], &[]),
        dedicated("GET", "/v1beta1/clusters/{}/tidbNodeGroups/{}/privateLinkService", &[], &[]),
        dedicated(
            "GET",
            "/v1beta1/clusters/{}/tidbNodeGroups/{}/privateEndpointConnections",
            &[
                ("projectId", Kind::Text),
                ("cloudProvider", Kind::OneOf(CLOUDS)),
                ("pageSize", Kind::PageSize),
                ("pageToken", Kind::Text),
            ],
            &[],
        ),
        dedicated(
            "POST",
            "/v1beta1/clusters/{}/tidbNodeGroups/{}/privateEndpointConnections",
            &[("validateOnly", Kind::OneOf(&["true", "false"]))],
            &["endpointId", "privateIpAddress"],
        ),
        dedicated("GET", "/v1beta1/clusters/{}/tidbNodeGroups/{}/privateEndpointConnections/{}", &[], &[]),
        dedicated("DELETE", "/v1beta1/clusters/{}/tidbNodeGroups/{}/privateEndpointConnections/{}", &[], &[]),
        Operation {
            door: Door::Serverless,
            method: "GET",
            path: "/v1beta1/clusters/{}",
            query: &[("view", Kind::OneOf(&["BASIC", "FULL"]))],
            body: &[],
        },
    ]
}

impl Operation {
    fn is_at(&self, request: &RequestRecord) -> bool {
        let (ours, theirs) = (self.path.split('/'), request.path.split('/'));
        let fits = ours.clone().count() == theirs.clone().count()
            && ours.zip(theirs).all(|(ours, theirs)| ours == theirs || ours == "{}" && !theirs.is_empty());
        self.door == request.door && self.method == request.method && fits
    }

    fn check(&self, request: &RequestRecord) {
        for (name, value) in url::form_urlencoded::parse(request.query.as_bytes()) {
            let kind = self.query.iter().find(|(known, _)| *known == name);
            let right = match kind.unwrap_or_else(|| panic!("no parameter {name}: {request:?}")).1 {
                Kind::Text => !value.is_empty(),
                Kind::PageSize => value.parse().is_ok_and(|size: u32| (1..=100).contains(&size)),
                Kind::OneOf(values) => values.contains(&value.as_ref()),
            };
            assert!(right, "{name}={value}: {request:?}");
        }
        let Some(first) = self.body.first() else {
            assert_eq!(request.body, "", "{request:?}");
            return;
        };
        let body: Value = serde_json::from_str(&request.body).expect("a body in JSON");
        let body = body.as_object().expect("an object, not wrapped");
        assert!(body[*first].is_string(), "{request:?}");
        assert!(body.keys().all(|key| self.body.contains(&key.as_str())), "{request:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_to_tidb_cloud_is_one_that_its_specifications_describe() {
    let mut seen = std::collections::BTreeSet::new();
    let operations = operations();
    assert!(
        operations
            .iter()
            .all(|operation| !operation.path.starts_with(GROUP) || operation.door == Door::Dedicated)
    );
    for endpoint in [Endpoint::new(), Endpoint::starter()] {
        let run = Run::new().await;
        run.write("main.tf", endpoint.hcl());
        run.apply().await;
        run.assert_empty_plan().await;
        run.destroy().await;
        let requests = run.clouds.requests();
        for request in
            requests.iter().filter(|request| matches!(request.door, Door::Dedicated | Door::Serverless))
        {
            let operation = operations.iter().position(|operation| operation.is_at(request));
            let operation = operation.unwrap_or_else(|| panic!("no such operation: {request:?}"));
            operations[operation].check(request);
            seen.insert(operation);
        }
    }
    assert!(seen.len() >= 6, "the whole life was looked at: {seen:?}");
}
