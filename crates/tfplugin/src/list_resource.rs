//! List resources: finding objects that exist, so that users can import them. `terraform query` runs them; Terraform
//! 1.14. A list is told item by item, so that Terraform can stop it as soon as it has enough.

use std::fmt;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::resource::ValidateRequest;
use crate::{Context, Diagnostic, Diagnostics, FromValue as _, Identity, Model, Schema, ToValue as _, Value};

/// Finds the objects of one managed resource type. It is registered under the name of that type.
pub trait ListResource: Send + Sync + 'static {
    /// What the provider shares with its list resources.
    type Data: Send + Sync + 'static;
    /// The managed resource type whose objects are listed.
    type Of: Identity<Data = Self::Data>;
    /// What narrows the list down: the block `config` inside a `list` block.
    type Config: Model;

    /// The schema of the configuration, which has arguments and no results.
    fn schema(&self) -> Schema;

    /// Checks a configuration beyond what the schema's validators do. Values may be unknown, and the provider
    /// may not be configured.
    fn validate(&self, request: ValidateRequest<Self::Config>) -> impl Future<Output = Diagnostics> + Send {
        let _ = request;
        async { Diagnostics::new() }
    }

    /// Tells every object to `listing`, until there are no more or `listing` says that it is over.
    ///
    /// # Errors
    /// When there is no list. Terraform then shows none of the items told before, so what concerns a single
    /// object belongs to its item, as a warning.
    fn list(
        &self,
        cx: &Context<Self::Data>,
        request: ListRequest<Self::Config>,
        listing: &mut Listing<Self::Of>,
    ) -> impl Future<Output = Result<(), Diagnostics>> + Send;
}

/// What [`ListResource::list`] is given.
#[derive(Clone, Debug)]
pub struct ListRequest<C> {
    /// The configuration, wholly known.
    pub config: C,
    /// Whether items should carry the whole object. Without it, finding that out is a waste.
    pub include_object: bool,
    /// The most items that Terraform takes. [`Listing`] keeps to it; it is here for who asks a service for pages.
    pub limit: usize,
}

/// One object that exists.
pub struct ListItem<R: Identity> {
    /// What an import would name it by.
    pub identity: R::Identity,
    /// What people recognise it by.
    pub display_name: String,
    /// The object as it would be in the state after an import.
    pub object: Option<R::Model>,
    /// What the user should know of this object. An error ends the list, and Terraform then shows none of it.
    pub diagnostics: Diagnostics,
}

impl<R: Identity> ListItem<R> {
    /// An object of which no more is told yet.
    pub fn new(identity: R::Identity, display_name: impl Into<String>) -> Self {
        Self { identity, display_name: display_name.into(), object: None, diagnostics: Diagnostics::new() }
    }

    /// Adds the whole object.
    #[must_use]
    pub fn with_object(mut self, object: R::Model) -> Self {
        self.object = Some(object);
        self
    }

    /// Adds messages. A list with objects needs one for each object that is missing.
    #[must_use]
    pub fn with_diagnostics(mut self, diagnostics: impl Into<Diagnostics>) -> Self {
        self.diagnostics.extend(diagnostics.into());
        self
    }
}

impl<R: Identity> fmt::Debug for ListItem<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListItem").field("display_name", &self.display_name).finish_non_exhaustive()
    }
}

/// Where [`ListResource::list`] tells what it finds. [`ControlFlow::Break`] says that the list is over: Terraform
/// has as many items as it wants, or wants no more because the user pressed Ctrl-C.
pub struct Listing<R: Identity> {
    outlet: Outlet,
    of: PhantomData<fn(R)>,
}

impl<R: Identity> Listing<R> {
    /// Tells an object, as soon as Terraform has taken the one before.
    pub async fn push(&mut self, item: ListItem<R>) -> ControlFlow<()> {
        let told = Told {
            identity: Some(item.identity.to_value()),
            display_name: item.display_name,
            object: item.object.map(|object| object.to_value()),
            diagnostics: item.diagnostics,
        };
        self.outlet.tell(told).await
    }

