//! Reading an answer field by field. Alibaba Cloud leaves empty fields out or writes them as `""`, counts come as numbers
//! or as texts, and older products wrap their lists twice; whatever does not fit is reported with its path.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use crate::ids::IdError;

/// A part of an answer and where it is.
#[derive(Clone, Debug)]
pub(super) struct Node<'a> {
    value: &'a Value,
    path: String,
}

/// A field that is missing or of the wrong kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    path: String,
    problem: String,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, problem } = self;
        match path.as_str() {
            "" => write!(f, "the answer {problem}"),
            path => write!(f, "field `{path}` of the answer {problem}"),
        }
    }
}

impl Misfit {
    /// The same without what was found: for answers and files that hold secrets.
    pub(super) fn discreet(self) -> Self {
        let problem = match self.problem.rsplit_once(", not ") {
            Some((_, expected)) => format!("is not {expected}"),
            None => self.problem,
        };
        Self { problem, ..self }
    }
}

impl<'a> Node<'a> {
    /// The whole answer.
    pub(super) fn root(value: &'a Value) -> Self {
        Self { value, path: String::new() }
    }

    /// A text that may be left out; an empty one is left out.
    pub(super) fn optional_text(&self, name: &str) -> Result<Option<String>, Misfit> {
        let Some(field) = self.field(name)? else {
            return Ok(None);
        };
        let text = match field.value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return Err(field.misfit("a text")),
        };
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// A text that must be there and say something.
    pub(super) fn text(&self, name: &str) -> Result<String, Misfit> {
        self.optional_text(name)?.ok_or_else(|| self.missing(name))
    }

    /// A word of a vocabulary; empty when it is left out.
    pub(super) fn word(&self, name: &str) -> Result<String, Misfit> {
        Ok(self.optional_text(name)?.unwrap_or_default())
    }

    /// An id, checked by its type.
    pub(super) fn id<T: FromStr<Err = IdError>>(&self, name: &str) -> Result<T, Misfit> {
        self.text(name)?.parse().map_err(|error: IdError| Misfit {
            path: self.path_of(name),
            problem: format!("is {:?}, not {}", shorten(&error.found), error.expected),
        })
    }

    /// A count, as a number or as digits; 0 when it is left out.
    pub(super) fn count(&self, name: &str) -> Result<u64, Misfit> {
        match self.optional_text(name)? {
            None => Ok(0),
            Some(text) => text.parse().map_err(|_| Misfit {
                path: self.path_of(name),
                problem: format!("is {}, not a count", shorten(&text)),
            }),
        }
    }

    /// A switch; `None` when it is left out.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Misfit> {
        let Some(field) = self.field(name)? else {
            return Ok(None);
        };
        match field.value {
            Value::Bool(flag) => Ok(Some(*flag)),
            Value::String(text) if text.is_empty() => Ok(None),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            _ => Err(field.misfit("true or false")),
        }
    }

    /// The items of a list; none when it is left out.
    pub(super) fn list(&self, name: &str) -> Result<Vec<Node<'a>>, Misfit> {
        let Some(field) = self.field(name)? else {
            return Ok(Vec::new());
        };
        let Value::Array(items) = field.value else {
            return Err(field.misfit("a list"));
        };
        Ok(items
            .iter()
            .enumerate()
            .map(|(index, value)| Node { value, path: format!("{}[{index}]", field.path) })
            .collect())
    }

    /// The items of a list that is wrapped in an object of its own, as VPC and ECS write them: `VSwitches.VSwitch[]`.
    pub(super) fn wrapped_list(&self, wrapper: &str, name: &str) -> Result<Vec<Node<'a>>, Misfit> {
        self.field(wrapper)?.map_or_else(|| Ok(Vec::new()), |wrapper| wrapper.list(name))
    }

    /// The texts of a list, without empty ones.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, Misfit> {
        self.list(name)?
            .into_iter()
            .filter_map(|item| match item.value {
                Value::String(text) if text.is_empty() => None,
                Value::String(text) => Some(Ok(text.clone())),
                _ => Some(Err(item.misfit("a text"))),
            })
            .collect()
    }

    /// An object that must be there.
    pub(super) fn object(&self, name: &str) -> Result<Node<'a>, Misfit> {
        self.field(name)?.ok_or_else(|| self.missing(name))
    }

    fn field(&self, name: &str) -> Result<Option<Node<'a>>, Misfit> {
        let Value::Object(fields) = self.value else {
            return Err(self.misfit("an object"));
        };
        Ok(match fields.get(name) {
            None | Some(Value::Null) => None,
            Some(value) => Some(Node { value, path: self.path_of(name) }),
        })
    }

    fn path_of(&self, name: &str) -> String {
        match self.path.as_str() {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        }
    }

    fn missing(&self, name: &str) -> Misfit {
        Misfit { path: self.path_of(name), problem: "is missing or empty".into() }
    }

    fn misfit(&self, expected: &str) -> Misfit {
        let problem = format!("is {}, not {expected}", shorten(&self.value.to_string()));
        Misfit { path: self.path.clone(), problem }
    }
}

/// Enough of a text to recognise it by.
pub(super) fn shorten(text: &str) -> String {
    const ENOUGH: usize = 60;
    match text.char_indices().nth(ENOUGH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ids::VpcId;

    #[test]
    fn absent_null_and_empty_are_the_same() {
        for value in [json!({}), json!({ "x": null }), json!({ "x": "" })] {
            let node = Node::root(&value);
            assert_eq!(node.optional_text("x"), Ok(None), "{value}");
            assert_eq!(node.count("x"), Ok(0), "{value}");
            assert_eq!(node.flag("x"), Ok(None), "{value}");
            assert_eq!(
                node.text("x").unwrap_err().to_string(),
                "field `x` of the answer is missing or empty"
            );
        }
    }

    #[test]
    fn counts_and_switches_may_be_texts() {
        let value = json!({ "a": 7, "b": "7", "c": true, "d": "False" });
        let node = Node::root(&value);
        assert_eq!((node.count("a"), node.count("b")), (Ok(7), Ok(7)));
        assert_eq!((node.flag("c"), node.flag("d")), (Ok(Some(true)), Ok(Some(false))));
    }

    #[test]
    fn a_field_that_does_not_fit_is_named_with_its_path() {
        let value = json!({ "Zones": { "Zone": [{ "VpcId": "nonsense" }, { "VpcId": [] }] }, "List": 1 });
        let node = Node::root(&value);
        let zones = node.wrapped_list("Zones", "Zone").unwrap();
        for (misfit, start) in [
            (
                zones[0].id::<VpcId>("VpcId").unwrap_err(),
                "field `Zones.Zone[0].VpcId` of the answer is \"nonsense\", not a VPC id",
            ),
            (
                zones[1].text("VpcId").unwrap_err(),
                "field `Zones.Zone[1].VpcId` of the answer is [], not a text",
            ),
            (node.list("List").unwrap_err(), "field `List` of the answer is 1, not a list"),
            (node.object("Credentials").unwrap_err(), "field `Credentials` of the answer is missing"),
        ] {
            assert!(misfit.to_string().starts_with(start), "{misfit}");
        }
    }
}
