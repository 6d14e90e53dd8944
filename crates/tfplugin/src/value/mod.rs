//! Values of Terraform's type system.
//!
//! [`Value`] is what the generic rules of this crate work on; provider authors mostly use typed structs (see
//! [`mod@crate::model`]) and meet it only for dynamically typed attributes. The codecs for the wire and for state files
//! are in [`msgpack`] and [`json`].

pub mod json;
pub mod msgpack;
mod number;
mod refinement;
mod types;

use std::{cmp::Ordering, collections::BTreeMap, ops::RangeInclusive};

use unicode_normalization::{UnicodeNormalization, is_nfc};

pub use self::{
    number::{Number, NumberError},
    refinement::{Bound, Refinement},
    types::Type,
};
use crate::path::{AttributePath, PathError, Step};

/// Why bytes could not be read as a value, or a value not be written: `net.tag_id: expected a string, found a map`.
pub type CodecError = PathError;

/// Deepest nesting of values that is read or written. Far beyond any schema; protects the stack.
pub(crate) const MAX_DEPTH: usize = 128;

/// A value, in any of the states a configuration, a plan or a state can hold it.
///
/// Equality is that of Terraform: numbers by decimal text, sets without order or duplicates. It does see refinements;
/// [`Value::eq_unrefined`] does not.
///
/// ```
/// use tfplugin::{AttributePath, Value};
///
/// let network = Value::object([("vpc_id", "vpc-1".into()), ("subnets", Value::List(vec!["a".into(), Value::unknown()]))]);
/// let second = network.get(&AttributePath::of("subnets").index(1));
/// assert!(second.is_some_and(Value::is_unknown));
/// assert!(!network.is_wholly_known());
/// ```
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// Not set.
    #[default]
    Null,
    /// Decided during apply, perhaps within limits.
    Unknown(Option<Box<Refinement>>),
    /// True or false.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text.
    String(String),
    /// Elements of one type, in order.
    List(Vec<Value>),
    /// Distinct elements of one type; their order here means nothing.
    Set(Vec<Value>),
    /// Elements of various types, in order.
    Tuple(Vec<Value>),
    /// Elements of one type by key.
    Map(BTreeMap<String, Value>),
    /// Attributes by name.
    Object(BTreeMap<String, Value>),
    /// A value that brings its own type, where the schema leaves the type open. Null and unknown of no particular
    /// type are plain [`Value::Null`] and [`Value::Unknown`].
    Dynamic(Box<DynamicValue>),
}

/// A value together with its type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DynamicValue {
    /// The type; never [`Type::Dynamic`] itself.
    pub ty: Type,
    /// A value of that type.
    pub value: Value,
}

impl Value {
    /// An unknown of which nothing is known.
    pub fn unknown() -> Self {
        Self::Unknown(None)
    }

