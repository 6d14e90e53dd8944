//! Typed structs for resources, data sources and provider configurations.
//!
//! A model is a plain struct with one public field per attribute of the schema; [`model!`](crate::model!) declares it
//! together with its conversions from and to [`Value`]. Conversions never guess: a value of another shape is an error
//! with the path to it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    attr::Attr,
    path::{AttributePath, PathError},
    value::{Number, Value},
};

/// Why a value does not fit a Rust type, and where.
pub type ConversionError = PathError;

/// A Rust type that can be read from a Terraform value.
pub trait FromValue: Sized {
    /// Reads `value`, which was found at `path`.
    ///
    /// # Errors
    /// When the value is of another kind, or is null or unknown where the type has no room for that.
    fn from_value(value: &Value, path: &AttributePath) -> Result<Self, ConversionError>;

    /// Reads a value that is no part of another, such as an identity or a whole state.
    ///
    /// # Errors
    /// As [`from_value`](Self::from_value).
    fn from_root(value: &Value) -> Result<Self, ConversionError> {
        Self::from_value(value, &AttributePath::root())
    }
}

/// A Rust type that can be written as a Terraform value.
pub trait ToValue {
    /// The value.
    fn to_value(&self) -> Value;
}

/// What a resource, a data source or a provider uses as its typed form.
pub trait Model: FromValue + ToValue + Clone + Send + Sync + 'static {}

impl<T: FromValue + ToValue + Clone + Send + Sync + 'static> Model for T {}

/// The error for a value of the wrong kind.
fn unexpected(wanted: &str, found: &Value, path: &AttributePath) -> ConversionError {
    ConversionError::new(path, format!("expected {wanted}, found {}", found.kind()))
}

impl FromValue for Value {
    fn from_value(value: &Value, _path: &AttributePath) -> Result<Self, ConversionError> {
        Ok(value.clone())
    }
}

impl ToValue for Value {
    fn to_value(&self) -> Value {
        self.clone()
    }
}

impl FromValue for bool {
    fn from_value(value: &Value, path: &AttributePath) -> Result<Self, ConversionError> {
        match value {
            Value::Bool(value) => Ok(*value),
            other => Err(unexpected("a bool", other, path)),
        }
    }
}

impl ToValue for bool {
    fn to_value(&self) -> Value {
        Value::Bool(*self)
    }
}

impl FromValue for Number {
    fn from_value(value: &Value, path: &AttributePath) -> Result<Self, ConversionError> {
        match value {
            Value::Number(number) => Ok(number.clone()),
            other => Err(unexpected("a number", other, path)),
        }
    }
}

impl ToValue for Number {
    fn to_value(&self) -> Value {
        Value::Number(self.clone())
    }
}

impl FromValue for i64 {
    fn from_value(value: &Value, path: &AttributePath) -> Result<Self, ConversionError> {
        let number = Number::from_value(value, path)?;
        Self::try_from(&number).map_err(|error| ConversionError::new(path, error.to_string()))
    }
}

impl ToValue for i64 {
    fn to_value(&self) -> Value {
        Value::from(*self)
    }
}

impl FromValue for f64 {
    fn from_value(value: &Value, path: &AttributePath) -> Result<Self, ConversionError> {
        let number = Number::from_value(value, path)?;
        Self::try_from(&number).map_err(|error| ConversionError::new(path, error.to_string()))
    }
}

impl ToValue for f64 {
    /// Terraform has no NaN: it becomes null.
    fn to_value(&self) -> Value {
        Number::try_from(*self).map_or(Value::Null, Value::Number)
    }
}

impl FromValue for String {
    fn from_value(value: &Value, path: &AttributePath) -> Result<Self, ConversionError> {
        match value {
            Value::String(text) => Ok(text.clone()),
            other => Err(unexpected("a string", other, path)),
        }
    }
}

impl ToValue for String {
    fn to_value(&self) -> Value {
        Value::from(self.as_str())
    }
}

impl ToValue for str {
    fn to_value(&self) -> Value {
        Value::from(self)
    }
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}

impl<T: FromValue> FromValue for Attr<T> {
    fn from_value(value: &Value, path: &AttributePath) -> Result<Self, ConversionError> {
        if value.is_null() {
            Ok(Self::Null)
        } else if value.is_unknown() {
            Ok(Self::Unknown)
        } else {
            T::from_value(value, path).map(Self::Known)
        }
    }
}

