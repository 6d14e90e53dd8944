//! The form in which the facts about an API are written down, and how a request is recognised as one of its operations.

use std::collections::BTreeMap;

use serde::Deserialize;
use tidblink_sandbox::{Door, RequestRecord};

/// An API as far as it is called.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Api {
    /// Where the facts are from.
    pub(super) source: String,
    /// The sandbox's door for it.
    pub(super) door: Door,
    /// Parameters that every request may have.
    #[serde(default)]
    pub(super) common: BTreeMap<String, Fact>,
    pub(super) operations: Vec<Operation>,
    /// Facts that others refer to by `is`.
    #[serde(default)]
    pub(super) types: BTreeMap<String, Fact>,
}

/// One operation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Operation {
    pub(super) name: String,
    pub(super) method: String,
    /// `{name}` stands for one segment.
    pub(super) path: String,
    /// Whether `-` may stand for every id in the path.
    #[serde(default)]
    pub(super) wildcard: bool,
    /// Where the parameters are.
    #[serde(default)]
    pub(super) carried: Carried,
    /// In RPC styles `N` stands for a number that counts from one.
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, Fact>,
    /// A body in JSON.
    pub(super) body: Option<Fact>,
    /// A successful answer in JSON.
    pub(super) answer: Option<Fact>,
}

/// Where an operation's parameters are.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Carried {
    #[default]
    Query,
    Form,
}

/// What a value must be.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Fact {
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    /// The name of another fact that says what it is.
    pub(super) is: Option<String>,
    pub(super) required: bool,
    pub(super) nullable: bool,
    /// A parameter that may come more than once.
    pub(super) repeats: bool,
    /// In answers: the provider reads it, so the sandbox has to show it.
    pub(super) read: bool,
    /// The texts that there are; `*` at the end stands for anything. In filters the fields that there are.
    pub(super) one_of: Vec<String>,
    pub(super) min: Option<i64>,
    pub(super) max: Option<i64>,
    pub(super) min_length: Option<usize>,
    pub(super) max_length: Option<usize>,
    /// Of a numbered parameter, the highest number.
    pub(super) most: Option<usize>,
    /// Of an object; anything may be in one that does not say.
    pub(super) fields: Option<BTreeMap<String, Fact>>,
    /// Of a list or a map.
    pub(super) items: Option<Box<Fact>>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// Said by `is`.
    #[default]
    Elsewhere,
    Text,
    Integer,
    Flag,
    /// Comparisons with `=`, joined by `AND`.
    Filter,
    Object,
    List,
    Map,
}

impl Api {
    /// # Panics
    /// When the text is not in this form.
    pub(super) fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text:.80}"))
    }

    /// The fact itself, or the one that it refers to.
    ///
    /// # Panics
    /// When it refers to nothing.
    pub(super) fn resolve<'a>(&'a self, fact: &'a Fact) -> &'a Fact {
        match &fact.is {
            Some(name) => self.types.get(name).unwrap_or_else(|| panic!("no type {name} in {}", self.source)),
            None => fact,
        }
    }
}

impl Operation {
    pub(super) fn is_called_by(&self, request: &RequestRecord) -> bool {
        let (ours, theirs) = (self.path.split('/'), request.path.split('/'));
        self.name == request.operation
            && self.method == request.method
            && ours.clone().count() == theirs.clone().count()
            && ours.zip(theirs).all(|(ours, theirs)| match ours.starts_with('{') {
                true => !theirs.is_empty() && (self.wildcard || theirs != "-"),
                false => ours == theirs,
            })
    }
}
