//! The functions that configurations can call as `provider::tidblink::NAME(…)`. They are pure: the same answer for the
//! same arguments on every machine, and nothing is looked up.

mod connection_string;
mod parse_id;

use tfplugin::FunctionEntry;

/// All functions, as the provider offers them.
pub(crate) fn all() -> Vec<FunctionEntry> {
    vec![
        FunctionEntry::new("connection_string", connection_string::ConnectionString),
        FunctionEntry::new("parse_id", parse_id::ParseId),
    ]
}
