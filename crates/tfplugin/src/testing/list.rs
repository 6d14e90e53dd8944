//! Lists, as `terraform query` runs them.

use futures_util::StreamExt as _;
use serde_json::Value as Json;
use tonic::Request;

use super::config::config_value;
use super::failure::{check, expect_encodable};
use super::rpc::answer;
use super::{TestFailure, TestProvider};
use crate::proto::tfplugin6 as wire;
use crate::proto::tfplugin6::list_resource::Event;
use crate::proto::tfplugin6::provider_server::Provider as ProviderRpc;
use crate::proto::{decode, encode};
use crate::value::json;
use crate::{AttributePath, Diagnostics, Provider, Type};

/// How many items Terraform takes unless the `list` block says otherwise.
const LIMIT: i64 = 100;
const RPC: &str = "ListResource";

/// A list to be run, as a `list` block describes it.
#[derive(Debug)]
#[must_use]
pub struct TestList<'a, P: Provider> {
    provider: &'a TestProvider<P>,
    request: wire::list_resource::Request,
}

/// What a list found.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// The objects, in order.
    pub items: Vec<ListedItem>,
    /// What the user is told beside them.
    pub warnings: Diagnostics,
}

/// One object in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedItem {
    /// What an import would name it by.
    pub identity: Json,
    /// What people recognise it by.
    pub display_name: String,
    /// The whole object, if it was asked for and could be had.
    pub object: Option<Json>,
}

impl<'a, P: Provider> TestList<'a, P> {
    pub(super) fn new(provider: &'a TestProvider<P>, type_name: &str, config: &Json) -> Self {
        let Some(list) = provider.service.catalog().list_resources.get(type_name) else {
            panic!("the provider has no list resource {type_name}");
        };
        let config = encode(&config_value(&list.shape.schema.block, config), &list.shape.ty);
        let request = wire::list_resource::Request {
            type_name: type_name.to_owned(),
            config: Some(expect_encodable(config)),
            include_resource_object: false,
            limit: LIMIT,
        };
        Self { provider, request }
    }

    /// Takes no more items than `limit`.
    pub fn limit(mut self, limit: u32) -> Self {
        self.request.limit = limit.into();
        self
    }

    /// Asks for whole objects, as `include_resource` and `-generate-config-out` do.
    pub fn with_objects(mut self) -> Self {
        self.request.include_resource_object = true;
        self
    }

    /// Validates the configuration and runs the list to its end or to its limit.
    ///
    /// # Errors
    /// When the provider answers an error or breaks a rule.
    pub async fn run(self) -> Result<Listed, TestFailure> {
        let service = &self.provider.service;
        let request = wire::validate_list_resource_config::Request {
            type_name: self.request.type_name.clone(),
            config: self.request.config.clone(),
            ..Default::default()
        };
        let response = answer(service.validate_list_resource_config(Request::new(request)).await);
        let mut warnings = check("ValidateListResourceConfig", response.diagnostics)?;
        let limit = usize::try_from(self.request.limit).unwrap_or_default();
        let resource = &service.catalog().resources[&self.request.type_name];
        let types = (resource.identity.as_ref().map(|shape| &shape.ty), &resource.shape.ty);
        let mut items = Vec::new();
        let mut events = answer(service.list_resource(Request::new(self.request)).await);
        while items.len() < limit
            && let Some(event) = events.next().await
        {
            let event = answer(event.map(tonic::Response::new));
            warnings.extend(check(RPC, event.diagnostic.clone())?);
            if event.identity.is_some() || event.diagnostic.is_empty() {
                items.push(item(types, &event)?);
            }
        }
        Ok(Listed { items, warnings })
    }
}

fn item((identity, object): (Option<&Type>, &Type), event: &Event) -> Result<ListedItem, TestFailure> {
    let told = event.identity.as_ref().and_then(|identity| identity.identity_data.as_ref()).zip(identity);
    let Some((told, ty)) = told else {
        return Err(TestFailure::violation(RPC, AttributePath::root(), "an item has no identity"));
    };
    let read = |value, ty: &Type| {
        let value = decode(Some(value), ty).map_err(|error| TestFailure::unreadable(RPC, error))?;
        json::to_json(&value, ty).map_err(|error| TestFailure::violation(RPC, error.path, error.message))
    };
    Ok(ListedItem {
        identity: read(told, ty)?,
        display_name: event.display_name.clone(),
        object: event.resource_object.as_ref().map(|value| read(value, object)).transpose()?,
    })
}
