//! The RPCs about list resources. A list is an answer in many parts: it is driven by who reads it, and ends with the
//! last item, with the first error, or when nobody reads on.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, Stream, stream};
use tokio::sync::mpsc;
use tokio_util::sync::DropGuard;
use tonic::Status;
use tracing::Instrument as _;

use super::catalog::{Catalog, RegisteredResource};
use super::resource::{identity_data, provider_bug};
use super::{Service, Subject};
use crate::list_resource::{ListRequest, Outlet, Told};
use crate::proto::tfplugin6 as wire;
use crate::proto::tfplugin6::list_resource::Event;
use crate::proto::{decode, diagnostics_to_proto, encode};
use crate::resource::ValidateRequest;
use crate::schema::validate_config;
use crate::server::panic;
use crate::{ClientCapabilities, Context, Diagnostic, Diagnostics, Provider, Value};

const LIST: &str = "ListResource";

type Parts = mpsc::Receiver<Result<Told, Diagnostics>>;

/// A list on its way.
struct Running {
    /// What fills `parts`.
    call: BoxFuture<'static, ()>,
    is_done: bool,
    parts: Parts,
    /// Stops what the call may have started elsewhere, when nobody reads on.
    _stop: DropGuard,
}

impl Running {
    /// The next part, for which the call is driven as far as that takes.
    async fn next(&mut self) -> Option<Result<Told, Diagnostics>> {
        loop {
            tokio::select! {
                biased;
                part = self.parts.recv() => return part,
                () = &mut self.call, if !self.is_done => self.is_done = true,
            }
        }
    }
}

impl<P: Provider> Service<P> {
    pub(super) async fn validate_list_resource(
        &self,
        request: wire::validate_list_resource_config::Request,
    ) -> Result<wire::validate_list_resource_config::Response, Diagnostics> {
        let list = self.catalog().list_resource(&request.type_name)?;
        let config = decode(request.config.as_ref(), &list.shape.ty)?;
        let mut diagnostics = validate_config(&list.shape.schema, &config, true);
        if !diagnostics.has_errors() {
            // This request does not carry capabilities.
            let request = ValidateRequest { config, capabilities: ClientCapabilities::default() };
            diagnostics.extend(list.entry.list.validate(request).await?);
        }
        Ok(wire::validate_list_resource_config::Response { diagnostics: self.to_wire(diagnostics) })
    }

    /// The parts of a list. The call runs as part of the stream, so it ends with it.
    pub(super) fn list(
        &self,
        request: wire::list_resource::Request,
    ) -> impl Stream<Item = Result<Event, Status>> + Send + 'static {
        let catalog = Arc::clone(self.shared_catalog());
        let span = self.span(Subject::list_resource(LIST, &request.type_name));
        let stop = self.stop.token().child_token();
        let cx = self.context().map(|cx| Context::new(Arc::clone(cx.data()), stop.clone()));
        let (name, with_object) = (request.type_name.clone(), request.include_resource_object);
        let (sender, parts) = mpsc::channel(1);
        let outlet = Outlet {
            sender: sender.clone(),
            left: usize::try_from(request.limit).unwrap_or_default(),
            stop: stop.clone(),
        };
        let call = {
            let catalog = Arc::clone(&catalog);
            async move {
                tracing::trace!(target: "tfplugin", "received request");
                let failure = match panic::catch(LIST, list(&catalog, cx, request, outlet)).await {
                    Ok(Ok(())) => None,
                    Ok(Err(diagnostics)) => Some(diagnostics),
                    Err(panic) => Some(panic.into()),
                };
                tracing::trace!(target: "tfplugin", failed = failure.is_some(), "served request");
                if let Some(failure) = failure {
                    // That nobody reads on is no failure.
                    let _ = sender.send(Err(failure)).await;
                }
            }
        };
        let running =
            Running { call: call.instrument(span).boxed(), is_done: false, parts, _stop: stop.drop_guard() };
        let provider = Arc::clone(&self.provider);
        stream::unfold(Some(running), move |running| {
            let (catalog, name) = (Arc::clone(&catalog), name.clone());
            let provider = Arc::clone(&provider);
            async move {
                let to_wire = |diagnostics| diagnostics_to_proto(diagnostics, |code| provider.help(code));
                let mut running = running?;
                let part = running.next().await?;
                match part.and_then(|told| event(catalog.resource(&name)?, told, with_object, to_wire)) {
                    Ok(event) => Some((Ok(event), Some(running))),
                    Err(failure) => Some((Ok(only(to_wire(failure))), None)),
                }
            }
        })
    }
}

/// Asks the provider's code.
async fn list<D: 'static>(
    catalog: &Catalog<D>,
    cx: Result<Context<D>, Diagnostics>,
    request: wire::list_resource::Request,
    outlet: Outlet,
) -> Result<(), Diagnostics> {
    let list = catalog.list_resource(&request.type_name)?;
    // Says what is wrong before anything is looked up.
    catalog.resource(&request.type_name)?;
    let config = decode(request.config.as_ref(), &list.shape.ty)?;
    let limit = outlet.left;
    let wanted = ListRequest { config, include_object: request.include_resource_object, limit };
    list.entry.list.list(&cx?, wanted, outlet).await
}

/// What was told, as Terraform reads it.
fn event<D>(
    resource: &RegisteredResource<D>,
    told: Told,
    with_object: bool,
    to_wire: impl Fn(Diagnostics) -> Vec<wire::Diagnostic>,
) -> Result<Event, Diagnostics> {
    let Some(identity) = told.identity else { return Ok(only(to_wire(told.diagnostics))) };
    let Some((_, shape)) = resource.identity() else {
        return Err(provider_bug("It listed objects of a type that has no identity.").into());
    };
    let about =
        |what: &str| Diagnostics::from(provider_bug(&format!("It listed {:?} {what}.", told.display_name)));
    let missing = shape.schema.attributes.iter().find(|attribute| {
        attribute.required_for_import && identity.attribute(&attribute.name).is_none_or(Value::is_null)
    });
    if let Some(missing) = missing {
        return Err(about(&format!("without {}, which an import has to name", missing.name)));
    }
    if !identity.is_wholly_known() {
        return Err(about("with an identity that is not known"));
    }
    let identity = Some(identity_data(&identity, &shape.ty).map_err(pointless)?);
    let object = match told.object.filter(|_| with_object) {
        None if with_object && told.diagnostics.is_empty() => {
            return Err(about("without the object and without the reason for that"));
        }
        None => None,
        Some(object) if !object.is_wholly_known() => {
            return Err(about("with an object that is not wholly known"));
        }
        Some(object) => {
            let object = resource.stored(object);
            if resource.encode_identity(&object)? != identity {
                return Err(about("with an object that has another identity"));
            }
            Some(encode(&object, &resource.shape.ty).map_err(|error| pointless(error.into()))?)
        }
    };
    Ok(Event {
        identity,
        display_name: told.display_name,
        resource_object: object,
        diagnostic: to_wire(told.diagnostics),
    })
}

/// An event that is about no object.
fn only(diagnostic: Vec<wire::Diagnostic>) -> Event {
    Event { diagnostic, ..Event::default() }
}

/// Terraform would look for the place in the configuration, where an object of the list has none.
fn pointless(diagnostics: Diagnostics) -> Diagnostics {
    diagnostics
        .into_vec()
        .into_iter()
        .map(|it| Diagnostic { attribute: None, ..it })
        .collect::<Vec<_>>()
        .into()
}
