//! The RPCs of the provider protocol, as calls of the traits. One file for each group of RPCs; here is what
//! they share: what the provider offers, whether it is configured, and how a call is answered.

mod answer;
mod catalog;
mod data_source;
mod function;
mod list_resource;
mod provider;
mod resource;
mod rpc;
mod strip;

use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use tracing::Instrument as _;

use self::answer::Answer;
pub(crate) use self::catalog::Catalog;
use crate::diagnostics::DiagnosticCode;
use crate::proto::diagnostics_to_proto;
use crate::proto::tfplugin6 as wire;
use crate::stop::StopSignal;
use crate::{ClientCapabilities, Context, Diagnostic, Diagnostics, Provider};

/// A provider as the protocol sees it.
pub(crate) struct Service<P: Provider> {
    provider: Arc<P>,
    address: String,
    /// Made when first asked for: Terraform waits for the handshake, not for schemas.
    catalog: OnceLock<Arc<Catalog<P::Data>>>,
    data: RwLock<Option<Arc<P::Data>>>,
    stop: StopSignal,
}

impl<P: Provider> Service<P> {
    /// A provider that is not configured yet.
    pub(crate) fn new(provider: P) -> Self {
        Self {
            provider: Arc::new(provider),
            address: String::new(),
            catalog: OnceLock::new(),
            data: RwLock::default(),
            stop: StopSignal::default(),
        }
    }

    /// Sets the address that logs name.
    pub(crate) fn with_address(mut self, address: &str) -> Self {
        address.clone_into(&mut self.address);
        self
    }

    /// What `StopProvider` cancels.
    pub(crate) fn stop_signal(&self) -> StopSignal {
        self.stop.clone()
    }

    /// What the provider offers.
    pub(crate) fn catalog(&self) -> &Catalog<P::Data> {
        self.shared_catalog()
    }

    /// The same, for answers that go on after the call returned.
    fn shared_catalog(&self) -> &Arc<Catalog<P::Data>> {
        self.catalog.get_or_init(|| Arc::new(Catalog::of(&*self.provider)))
    }

    fn configured(&self, data: P::Data) {
        *self.data.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(data));
    }

    /// The surroundings of a call that starts now.
    fn context(&self) -> Result<Context<P::Data>, Diagnostics> {
        let data = self.data.read().unwrap_or_else(PoisonError::into_inner).clone();
        let data = data.ok_or_else(|| {
            let detail = format!(
                "The provider {} is needed here but could not be configured, because values in its provider \
                 block were missing or not known yet. Set them to values that are known before the run.",
                self.provider.name()
            );
            Diagnostic::error("Provider not configured", detail)
        })?;
        Ok(Context::new(data, self.stop.token()))
    }

    /// The codes of the provider's diagnostics, as JSON.
    pub(crate) fn diagnostic_codes(&self) -> Vec<serde_json::Value> {
        let codes = self.provider.diagnostic_codes().into_iter();
        let convert = |DiagnosticCode { code, group, title, guide }| serde_json::json!({ "code": code, "group": group, "title": title, "guide": guide });
        codes.map(convert).collect()
    }

    /// Diagnostics as Terraform reads them, with the provider's links.
    fn to_wire(&self, diagnostics: Diagnostics) -> Vec<wire::Diagnostic> {
        diagnostics_to_proto(diagnostics, |code| self.provider.help(code))
    }

    /// The span of one call.
    fn span(&self, Subject { rpc, about }: Subject<'_>) -> tracing::Span {
        use tracing::field::Empty;

        // The level of errors, so that the span exists whenever anything is logged at all.
        let span = tracing::error_span!(
            target: "tfplugin",
            "rpc",
            tf_rpc = rpc,
            tf_provider_addr = &*self.address,
            tf_proto_version = "6",
            tf_req_id = Empty,
            tf_resource_type = Empty,
            tf_data_source_type = Empty,
            tf_list_resource_type = Empty,
            tf_function = Empty,
        );
        if !span.is_disabled() {
            span.record("tf_req_id", request_id());
            if let Some((field, name)) = about {
                span.record(field, name);
            }
        }
        span
    }

    /// Runs one call: in a span that names it, with its panics and failures turned into diagnostics.
    async fn answer<A: Answer>(
        &self,
        subject: Subject<'_>,
        call: impl Future<Output = Result<A, Diagnostics>>,
    ) -> A {
        let started = std::time::Instant::now();
        let span = self.span(subject);
        let rpc = subject.rpc;
        async {
            tracing::trace!(target: "tfplugin", "received request");
            let answer = match crate::server::panic::catch(rpc, call).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(diagnostics)) => A::failed(self.to_wire(diagnostics)),
                Err(panic) => A::failed(self.to_wire(panic.into())),
            };
            let count = |wanted: wire::diagnostic::Severity| {
                answer.diagnostics().iter().filter(|diagnostic| diagnostic.severity() == wanted).count()
            };
            tracing::trace!(
                target: "tfplugin",
                tf_req_duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
                diagnostic_error_count = count(wire::diagnostic::Severity::Error),
                diagnostic_warning_count = count(wire::diagnostic::Severity::Warning),
                "served request"
            );
            answer
        }
        .instrument(span)
        .await
    }
}

impl<P: Provider> fmt::Debug for Service<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("provider", &self.provider.name()).finish_non_exhaustive()
    }
}

/// What a call is about, for logs and for the message of a panic.
#[derive(Clone, Copy)]
struct Subject<'a> {
    rpc: &'static str,
    /// The name of a thing that the provider offers, and the log field for it.
    about: Option<(&'static str, &'a str)>,
}

impl<'a> Subject<'a> {
    fn provider(rpc: &'static str) -> Self {
        Self { rpc, about: None }
    }

    fn resource(rpc: &'static str, name: &'a str) -> Self {
        Self { rpc, about: Some(("tf_resource_type", name)) }
    }

    fn data_source(rpc: &'static str, name: &'a str) -> Self {
        Self { rpc, about: Some(("tf_data_source_type", name)) }
    }

    fn list_resource(rpc: &'static str, name: &'a str) -> Self {
        Self { rpc, about: Some(("tf_list_resource_type", name)) }
    }

    fn function(rpc: &'static str, name: &'a str) -> Self {
        Self { rpc, about: Some(("tf_function", name)) }
    }
}

/// A number to tell the log lines of one call from those of another, in the form of a random UUID.
fn request_id() -> String {
    use std::hash::{BuildHasher as _, RandomState};

    let random = || RandomState::new().hash_one(std::time::Instant::now());
    let (high, low) = (random(), random());
    let (version, variant) = (0x4000 | high & 0x0fff, 0x8000 | low >> 48 & 0x3fff);
    format!(
        "{:08x}-{:04x}-{version:04x}-{variant:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        low & 0xffff_ffff_ffff
    )
}

fn capabilities(wire: Option<wire::ClientCapabilities>) -> ClientCapabilities {
    let wire = wire.unwrap_or_default();
    ClientCapabilities {
        deferral_allowed: wire.deferral_allowed,
        write_only_attributes_allowed: wire.write_only_attributes_allowed,
        store_planned_private: wire.store_planned_private,
        computed_blocks_allowed: wire.computed_blocks_allowed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_ids_look_like_random_uuids_and_differ() {
        let (a, b) = (request_id(), request_id());
        assert_ne!(a, b);
        let lengths: Vec<usize> = a.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(a.as_bytes()[14], b'4');
        assert!(matches!(a.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{a}");
    }
}
