//! Rules about several attributes of a configuration at once.
//!
//! They see the whole configuration, in which anything may still be unknown, and must not complain about what an
//! unknown value may yet turn out to be.

use std::fmt;

use crate::diagnostics::codes;
use crate::{
    diagnostics::{Diagnostic, Diagnostics},
    path::AttributePath,
    value::Value,
};

/// A rule about a whole configuration.
pub trait ConfigValidator: Send + Sync {
    /// The rule as a sentence, for documentation.
    fn describe(&self) -> String;

    /// Looks at `config` and reports what is wrong with it.
    fn validate(&self, config: &Value, diagnostics: &mut Diagnostics);
}

impl fmt::Debug for dyn ConfigValidator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConfigValidator({})", self.describe())
    }
}

/// How many of the attributes in question are set.
struct Count {
    /// Set, with certainty.
    set: Vec<AttributePath>,
    /// Not known, so perhaps set.
    undecided: usize,
}

impl Count {
    fn of(paths: &[AttributePath], config: &Value) -> Self {
        let mut count = Self { set: Vec::new(), undecided: 0 };
        for path in paths {
            match presence(config, path) {
                Presence::Set => count.set.push(path.clone()),
                Presence::Undecided => count.undecided += 1,
                Presence::Absent => {}
            }
        }
        count
    }
}

enum Presence {
    Set,
    Undecided,
    Absent,
}

/// Whether something is at `path`. Below an unknown value nothing is decided; an empty block counts as absent.
fn presence(config: &Value, path: &AttributePath) -> Presence {
    let mut current = AttributePath::root();
    for step in path.steps() {
        if config.get(&current).is_some_and(Value::is_unknown) {
            return Presence::Undecided;
        }
        current = current.then(step.clone());
    }
    match config.get(path) {
        None => Presence::Absent,
        Some(value) if value.is_null() => Presence::Absent,
        Some(value) if value.is_unknown() => Presence::Undecided,
        Some(_) => Presence::Set,
    }
}

fn paths_of<P: Into<AttributePath>>(paths: impl IntoIterator<Item = P>) -> Vec<AttributePath> {
    paths.into_iter().map(Into::into).collect()
}

fn listed(paths: &[AttributePath]) -> String {
    paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ")
}

/// What makes a combination right.
#[derive(Clone, Copy)]
enum Quota {
    ExactlyOne,
    AtLeastOne,
    AtMostOne,
    AllOrNone,
}

struct Combination {
    paths: Vec<AttributePath>,
    quota: Quota,
}

impl ConfigValidator for Combination {
    fn describe(&self) -> String {
        let names = listed(&self.paths);
        match self.quota {
            Quota::ExactlyOne => format!("Exactly one of {names} must be set."),
            Quota::AtLeastOne => format!("At least one of {names} must be set."),
            Quota::AtMostOne => format!("At most one of {names} may be set."),
            Quota::AllOrNone => format!("Either all or none of {names} must be set."),
        }
    }

    fn validate(&self, config: &Value, diagnostics: &mut Diagnostics) {
        let Count { set, undecided } = Count::of(&self.paths, config);
        let wants_one = matches!(self.quota, Quota::ExactlyOne | Quota::AtLeastOne);
        let wants_few = matches!(self.quota, Quota::ExactlyOne | Quota::AtMostOne);
        let is_partial = !set.is_empty() && set.len() + undecided < self.paths.len();
        if wants_few && set.len() > 1 {
            for path in &set[1..] {
                let detail = format!("{} These are set: {}.", self.describe(), listed(&set));
                diagnostics.push(
                    Diagnostic::error("Conflicting arguments", detail)
                        .at(path)
                        .code(codes::CONFLICTING_ARGUMENTS),
                );
            }
        } else if wants_one && set.is_empty() && undecided == 0 {
            let detail = format!("{} None of them is.", self.describe());
            diagnostics.push(Diagnostic::error("Missing argument", detail).code(codes::MISSING_ARGUMENT));
        } else if matches!(self.quota, Quota::AllOrNone) && is_partial {
            let detail = format!("{} Only these are set: {}.", self.describe(), listed(&set));
            diagnostics.push(
                Diagnostic::error("Incomplete arguments", detail).at(&set[0]).code(codes::MISSING_ARGUMENT),
            );
        }
    }
}