impl<T: ToValue> ToValue for Attr<T> {
    fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Unknown => Value::unknown(),
            Self::Known(value) => value.to_value(),
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    /// Null is None. Unknown is an error: use [`Attr`] where a value may be unknown.
    fn from_value(value: &Value, path: &AttributePath) -> Result<Self, ConversionError> {
        if value.is_null() { Ok(None) } else { T::from_value(value, path).map(Some) }
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}

impl<T: FromValue> FromValue for Vec<T> {
    fn from_value(value: &Value, path: &AttributePath) -> Result<Self, ConversionError> {
        match value {
            Value::List(elements) | Value::Tuple(elements) => {
                let elements = elements.iter().enumerate();
                elements.map(|(index, element)| T::from_value(element, &path.index(index))).collect()
            }
            other => Err(unexpected("a list", other, path)),
        }
    }
}

impl<T: ToValue> ToValue for Vec<T> {
    fn to_value(&self) -> Value {
        Value::List(self.iter().map(ToValue::to_value).collect())
    }
}

impl<T: FromValue + Ord> FromValue for BTreeSet<T> {
    fn from_value(value: &Value, path: &AttributePath) -> Result<Self, ConversionError> {
        match value {
            Value::Set(elements) => {
                let path = path.element();
                elements.iter().map(|element| T::from_value(element, &path)).collect()
            }
            other => Err(unexpected("a set", other, path)),
        }
    }
}

impl<T: ToValue> ToValue for BTreeSet<T> {
    fn to_value(&self) -> Value {
        Value::Set(self.iter().map(ToValue::to_value).collect())
    }
}

impl<T: FromValue> FromValue for BTreeMap<String, T> {
    fn from_value(value: &Value, path: &AttributePath) -> Result<Self, ConversionError> {
        match value {
            Value::Map(elements) => {
                let convert = |(key, element): (&String, _)| {
                    T::from_value(element, &path.key(key)).map(|element| (key.clone(), element))
                };
                elements.iter().map(convert).collect()
            }
            other => Err(unexpected("a map", other, path)),
        }
    }
}

impl<T: ToValue> ToValue for BTreeMap<String, T> {
    fn to_value(&self) -> Value {
        Value::map(self.iter().map(|(key, element)| (key, element.to_value())))
    }
}

/// Reads the fields of a model one after the other, and then sees that no attribute is left over. Used by
/// [`model!`](crate::model!).
#[doc(hidden)]
#[derive(Debug)]
pub struct ObjectReader<'a> {
    attributes: &'a BTreeMap<String, Value>,
    path: &'a AttributePath,
    read: usize,
}

impl<'a> ObjectReader<'a> {
    /// Starts on `value`, which must be a known object.
    ///
    /// # Errors
    /// When it is not.
    pub fn new(value: &'a Value, path: &'a AttributePath) -> Result<Self, ConversionError> {
        let attributes = match value {
            Value::Object(attributes) => attributes,
            Value::Dynamic(dynamic) => return Self::new(&dynamic.value, path),
            other => return Err(unexpected("an object", other, path)),
        };
        Ok(Self { attributes, path, read: 0 })
    }

    /// Reads the attribute that belongs to the field `name`.
    ///
    /// # Errors
    /// When the attribute is missing or does not fit the field.
    pub fn field<T: FromValue>(&mut self, name: &str) -> Result<T, ConversionError> {
        let name = attribute_name(name);
        let value = self.attributes.get(name).ok_or_else(|| {
            let message = format!("the model has a field {name}, but the schema has no such attribute");
            ConversionError::new(self.path, message)
        })?;
        self.read += 1;
        T::from_value(value, &self.path.attribute(name))
    }

    /// Ends the reading. `fields` are the names that were read.
    ///
    /// # Errors
    /// When the schema has an attribute that the model lacks: its value would be lost.
    pub fn finish(self, fields: &[&str]) -> Result<(), ConversionError> {
        if self.read == self.attributes.len() {
            return Ok(());
        }
        let is_extra = |name: &&String| !fields.iter().any(|field| attribute_name(field) == name.as_str());
        let extra: Vec<&str> = self.attributes.keys().filter(is_extra).map(String::as_str).collect();
        let message =
            format!("the schema has attributes that the model has no field for: {}", extra.join(", "));
        Err(ConversionError::new(self.path, message))
    }
}

/// The attribute that a field stands for: its name, without the mark of a raw identifier (`r#type`).
#[doc(hidden)]
pub fn attribute_name(field: &str) -> &str {
    field.strip_prefix("r#").unwrap_or(field)
}

/// Declares structs whose fields are the attributes of a schema, with [`FromValue`] and [`ToValue`].
///
/// Each struct derives `Clone`, `Debug` and `Default`; write further derives as usual (elements of sets need
/// `PartialEq, Eq, PartialOrd, Ord`). A field whose name is a Rust keyword is written as a raw identifier, `r#type`.
/// `Debug` prints every field: do not log models that hold secrets.
///
/// ```
/// use tfplugin::{Attr, AttributePath, FromValue, ToValue, Value, model};
///
/// model! {
///     /// Where something listens.
///     #[derive(PartialEq)]
///     pub struct Address {
///         /// DNS name.
///         pub host: Attr<String>,
///         /// TCP port.
///         pub port: Attr<i64>,
///     }
/// }
///
/// let value = Value::object([("host", Value::from("db")), ("port", Value::unknown())]);
/// let address = Address::from_root(&value)?;
/// assert_eq!(address, Address { host: "db".into(), port: Attr::Unknown });
/// assert_eq!(address.to_value(), value);
/// # Ok::<(), tfplugin::ConversionError>(())
/// ```
#[macro_export]
macro_rules! model {
    ($(
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $( $(#[$field_meta:meta])* $field_vis:vis $field:ident : $ty:ty ),* $(,)?
        }
    )+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Default)]
        $vis struct $name {
            $( $(#[$field_meta])* $field_vis $field: $ty, )*
        }

        impl $crate::model::FromValue for $name {
            fn from_value(
                value: &$crate::value::Value,
                path: &$crate::path::AttributePath,
            ) -> ::core::result::Result<Self, $crate::model::ConversionError> {
                #[allow(unused_mut, reason = "a model without fields reads nothing")]
                let mut object = $crate::model::ObjectReader::new(value, path)?;
                let model = Self { $( $field: object.field(::core::stringify!($field))?, )* };
                object.finish(&[$( ::core::stringify!($field) ),*])?;
                ::core::result::Result::Ok(model)
            }
        }

        impl $crate::model::ToValue for $name {
            fn to_value(&self) -> $crate::value::Value {
                $crate::value::Value::object::<&str>([$((
                    $crate::model::attribute_name(::core::stringify!($field)),
                    $crate::model::ToValue::to_value(&self.$field),
                )),*])
            }
        }
    )+};
}

#[cfg(test)]
mod tests;
