//! The types of Terraform values.
//!
//! A value's bytes can only be read with its type at hand, because the encodings do not tell a list from a set or a
//! map from an object. Types have a compact JSON form, used in schemas and inside dynamically typed values.

use std::{collections::BTreeMap, fmt};

use serde_json::Value as Json;

use crate::path::{PathError, Step};

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Type {
    /// True or false.
    Bool,
    /// A number of any size and precision.
    Number,
    /// Unicode text.
    String,
    /// Decided by each value.
    Dynamic,
    /// Ordered elements of one type.
    List(Box<Type>),
    /// Distinct, unordered elements of one type.
    Set(Box<Type>),
    /// Elements of one type under string keys.
    Map(Box<Type>),
    /// Ordered elements, each of its own type.
    Tuple(Vec<Type>),
    /// Named attributes, each of its own type.
    Object(BTreeMap<String, Type>),
}

impl Type {
    /// A list of `element`.
    pub fn list(element: Self) -> Self {
        Self::List(Box::new(element))
    }

    /// A set of `element`.
    pub fn set(element: Self) -> Self {
        Self::Set(Box::new(element))
    }

    /// A map of `element`.
    pub fn map(element: Self) -> Self {
        Self::Map(Box::new(element))
    }

    /// An object with these attributes.
    pub fn object<N: Into<String>>(attributes: impl IntoIterator<Item = (N, Self)>) -> Self {
        Self::Object(attributes.into_iter().map(|(name, ty)| (name.into(), ty)).collect())
    }

    /// Whether `dynamic` occurs anywhere in the type.
    pub fn has_dynamic(&self) -> bool {
        match self {
            Self::Dynamic => true,
            Self::Bool | Self::Number | Self::String => false,
            Self::List(element) | Self::Set(element) | Self::Map(element) => element.has_dynamic(),
            Self::Tuple(elements) => elements.iter().any(Self::has_dynamic),
            Self::Object(attributes) => attributes.values().any(Self::has_dynamic),
        }
    }

    /// The compact JSON form: `"string"`, `["list","string"]`, `["object",{"id":"string"}]`.
    pub fn to_json(&self) -> String {
        self.to_json_value().to_string()
    }

    fn to_json_value(&self) -> Json {
        let pair = |name: &str, inner: Json| Json::Array(vec![Json::from(name), inner]);
        match self {
            Self::Bool => Json::from("bool"),
            Self::Number => Json::from("number"),
            Self::String => Json::from("string"),
            Self::Dynamic => Json::from("dynamic"),
            Self::List(element) => pair("list", element.to_json_value()),
            Self::Set(element) => pair("set", element.to_json_value()),
            Self::Map(element) => pair("map", element.to_json_value()),
            Self::Tuple(elements) => pair("tuple", elements.iter().map(Self::to_json_value).collect()),
            Self::Object(attributes) => {
                let members = attributes.iter().map(|(name, ty)| (name.clone(), ty.to_json_value()));
                pair("object", Json::Object(members.collect()))
            }
        }
    }

    /// Reads the compact JSON form. The optional third element of an object type, a list of optional attributes, is
    /// accepted and dropped: values always have every attribute.
    ///
    /// # Errors
    /// When the bytes are not JSON, or not a type.
    pub fn from_json(bytes: &[u8]) -> Result<Self, PathError> {
        let json: Json = serde_json::from_slice(bytes)
            .map_err(|error| PathError::here(format!("invalid type JSON: {error}")))?;
        Self::from_json_value(&json)
    }