    /// An object with these attributes.
    pub fn object<N: Into<String>>(attributes: impl IntoIterator<Item = (N, Self)>) -> Self {
        Self::Object(attributes.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    /// A map with these elements.
    pub fn map<N: Into<String>>(elements: impl IntoIterator<Item = (N, Self)>) -> Self {
        Self::Map(elements.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// A value where the schema leaves the type open. Null and unknown stay as they are.
    pub fn dynamic(ty: Type, value: Self) -> Self {
        match value {
            Self::Null | Self::Unknown(_) if ty == Type::Dynamic => value,
            value => Self::Dynamic(Box::new(DynamicValue { ty, value })),
        }
    }

    /// Whether the value is not set.
    pub fn is_null(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Dynamic(dynamic) => dynamic.value.is_null(),
            _ => false,
        }
    }

    /// Whether the value as a whole is decided only during apply; its parts are not looked at.
    pub fn is_unknown(&self) -> bool {
        match self {
            Self::Unknown(_) => true,
            Self::Dynamic(dynamic) => dynamic.value.is_unknown(),
            _ => false,
        }
    }

    /// Whether neither the value nor any part of it is unknown.
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown(_) => false,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => true,
            Self::List(elements) | Self::Set(elements) | Self::Tuple(elements) => {
                elements.iter().all(Self::is_wholly_known)
            }
            Self::Map(elements) | Self::Object(elements) => elements.values().all(Self::is_wholly_known),
            Self::Dynamic(dynamic) => dynamic.value.is_wholly_known(),
        }
    }

    /// The text, if this is a known string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The attributes, if this is a known object.
    pub fn as_object(&self) -> Option<&BTreeMap<String, Self>> {
        match self {
            Self::Object(attributes) => Some(attributes),
            _ => None,
        }
    }

    /// The elements, if this is a known list, set or tuple.
    pub fn as_elements(&self) -> Option<&[Self]> {
        match self {
            Self::List(elements) | Self::Set(elements) | Self::Tuple(elements) => Some(elements),
            _ => None,
        }
    }

    /// The attribute called `name`, if this is a known object that has it.
    pub fn attribute(&self, name: &str) -> Option<&Self> {
        self.as_object()?.get(name)
    }

    /// The part that `path` leads to. None where there is nothing, where a value on the way is null or unknown, and
    /// for every path into a set: elements of sets have no address.
    pub fn get(&self, path: &AttributePath) -> Option<&Self> {
        path.steps().iter().try_fold(self, |value, step| value.child(step))
    }

    /// Replaces the part that `path` leads to and returns what was there. Where [`Value::get`] finds nothing, nothing
    /// changes and the result is None.
    pub fn set(&mut self, path: &AttributePath, replacement: Self) -> Option<Self> {
        let part = path.steps().iter().try_fold(self, |value, step| value.child_mut(step))?;
        Some(std::mem::replace(part, replacement))
    }

    fn child(&self, step: &Step) -> Option<&Self> {
        match (self, step) {
            (Self::Object(attributes), Step::Attribute(name)) => attributes.get(name),
            (Self::Map(elements), Step::Key(key)) => elements.get(key),
            (Self::List(elements) | Self::Tuple(elements), Step::Index(index)) => {
                elements.get(usize::try_from(*index).ok()?)
            }
            (Self::Dynamic(dynamic), step) => dynamic.value.child(step),
            _ => None,
        }
    }

    fn child_mut(&mut self, step: &Step) -> Option<&mut Self> {
        match (self, step) {
            (Self::Object(attributes), Step::Attribute(name)) => attributes.get_mut(name),
            (Self::Map(elements), Step::Key(key)) => elements.get_mut(key),
            (Self::List(elements) | Self::Tuple(elements), Step::Index(index)) => {
                elements.get_mut(usize::try_from(*index).ok()?)
            }
            (Self::Dynamic(dynamic), step) => dynamic.value.child_mut(step),
            _ => None,
        }
    }

    /// Calls `visit` for this value and for every part of it, outermost first. Parts of a value for which `visit`
    /// returns false are left out.
    pub fn walk(&self, mut visit: impl FnMut(&AttributePath, &Self) -> bool) {
        self.walk_from(&AttributePath::root(), &mut visit);
    }

    fn walk_from(&self, path: &AttributePath, visit: &mut impl FnMut(&AttributePath, &Self) -> bool) {
        if let Self::Dynamic(dynamic) = self {
            return dynamic.value.walk_from(path, visit);
        }
        if visit(path, self) {
            self.children(path, |path, value| value.walk_from(path, visit));
        }
    }

    /// Calls `visit` for every direct part of this value.
    pub(crate) fn children(&self, path: &AttributePath, mut visit: impl FnMut(&AttributePath, &Self)) {
        match self {
            Self::Null | Self::Unknown(_) | Self::Bool(_) | Self::Number(_) | Self::String(_) => {}
            Self::List(elements) | Self::Tuple(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    visit(&path.index(index), element);
                }
            }
            Self::Set(elements) => {
                for element in elements {
                    visit(&path.element(), element);
                }
            }
            Self::Map(elements) => {
                for (key, element) in elements {
                    visit(&path.key(key), element);
                }
            }
            Self::Object(attributes) => {
                for (name, value) in attributes {
                    visit(&path.attribute(name), value);
                }
            }
            Self::Dynamic(dynamic) => dynamic.value.children(path, visit),
        }
    }

    /// Equality that ignores what is known of unknown values, as core's own checks do.
    pub fn eq_unrefined(&self, other: &Self) -> bool {
        self.compare(other, Refinements::Ignored).is_eq()
    }

