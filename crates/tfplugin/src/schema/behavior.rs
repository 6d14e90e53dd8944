//! How plans treat an attribute beyond its type.

use std::fmt;

use crate::{path::AttributePath, value::Value};

/// When a change of an attribute means making the resource anew.
#[derive(Clone, Copy)]
pub enum ReplaceRule {
    /// On every change.
    Always,
    /// On changes for which the function says so.
    If(fn(&PlanBehaviorInput<'_>) -> bool),
}

impl fmt::Debug for ReplaceRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Always => "Always",
            Self::If(_) => "If(..)",
        })
    }
}

/// What a rule about an attribute may look at.
#[derive(Clone, Copy, Debug)]
pub struct PlanBehaviorInput<'a> {
    /// Where the attribute is.
    pub path: &'a AttributePath,
    /// Its value in the prior state.
    pub prior: &'a Value,
    /// Its value in the configuration.
    pub config: &'a Value,
    /// Its planned value.
    pub planned: &'a Value,
    /// The whole prior state.
    pub prior_object: &'a Value,
    /// The whole configuration.
    pub config_object: &'a Value,
    /// The whole plan, after defaults and computed values.
    pub planned_object: &'a Value,
}