/// Exactly one of these is set.
///
/// ```
/// use tfplugin::Schema;
/// use tfplugin::schema::{Attribute, exactly_one_of};
///
/// let schema = Schema::new(0)
///     .attribute(Attribute::string("subnet_id").optional())
///     .attribute(Attribute::string("subnet_name").optional())
///     .config_validator(exactly_one_of(["subnet_id", "subnet_name"]));
/// ```
pub fn exactly_one_of<P: Into<AttributePath>>(paths: impl IntoIterator<Item = P>) -> impl ConfigValidator {
    Combination { paths: paths_of(paths), quota: Quota::ExactlyOne }
}

/// At least one of these is set.
pub fn at_least_one_of<P: Into<AttributePath>>(paths: impl IntoIterator<Item = P>) -> impl ConfigValidator {
    Combination { paths: paths_of(paths), quota: Quota::AtLeastOne }
}

/// No two of these are set together.
pub fn conflicts<P: Into<AttributePath>>(paths: impl IntoIterator<Item = P>) -> impl ConfigValidator {
    Combination { paths: paths_of(paths), quota: Quota::AtMostOne }
}

/// All of these are set, or none is.
pub fn required_together<P: Into<AttributePath>>(paths: impl IntoIterator<Item = P>) -> impl ConfigValidator {
    Combination { paths: paths_of(paths), quota: Quota::AllOrNone }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(rule: impl ConfigValidator, config: &Value) -> Vec<String> {
        let mut diagnostics = Diagnostics::new();
        rule.validate(config, &mut diagnostics);
        diagnostics.into_iter().map(|diagnostic| diagnostic.summary).collect()
    }

    fn config(a: Value, b: Value) -> Value {
        Value::object([("a", a), ("b", b)])
    }

    #[test]
    fn exactly_one_means_neither_none_nor_two() {
        let rule = || exactly_one_of(["a", "b"]);
        assert_eq!(found(rule(), &config(Value::Null, Value::Null)), ["Missing argument"]);
        assert_eq!(found(rule(), &config(1.into(), 2.into())), ["Conflicting arguments"]);
        assert!(found(rule(), &config(1.into(), Value::Null)).is_empty());
    }

    #[test]
    fn an_unknown_is_given_the_benefit_of_the_doubt() {
        let undecided = config(Value::unknown(), Value::Null);
        assert!(found(exactly_one_of(["a", "b"]), &undecided).is_empty());
        assert!(found(at_least_one_of(["a", "b"]), &undecided).is_empty());
        assert!(found(exactly_one_of(["a", "b"]), &config(Value::unknown(), 1.into())).is_empty());
        assert!(found(required_together(["a", "b"]), &config(Value::unknown(), 1.into())).is_empty());
        assert!(found(at_least_one_of(["a.x"]), &undecided).is_empty());
    }

    #[test]
    fn conflicts_allow_none() {
        assert!(found(conflicts(["a", "b"]), &config(Value::Null, Value::Null)).is_empty());
        assert_eq!(found(conflicts(["a", "b"]), &config(1.into(), 2.into())), ["Conflicting arguments"]);
    }

    #[test]
    fn arguments_that_belong_together_are_all_or_none() {
        let rule = || required_together(["a", "b"]);
        assert_eq!(found(rule(), &config(1.into(), Value::Null)), ["Incomplete arguments"]);
        assert!(found(rule(), &config(Value::Null, Value::Null)).is_empty());
        assert!(found(rule(), &config(1.into(), 2.into())).is_empty());
    }

    #[test]
    fn at_least_one_refuses_none() {
        assert_eq!(
            found(at_least_one_of(["a", "b"]), &config(Value::Null, Value::Null)),
            ["Missing argument"]
        );
    }
}