    /// Tells something about the list as a whole, such as that a part of it cannot be seen.
    pub async fn warn(&mut self, diagnostics: impl Into<Diagnostics>) -> ControlFlow<()> {
        self.outlet.tell(Told { diagnostics: diagnostics.into(), ..Told::default() }).await
    }

    /// Whether nothing more is wanted.
    pub fn is_over(&self) -> bool {
        self.outlet.is_over()
    }
}

impl<R: Identity> fmt::Debug for Listing<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listing").field("left", &self.outlet.left).finish_non_exhaustive()
    }
}

/// Something told, without types. Without an identity it is about the list as a whole.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) identity: Option<Value>,
    pub(crate) display_name: String,
    pub(crate) object: Option<Value>,
    pub(crate) diagnostics: Diagnostics,
}

/// The end of a list at which it is told.
pub(crate) struct Outlet {
    pub(crate) sender: mpsc::Sender<Result<Told, Diagnostics>>,
    /// How many more items are wanted.
    pub(crate) left: usize,
    pub(crate) stop: CancellationToken,
}

impl Outlet {
    fn is_over(&self) -> bool {
        self.left == 0 || self.stop.is_cancelled() || self.sender.is_closed()
    }

    async fn tell(&mut self, told: Told) -> ControlFlow<()> {
        if self.is_over() {
            return ControlFlow::Break(());
        }
        let is_last = told.diagnostics.has_errors();
        let is_item = told.identity.is_some();
        tokio::select! {
            () = self.stop.cancelled() => return ControlFlow::Break(()),
            sent = self.sender.send(Ok(told)) => if sent.is_err() {
                return ControlFlow::Break(());
            },
        }
        if is_last {
            self.left = 0;
        } else if is_item {
            self.left -= 1;
        }
        if self.is_over() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// A list resource under its name, as [`Provider::list_resources`](crate::Provider::list_resources) lists it.
pub struct ListResourceEntry<D> {
    pub(crate) name: String,
    pub(crate) list: Arc<dyn ErasedListResource<D>>,
}

impl<D> ListResourceEntry<D> {
    /// A list resource for the managed resource type called `name`, which must have an identity.
    pub fn new<L: ListResource<Data = D>>(name: impl Into<String>, list: L) -> Self {
        Self { name: name.into(), list: Arc::new(Typed(list)) }
    }
}

impl<D> fmt::Debug for ListResourceEntry<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListResourceEntry").field("name", &self.name).finish_non_exhaustive()
    }
}

/// [`ListResource`] without its types. An `Err` of `validate` says that the provider's code was not asked, because
/// the values do not fit its model.
pub(crate) trait ErasedListResource<D>: Send + Sync {
    fn schema(&self) -> Schema;
    fn validate(&self, request: ValidateRequest<Value>) -> BoxFuture<'_, Result<Diagnostics, Diagnostics>>;
    fn list<'a>(
        &'a self,
        cx: &'a Context<D>,
        request: ListRequest<Value>,
        outlet: Outlet,
    ) -> BoxFuture<'a, Result<(), Diagnostics>>;
}

struct Typed<L>(L);

impl<L: ListResource> Typed<L> {
    fn config(value: &Value) -> Result<L::Config, Diagnostics> {
        L::Config::from_root(value).map_err(|error| Diagnostic::from(error).into())
    }
}

impl<L: ListResource> ErasedListResource<L::Data> for Typed<L> {
    fn schema(&self) -> Schema {
        self.0.schema()
    }

    fn validate(&self, request: ValidateRequest<Value>) -> BoxFuture<'_, Result<Diagnostics, Diagnostics>> {
        async move {
            let ValidateRequest { config, capabilities } = request;
            Ok(self.0.validate(ValidateRequest { config: Self::config(&config)?, capabilities }).await)
        }
        .boxed()
    }

    fn list<'a>(
        &'a self,
        cx: &'a Context<L::Data>,
        request: ListRequest<Value>,
        outlet: Outlet,
    ) -> BoxFuture<'a, Result<(), Diagnostics>> {
        async move {
            let ListRequest { config, include_object, limit } = request;
            let request = ListRequest { config: Self::config(&config)?, include_object, limit };
            self.0.list(cx, request, &mut Listing { outlet, of: PhantomData }).await
        }
        .boxed()
    }
}