    /// What the value is, for messages: `a string`, `a list`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Unknown(_) => "an unknown value",
            Self::Bool(_) => "a bool",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::List(_) => "a list",
            Self::Set(_) => "a set",
            Self::Tuple(_) => "a tuple",
            Self::Map(_) => "a map",
            Self::Object(_) => "an object",
            Self::Dynamic(dynamic) => dynamic.value.kind(),
        }
    }

    fn compare(&self, other: &Self, refinements: Refinements) -> Ordering {
        match (self, other) {
            (Self::Null, Self::Null) => Ordering::Equal,
            (Self::Unknown(a), Self::Unknown(b)) => match refinements {
                Refinements::Compared => a.cmp(b),
                Refinements::Ignored => Ordering::Equal,
            },
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Number(a), Self::Number(b)) => a.cmp(b),
            (Self::String(a), Self::String(b)) => a.cmp(b),
            (Self::List(a), Self::List(b)) | (Self::Tuple(a), Self::Tuple(b)) => {
                compare_each(a.iter().zip(b), refinements).then(a.len().cmp(&b.len()))
            }
            (Self::Set(a), Self::Set(b)) => {
                let (a, b) = (distinct(a, refinements), distinct(b, refinements));
                compare_each(a.iter().copied().zip(b.iter().copied()), refinements)
                    .then(a.len().cmp(&b.len()))
            }
            (Self::Map(a), Self::Map(b)) | (Self::Object(a), Self::Object(b)) => {
                a.keys().cmp(b.keys()).then_with(|| compare_each(a.values().zip(b.values()), refinements))
            }
            (Self::Dynamic(a), Self::Dynamic(b)) => {
                a.ty.cmp(&b.ty).then_with(|| a.value.compare(&b.value, refinements))
            }
            _ => self.rank().cmp(&other.rank()),
        }
    }

    /// An arbitrary but fixed order of the kinds of values.
    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Unknown(_) => 1,
            Self::Bool(_) => 2,
            Self::Number(_) => 3,
            Self::String(_) => 4,
            Self::List(_) => 5,
            Self::Set(_) => 6,
            Self::Tuple(_) => 7,
            Self::Map(_) => 8,
            Self::Object(_) => 9,
            Self::Dynamic(_) => 10,
        }
    }
}

/// Whether two unknowns with different refinements differ.
#[derive(Clone, Copy)]
enum Refinements {
    Compared,
    Ignored,
}

fn compare_each<'a>(
    mut pairs: impl Iterator<Item = (&'a Value, &'a Value)>,
    refinements: Refinements,
) -> Ordering {
    pairs
        .find_map(|(a, b)| Some(a.compare(b, refinements)).filter(|order| order.is_ne()))
        .unwrap_or(Ordering::Equal)
}

/// The elements of a set in a fixed order, each once. Those that are not wholly known may still turn out different, so
/// they are kept apart even where they look alike.
fn distinct(elements: &[Value], refinements: Refinements) -> Vec<&Value> {
    let mut sorted: Vec<&Value> = elements.iter().collect();
    sorted.sort_by(|a, b| a.compare(b, refinements));
    sorted.dedup_by(|a, b| a.is_wholly_known() && a.compare(b, refinements).is_eq());
    sorted
}

/// How many elements the set of these has, as far as can be told: elements that are not wholly known may turn out
/// equal to others, but something is there.
pub(crate) fn set_size(elements: &[Value]) -> RangeInclusive<usize> {
    let most = distinct(elements, Refinements::Compared).len();
    if elements.iter().all(Value::is_wholly_known) { most..=most } else { 1..=most }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Value {}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Value {
    /// An arbitrary but fixed order that agrees with equality.
    fn cmp(&self, other: &Self) -> Ordering {
        self.compare(other, Refinements::Compared)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Number(Number::from(value))
    }
}

impl From<Number> for Value {
    fn from(value: Number) -> Self {
        Self::Number(value)
    }
}

impl From<String> for Value {
    /// Text is brought into Unicode normal form C, as core does, so that comparing it here and there agrees.
    fn from(value: String) -> Self {
        Self::String(normalise(value))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::from(value.to_owned())
    }
}

/// Unicode normal form C.
pub(crate) fn normalise(text: String) -> String {
    if text.is_ascii() || is_nfc(&text) { text } else { text.nfc().collect() }
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
