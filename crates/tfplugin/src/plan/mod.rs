//! Generic plan rules.
//!
//! Core proposes a new state: the configuration, with prior values where the provider decides. [`default_plan`] turns
//! that into a plan by the rules of the schema: defaults, write-only values left out, results that will change marked
//! unknown, and the changes that mean making the resource anew. A provider starts from the outcome.

mod computed;
pub(crate) mod correlate;
mod defaults;
mod replace;

use crate::{diagnostics::Diagnostics, path::AttributePath, schema::Schema, value::Value};

/// A plan, as the rules of the schema make it.
#[derive(Clone, Debug, Default)]
pub struct PlanOutcome {
    /// The planned state; null when the resource is to be destroyed.
    pub planned: Value,
    /// What makes it necessary to replace the resource, sorted and each once.
    pub requires_replace: Vec<AttributePath>,
    /// What the user should know.
    pub diagnostics: Diagnostics,
}

/// Plans the change from `prior` (null on create) to what `config` asks for. `proposed` is core's proposal (null on
/// destroy).
///
/// An attribute that the configuration leaves null ends up as its default; else, if it is computed and anything about
/// the resource changes, as unknown, unless [`use_state_for_unknown`](crate::schema::Attribute::use_state_for_unknown)
/// keeps the prior value; else as proposed. Without any change the plan is the prior state.
pub fn default_plan(schema: &Schema, prior: &Value, config: &Value, proposed: &Value) -> PlanOutcome {
    if proposed.is_null() {
        return PlanOutcome::default();
    }
    let contents = schema.block.contents();
    let mut planned = defaults::apply(contents, config, proposed);
    let is_change = !planned.eq_unrefined(prior);
    if is_change {
        planned = computed::mark_unknown(contents, prior, config, &planned);
    }
    let requires_replace = match prior {
        Value::Null => Vec::new(),
        prior => replace::reasons(contents, prior, config, &planned),
    };
    PlanOutcome { planned, requires_replace, diagnostics: Diagnostics::new() }
}

#[cfg(test)]
mod tests;
