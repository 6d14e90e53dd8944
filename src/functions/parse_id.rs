//! `parse_id`: the parts of the ids that this provider writes.

use std::collections::BTreeMap;

use tfplugin::function::{Arguments, Function, FunctionDefinition, FunctionError, Parameter};
use tfplugin::{Type, Value};

use crate::codes::Code;
use crate::ids::{PrivateEndpointId, ServiceId};

/// The function `parse_id`.
pub(super) struct ParseId;

/// The attributes of the result.
const PARTS: [&str; 5] = ["kind", "cluster_id", "node_group_id", "service_id", "endpoint_id"];

impl Function for ParseId {
    fn definition(&self) -> FunctionDefinition {
        FunctionDefinition::new(Type::object(PARTS.map(|name| (name, Type::String))))
            .summary("The parts of an id of this provider")
            .description(
                "Takes the `id` of a `tidblink_endpoint_service` or a `tidblink_private_endpoint` apart. The result is an \
                 object with `kind` (`dedicated` or `serverless`), `cluster_id`, `node_group_id`, `service_id` and \
                 `endpoint_id`; what the id does not have is null: `node_group_id` for Starter and Essential, `endpoint_id` \
                 for a service.",
            )
            .parameter(Parameter::new("id", Type::String).description(
                "`dedicated/CLUSTER/NODE_GROUP`, `serverless/CLUSTER`, or one of them followed by `/ENDPOINT`.",
            ))
    }

    fn call(&self, arguments: Arguments) -> Result<Value, FunctionError> {
        let text: String = arguments.get(0)?;
        let (service, endpoint) = parse(&text).ok_or_else(|| {
            let detail = format!(
                "{text:?} is not an id of this provider: expected `dedicated/CLUSTER/NODE_GROUP` or `serverless/CLUSTER`, \
                 followed by `/ENDPOINT` for a private endpoint"
            );
            FunctionError::new(detail).at(0).code(Code::MalformedId.as_str())
        })?;
        let (kind, cluster, node_group) = match &service {
            ServiceId::Dedicated { cluster, node_group } => {
                ("dedicated", cluster, Some(node_group.to_string()))
            }
            ServiceId::Serverless { cluster } => ("serverless", cluster, None),
        };
        let parts = [
            Some(kind.to_owned()),
            Some(cluster.to_string()),
            node_group,
            Some(service.to_string()),
            endpoint,
        ];
        let parts: BTreeMap<_, _> = PARTS
            .into_iter()
            .zip(parts)
            .map(|(name, part)| (name.to_owned(), part.map_or(Value::Null, Value::from)))
            .collect();
        Ok(Value::Object(parts))
    }
}

fn parse(text: &str) -> Option<(ServiceId, Option<String>)> {
    if let Ok(service) = text.parse() {
        return Some((service, None));
    }
    let id: PrivateEndpointId = text.parse().ok()?;
    Some((id.service, Some(id.endpoint.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(id: &str) -> Result<[Option<String>; 5], FunctionError> {
        let Value::Object(parts) = ParseId.call(Arguments::new(vec![Value::from(id)]))? else {
            panic!("not an object");
        };
        Ok(PARTS.map(|name| match &parts[name] {
            Value::String(text) => Some(text.clone()),
            _ => None,
        }))
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn every_kind_of_id_comes_apart_and_what_it_lacks_is_null() {
        assert_eq!(
            parts("dedicated/1/2").unwrap(),
            [some("dedicated"), some("1"), some("2"), some("dedicated/1/2"), None]
        );
        assert_eq!(
            parts("serverless/1").unwrap(),
            [some("serverless"), some("1"), None, some("serverless/1"), None]
        );
        assert_eq!(
            parts("dedicated/1/2/vpce-0123456789abcdef0").unwrap(),
            [some("dedicated"), some("1"), some("2"), some("dedicated/1/2"), some("vpce-0123456789abcdef0")]
        );
        assert_eq!(
            parts("serverless/1/ep-t4nlw426y44rd3iq4xxxx").unwrap(),
            [some("serverless"), some("1"), None, some("serverless/1"), some("ep-t4nlw426y44rd3iq4xxxx")]
        );
    }

    #[test]
    fn anything_else_is_refused_on_the_argument() {
        for id in ["", "1", "dedicated/1", "dedicated/1/2/3", "serverless/x", "premium/1", "serverless/1/"] {
            let error = parts(id).unwrap_err();
            assert_eq!(error.argument, Some(0), "{id}");
            assert!(error.text.contains("dedicated/CLUSTER/NODE_GROUP"), "{error}");
        }
    }
}
