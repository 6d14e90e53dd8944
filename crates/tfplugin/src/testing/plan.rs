//! Plans of the harness.

use crate::{AttributePath, Diagnostics, Value};

/// What applying a plan will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlannedAction {
    /// Nothing.
    NoOp,
    /// Make the object.
    Create,
    /// Change the object.
    Update,
    /// Delete the object and make a new one.
    Replace,
    /// Delete the object.
    Delete,
}

/// A plan that can be looked at and applied.
#[derive(Clone, Debug)]
pub struct TestPlan {
    /// What applying it will do.
    pub action: PlannedAction,
    /// The planned state; null for a delete.
    pub planned: Value,
    /// The attributes that make a replacement necessary.
    pub requires_replace: Vec<AttributePath>,
    /// Warnings.
    pub diagnostics: Diagnostics,
    pub(super) config: Value,
    pub(super) private: Vec<u8>,
}

impl TestPlan {
    /// The planned value at `path`, such as `aws.vpc_id`; null when nothing is there.
    pub fn value(&self, path: &str) -> Value {
        self.planned.get(&AttributePath::from(path)).cloned().unwrap_or_default()
    }

    /// Whether the value at `path` is only known after apply.
    pub fn is_unknown(&self, path: &str) -> bool {
        self.value(path).is_unknown()
    }
}