    /// As [`Type::from_json`]. JSON that came through `serde_json` is at most 128 levels deep, which bounds this too.
    pub(crate) fn from_json_value(json: &Json) -> Result<Self, PathError> {
        let invalid = || PathError::here(format!("{json} is not a type"));
        if let Json::String(name) = json {
            return match name.as_str() {
                "bool" => Ok(Self::Bool),
                "number" => Ok(Self::Number),
                "string" => Ok(Self::String),
                "dynamic" => Ok(Self::Dynamic),
                _ => Err(invalid()),
            };
        }
        let Some([Json::String(name), inner, rest @ ..]) = json.as_array().map(Vec::as_slice) else {
            return Err(invalid());
        };
        let has_optional_names = name == "object" && matches!(rest, [Json::Array(_)]);
        if !rest.is_empty() && !has_optional_names {
            return Err(invalid());
        }
        match (name.as_str(), inner) {
            ("list", element) => Self::from_json_value(element).map(Self::list),
            ("set", element) => Self::from_json_value(element).map(Self::set),
            ("map", element) => Self::from_json_value(element).map(Self::map),
            ("tuple", Json::Array(elements)) => {
                let elements = elements.iter().map(Self::from_json_value);
                elements.collect::<Result<_, _>>().map(Self::Tuple)
            }
            ("object", Json::Object(attributes)) => {
                let attributes = attributes.iter().map(|(name, ty)| match Self::from_json_value(ty) {
                    Ok(ty) => Ok((name.clone(), ty)),
                    Err(error) => Err(error.within(Step::Attribute(name.clone()))),
                });
                attributes.collect::<Result<_, _>>().map(Self::Object)
            }
            _ => Err(invalid()),
        }
    }
}

impl fmt::Display for Type {
    /// As users write types in Terraform: `set(object({ id = string }))`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Number => f.write_str("number"),
            Self::String => f.write_str("string"),
            Self::Dynamic => f.write_str("any"),
            Self::List(element) => write!(f, "list({element})"),
            Self::Set(element) => write!(f, "set({element})"),
            Self::Map(element) => write!(f, "map({element})"),
            Self::Tuple(elements) => {
                f.write_str("tuple([")?;
                for (position, element) in elements.iter().enumerate() {
                    let separator = if position == 0 { "" } else { ", " };
                    write!(f, "{separator}{element}")?;
                }
                f.write_str("])")
            }
            Self::Object(attributes) => {
                f.write_str("object({")?;
                for (position, (name, ty)) in attributes.iter().enumerate() {
                    let separator = if position == 0 { " " } else { ", " };
                    write!(f, "{separator}{name} = {ty}")?;
                }
                f.write_str(" })")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn types_have_the_compact_json_form_of_terraform() {
        let ty = Type::object([
            ("tags", Type::map(Type::String)),
            ("ids", Type::set(Type::Number)),
            ("pair", Type::Tuple(vec![Type::Bool, Type::Dynamic])),
        ]);
        let json = r#"["object",{"ids":["set","number"],"pair":["tuple",["bool","dynamic"]],"tags":["map","string"]}]"#;
        assert_eq!(ty.to_json(), json);
        assert_eq!(Type::from_json(json.as_bytes()).unwrap(), ty);
    }

    #[test]
    fn a_list_of_optional_attributes_is_accepted_and_dropped() {
        let ty = Type::from_json(br#"["object",{"id":"string"},["id"]]"#).unwrap();
        assert_eq!(ty, Type::object([("id", Type::String)]));
    }

    #[test]
    fn what_is_no_type_is_refused() {
        for json in [
            "",
            "1",
            "\"text\"",
            "[]",
            "[\"list\"]",
            "[\"list\",\"string\",[]]",
            "[\"tuple\",\"string\"]",
            "[\"object\",[]]",
            "[\"object\",{},[],[]]",
            "[\"set\",[\"list\"]]",
        ] {
            assert!(Type::from_json(json.as_bytes()).is_err(), "{json}");
        }
        let deep = format!("{}\"string\"{}", "[\"list\",".repeat(10_000), "]".repeat(10_000));
        assert!(Type::from_json(deep.as_bytes()).is_err());
    }

    #[test]
    fn an_error_inside_an_object_names_the_attribute() {
        let error = Type::from_json(br#"["object",{"id":"text"}]"#).unwrap_err();
        assert_eq!(error.to_string(), "id: \"text\" is not a type");
    }

    #[test]
    fn types_display_as_users_write_them() {
        let ty = Type::set(Type::object([("id", Type::String), ("port", Type::Number)]));
        assert_eq!(ty.to_string(), "set(object({ id = string, port = number }))");
    }
}
