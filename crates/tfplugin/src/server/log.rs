//! Logs in the shape that Terraform reads from a plugin's standard error: one JSON object a line, as hclog
//! writes them. Terraform merges them into its own log, so users see them with `TF_LOG` like everything else.

use std::fmt;
use std::io::{self, Write};

use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Exactly six digits of a second: with any other number Terraform takes the line for plain text (go-plugin,
/// `log_entry.go`).
const TIMESTAMP: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");
/// The longest text in one field. Terraform cuts lines of more than 64 KiB into pieces of plain text.
const MAX_TEXT: usize = 8 * 1024;
/// Libraries below this crate whose chatter helps nobody who looks for a fault in a provider.
const QUIET_TARGETS: [&str; 7] = ["h2", "hyper", "hyper_util", "rustls", "tokio_util", "tonic", "tower"];
/// This crate, which logs neither values nor messages.
const OWN_TARGET: &str = "tfplugin";

/// Sends `tracing` events to Terraform's log, at the level of `TF_LOG_PROVIDER_<NAME>`, `TF_LOG_PROVIDER` or
/// `TF_LOG`, whichever is set first. Without any of them nothing is installed and logging costs nothing.
///
/// `crates` are those whose events are logged; all others are silent. Clients of cloud services trace whole requests
/// and answers with the keys and tokens in them, and warn of failures in the same words. Without any names every
/// crate's events are logged.
///
/// [`serve`](crate::serve) calls this. Call it before only to log what happens earlier; a subscriber that is
/// already installed is left in place.
pub fn init_logging(provider_name: &str, crates: &[&str]) {
    let level = level(provider_name, |name| std::env::var(name).ok());
    if level == LevelFilter::OFF {
        return;
    }
    let layer = HclogLayer::new(io::stderr).with_filter(filter(level, crates));
    // Somebody else's subscriber wins.
    let _ = tracing_subscriber::registry().with(layer).try_init();
}

fn filter(level: LevelFilter, crates: &[&str]) -> Targets {
    if crates.is_empty() {
        let quiet = LevelFilter::WARN.min(level);
        return Targets::new().with_default(level).with_targets(QUIET_TARGETS.map(|target| (target, quiet)));
    }
    let loud = crates.iter().copied().chain([OWN_TARGET]);
    Targets::new().with_default(LevelFilter::OFF).with_targets(loud.map(|target| (target, level)))
}

fn level(provider_name: &str, variable: impl Fn(&str) -> Option<String>) -> LevelFilter {
    let own = format!("TF_LOG_PROVIDER_{}", provider_name.to_uppercase().replace('-', "_"));
    let value = [own.as_str(), "TF_LOG_PROVIDER", "TF_LOG"]
        .into_iter()
        .find_map(|name| variable(name).filter(|value| !value.is_empty()));
    match value.as_deref().map(str::to_uppercase).as_deref() {
        None | Some("OFF") => LevelFilter::OFF,
        Some("ERROR") => LevelFilter::ERROR,
        Some("WARN") => LevelFilter::WARN,
        Some("INFO") => LevelFilter::INFO,
        Some("DEBUG") => LevelFilter::DEBUG,
        // TRACE, JSON, and like Terraform itself whatever it does not know.
        Some(_) => LevelFilter::TRACE,
    }
}

/// Writes events as hclog lines, with the fields of the spans they happen in.
struct HclogLayer<W> {
    writer: W,
}

impl<W, O> HclogLayer<W>
where
    W: Fn() -> O + 'static,
    O: Write,
{
    /// A layer that asks `writer` for a fresh writer for each line.
    fn new(writer: W) -> Self {
        Self { writer }
    }
}

/// The fields of a span, kept with it.
struct SpanFields(Map<String, Value>);

impl<S, W, O> Layer<S> for HclogLayer<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Fn() -> O + 'static,
    O: Write,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut fields = Map::new();
            attributes.record(&mut JsonVisitor(&mut fields));
            span.extensions_mut().insert(SpanFields(fields));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(SpanFields(fields)) = span.extensions_mut().get_mut()
        {
            values.record(&mut JsonVisitor(fields));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut line = Map::new();
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(SpanFields(fields)) = span.extensions().get() {
                line.extend(fields.clone());
            }
        }
        let mut own = Map::new();
        event.record(&mut JsonVisitor(&mut own));
        let message = own.remove("message").unwrap_or_else(|| event.metadata().name().into());
        line.extend(own);
        line.insert("@message".into(), message);
        line.insert("@level".into(), level_name(*event.metadata().level()).into());
        line.insert("@module".into(), event.metadata().target().into());
        if let Ok(now) = OffsetDateTime::now_utc().format(TIMESTAMP) {
            line.insert("@timestamp".into(), now.into());
        }
        let mut text = Value::Object(line).to_string();
        text.push('\n');
        // One write for one line. When nobody listens any more there is nobody to tell.
        let _ = (self.writer)().write_all(text.as_bytes());
    }
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::TRACE => "trace",
        Level::DEBUG => "debug",
        Level::INFO => "info",
        Level::WARN => "warn",
        Level::ERROR => "error",
    }
}

