//! Reading a JSON answer field by field, for TiDB Cloud and Alibaba Cloud alike. Absent, `null` and `""` mean the same in
//! their APIs (a field at its default may come as any of the three), numbers and switches may come as texts, older products
//! wrap their lists twice, and whatever does not fit is reported with its path.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use crate::ids::IdError;

/// A part of an answer and where it is.
#[derive(Clone, Debug)]
pub(crate) struct Node<'a> {
    value: &'a Value,
    path: String,
}

/// A field that is missing or of the wrong kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Misfit {
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
    pub(crate) fn discreet(self) -> Self {
        let problem = match self.problem.rsplit_once(", not ") {
            Some((_, expected)) => format!("is not {expected}"),
            None => self.problem,
        };
        Self { problem, ..self }
    }
}

impl<'a> Node<'a> {
    /// The whole answer.
    pub(crate) fn root(value: &'a Value) -> Self {
        Self { value, path: String::new() }
    }

    /// A field that may be left out.
    pub(crate) fn optional(&self, name: &str) -> Result<Option<Node<'a>>, Misfit> {
        let Value::Object(fields) = self.value else {
            return Err(self.misfit("an object"));
        };
        Ok(match fields.get(name) {
            None | Some(Value::Null) => None,
            Some(value) => Some(Node { value, path: self.path_of(name) }),
        })
    }

    /// A field that must be there.
    pub(crate) fn required(&self, name: &str) -> Result<Node<'a>, Misfit> {
        self.optional(name)?.ok_or_else(|| self.missing(name))
    }

    /// A text that may be left out; an empty one is left out.
    pub(crate) fn optional_text(&self, name: &str) -> Result<Option<String>, Misfit> {
        let Some(field) = self.optional(name)? else {
            return Ok(None);
        };
        let text = match field.value {
            Value::String(text) => text.clone(),
            // Ids are text, but a service may write one as a number; its digits are kept exactly.
            Value::Number(number) => number.to_string(),
            _ => return Err(field.misfit("a text")),
        };
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// A text that must be there and say something.
    pub(crate) fn text(&self, name: &str) -> Result<String, Misfit> {
        self.optional_text(name)?.ok_or_else(|| self.missing(name))
    }

    /// An id, checked by its type.
    pub(crate) fn id<T: FromStr<Err = IdError>>(&self, name: &str) -> Result<T, Misfit> {
        self.text(name)?.parse().map_err(|error: IdError| Misfit {
            path: self.path_of(name),
            problem: format!("is {:?}, not {}", shorten(&error.found), error.expected),
        })
    }

    /// A word of a vocabulary; empty when it is left out.
    pub(crate) fn word(&self, name: &str) -> Result<String, Misfit> {
        Ok(self.optional_text(name)?.unwrap_or_default())
    }

    /// A TCP port, as a number or as digits; 0 means none.
    pub(crate) fn port(&self, name: &str) -> Result<Option<u16>, Misfit> {
        let Some(field) = self.optional(name)? else {
            return Ok(None);
        };
        let port = match field.value {
            Value::Number(number) => number.as_u64().and_then(|number| u16::try_from(number).ok()),
            Value::String(text) if text.is_empty() => Some(0),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        port.map(|port| Some(port).filter(|&port| port != 0)).ok_or_else(|| field.misfit("a port number"))
    }

    /// A count, as a number or as digits; `None` when it is left out.
    pub(crate) fn count(&self, name: &str) -> Result<Option<u64>, Misfit> {
        let Some(text) = self.optional_text(name)? else { return Ok(None) };
        let misfit =
            |_| Misfit { path: self.path_of(name), problem: format!("is {}, not a count", shorten(&text)) };
        text.parse().map(Some).map_err(misfit)
    }

    /// A switch; `None` when it is left out.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Misfit> {
        let Some(field) = self.optional(name)? else {
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
    pub(crate) fn list(&self, name: &str) -> Result<Vec<Node<'a>>, Misfit> {
        let Some(field) = self.optional(name)? else {
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

    /// The items of a list that is wrapped in an object of its own, as VPC and ECS of Alibaba Cloud write them:
    /// `VSwitches.VSwitch[]`.
    pub(crate) fn wrapped_list(&self, wrapper: &str, name: &str) -> Result<Vec<Node<'a>>, Misfit> {
        self.optional(wrapper)?.map_or_else(|| Ok(Vec::new()), |wrapper| wrapper.list(name))
    }

    /// The items of a listing and how many there are on all its pages. Where there is nothing, one of the two says so: an
    /// answer without both is not a listing's, and no reason to take anything for gone.
    pub(crate) fn listing(&self, list: &str, count: &str) -> Result<(Vec<Node<'a>>, Option<u64>), Misfit> {
        let total = self.count(count)?;
        if total.is_none() {
            self.required(list)?;
        }
        Ok((self.list(list)?, total))
    }

    /// The texts of a list, without empty ones.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<String>, Misfit> {
        self.list(name)?
            .into_iter()
            .filter_map(|item| match item.value {
                Value::String(text) if text.is_empty() => None,
                Value::String(text) => Some(Ok(text.clone())),
                _ => Some(Err(item.misfit("a text"))),
            })
            .collect()
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
pub(crate) fn shorten(text: &str) -> String {
    const ENOUGH: usize = 60;
    match text.char_indices().nth(ENOUGH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ClusterId;
    use serde_json::json;

    #[test]
    fn absent_null_and_empty_are_the_same() {
        for value in [json!({}), json!({ "host": null }), json!({ "host": "" })] {
            let node = Node::root(&value);
            assert_eq!(node.optional_text("host"), Ok(None), "{value}");
            assert_eq!(node.word("host"), Ok(String::new()), "{value}");
            assert_eq!(node.port("host"), Ok(None), "{value}");
            assert_eq!(
                node.text("host").unwrap_err().to_string(),
                "field `host` of the answer is missing or empty"
            );
        }
        let value = json!({ "list": null, "flag": null });
        assert_eq!(Node::root(&value).texts("list"), Ok(Vec::new()));
        assert_eq!(Node::root(&value).flag("flag"), Ok(None));
        assert_eq!(Node::root(&value).count("count"), Ok(None));
        assert!(Node::root(&value).listing("list", "count").is_err());
    }

    #[test]
    fn numbers_may_come_as_strings_and_ids_as_numbers() {
        let value = json!({ "a": 4000, "b": "4000", "c": 0, "id": 10757937805044000000u64, "on": true, "off": "False" });
        let node = Node::root(&value);
        assert_eq!(node.port("a"), Ok(Some(4000)));
        assert_eq!(node.port("b"), Ok(Some(4000)));
        assert_eq!(node.port("c"), Ok(None));
        assert_eq!(
            (node.count("a"), node.count("b"), node.count("c")),
            (Ok(Some(4000)), Ok(Some(4000)), Ok(Some(0)))
        );
        assert_eq!((node.flag("on"), node.flag("off")), (Ok(Some(true)), Ok(Some(false))));
        assert_eq!(node.id::<ClusterId>("id").unwrap().as_str(), "10757937805044000000");
    }

    #[test]
    fn a_field_of_the_wrong_kind_is_named_with_its_path() {
        let value = json!({
            "groups": [{ "id": "1" }, { "id": [1], "port": 70000, "flag": "yes" }], "zones": [1], "total": "many",
            "Zones": { "Zone": [{ "ZoneId": 1 }, { "ZoneId": [] }] },
        });
        let node = Node::root(&value);
        let groups = node.list("groups").unwrap();
        for (misfit, text) in [
            (groups[1].text("id").unwrap_err(), "field `groups[1].id` of the answer is [1], not a text"),
            (
                groups[1].port("port").unwrap_err(),
                "field `groups[1].port` of the answer is 70000, not a port number",
            ),
            (
                groups[1].flag("flag").unwrap_err(),
                "field `groups[1].flag` of the answer is \"yes\", not true or false",
            ),
            (node.texts("zones").unwrap_err(), "field `zones[0]` of the answer is 1, not a text"),
            (node.count("total").unwrap_err(), "field `total` of the answer is many, not a count"),
            (node.list("total").unwrap_err(), "field `total` of the answer is \"many\", not a list"),
            (node.listing("rows", "count").unwrap_err(), "field `rows` of the answer is missing"),
            (
                node.wrapped_list("Zones", "Zone").unwrap()[1].text("ZoneId").unwrap_err(),
                "field `Zones.Zone[1].ZoneId` of the answer is [], not a text",
            ),
            (node.optional_text("groups").unwrap_err(), ""),
        ] {
            assert!(misfit.to_string().starts_with(text), "{misfit}");
        }
        let array = json!([]);
        assert_eq!(Node::root(&array).text("id").unwrap_err().to_string(), "the answer is [], not an object");
    }

    #[test]
    fn a_long_value_is_shortened_at_a_character() {
        let value = json!({ "id": "ü".repeat(500) });
        let text = Node::root(&value).id::<ClusterId>("id").unwrap_err().to_string();
        assert!(text.contains('…') && text.len() < 400, "{text}");
    }
}