/// Collects fields as JSON. Names with `@` belong to hclog, and Terraform insists on their types.
struct JsonVisitor<'a>(&'a mut Map<String, Value>);

impl JsonVisitor<'_> {
    fn insert(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().trim_start_matches('@').to_owned(), value.into());
    }

    fn insert_text(&mut self, field: &Field, text: &str) {
        let mut end = text.len().min(MAX_TEXT);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let cut = if end < text.len() { "…" } else { "" };
        self.insert(field, format!("{}{cut}", &text[..end]));
    }
}

impl Visit for JsonVisitor<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.insert_text(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.insert(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.insert_text(field, &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(emit: impl FnOnce()) -> Vec<Value> {
        let sink = Sink::default();
        let writer = sink.clone();
        let subscriber = tracing_subscriber::registry().with(HclogLayer::new(move || writer.clone()));
        tracing::subscriber::with_default(subscriber, emit);
        let bytes = sink.0.lock().unwrap();
        String::from_utf8_lossy(&bytes).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_line_has_what_terraform_looks_for() {
        let lines = logged(|| tracing::warn!(attempt = 3, slow = true, "try {}", "again"));
        let [line] = &lines[..] else { panic!("{lines:?}") };
        assert_eq!(line["@message"], "try again");
        assert_eq!(line["@level"], "warn");
        assert_eq!(line["@module"], module_path!());
        assert_eq!(line["attempt"], serde_json::json!(3));
        assert_eq!(line["slow"], true);
    }

    #[test]
    fn the_timestamp_has_six_digits_of_a_second() {
        let lines = logged(|| tracing::info!("now"));
        let timestamp = lines[0]["@timestamp"].as_str().unwrap();
        let (_, fraction) = timestamp.split_once('.').unwrap();
        assert_eq!(fraction.len(), 7, "{timestamp}");
        assert!(fraction.ends_with('Z'), "{timestamp}");
    }

    #[test]
    fn an_event_carries_the_fields_of_its_spans_and_its_own_win() {
        let lines = logged(|| {
            let outer = tracing::info_span!("rpc", tf_rpc = "ReadResource", id = 1);
            let _outer = outer.enter();
            let inner = tracing::info_span!("step", name = tracing::field::Empty);
            let _inner = inner.enter();
            inner.record("name", "wait");
            tracing::info!(id = 2, "hello");
        });
        assert_eq!(lines[0]["tf_rpc"], "ReadResource");
        assert_eq!(lines[0]["name"], "wait");
        assert_eq!(lines[0]["id"], serde_json::json!(2));
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        let lines = logged(|| tracing::info!(text = "é".repeat(MAX_TEXT), "long"));
        let text = lines[0]["text"].as_str().unwrap();
        assert!(text.len() <= MAX_TEXT + '…'.len_utf8());
        assert!(text.ends_with("é…"));
    }

    #[test]
    fn crates_that_are_not_named_are_silent() {
        let named = filter(LevelFilter::TRACE, &["mine"]);
        for own in ["mine", "mine::client", "tfplugin", "tfplugin::server"] {
            assert!(named.would_enable(own, &Level::TRACE), "{own}");
        }
        for other in ["aws_smithy_runtime::client", "reqwest", "h2"] {
            assert!(!named.would_enable(other, &Level::ERROR), "{other}");
        }
        assert!(!filter(LevelFilter::ERROR, &["mine"]).would_enable("mine", &Level::WARN));
        let every = filter(LevelFilter::TRACE, &[]);
        assert!(every.would_enable("reqwest", &Level::TRACE) && !every.would_enable("h2", &Level::INFO));
    }

    #[test]
    fn the_most_particular_variable_decides_the_level() {
        let set = |variables: &'static [(&str, &str)]| {
            level("my-cloud", |name| {
                variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(set(&[]), LevelFilter::OFF);
        assert_eq!(set(&[("TF_LOG", "")]), LevelFilter::OFF);
        assert_eq!(set(&[("TF_LOG", "info")]), LevelFilter::INFO);
        assert_eq!(set(&[("TF_LOG", "JSON")]), LevelFilter::TRACE);
        assert_eq!(set(&[("TF_LOG", "ERROR"), ("TF_LOG_PROVIDER", "DEBUG")]), LevelFilter::DEBUG);
        assert_eq!(
            set(&[("TF_LOG_PROVIDER", "DEBUG"), ("TF_LOG_PROVIDER_MY_CLOUD", "off")]),
            LevelFilter::OFF
        );
    }
}
