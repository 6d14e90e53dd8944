//! Functions: pure computations that configurations can call as `provider::NAME::FUNCTION(…)`. Terraform 1.8.
//!
//! Terraform calls a function during plan and again during apply and insists on the same result, and it may
//! do so before the provider is configured; hence no context, no clients and nothing asynchronous.

use std::fmt;
use std::sync::Arc;

use crate::diagnostics::codes;
use crate::{FromValue, Type, Value};

/// A function.
///
/// ```
/// use tfplugin::function::{Arguments, Function, FunctionDefinition, FunctionError, Parameter};
/// use tfplugin::{Type, Value};
///
/// struct Shout;
///
/// impl Function for Shout {
///     fn definition(&self) -> FunctionDefinition {
///         FunctionDefinition::new(Type::String)
///             .summary("Makes text louder")
///             .parameter(Parameter::new("text", Type::String))
///     }
///
///     fn call(&self, arguments: Arguments) -> Result<Value, FunctionError> {
///         let text: String = arguments.get(0)?;
///         if text.is_empty() {
///             return Err(FunctionError::new("there is nothing to shout").at(0));
///         }
///         Ok(format!("{}!", text.to_uppercase()).into())
///     }
/// }
///
/// let said = Shout.call(Arguments::new(vec!["land ho".into()]));
/// assert_eq!(said, Ok("LAND HO!".into()));
/// ```
pub trait Function: Send + Sync + 'static {
    /// The signature and its documentation.
    fn definition(&self) -> FunctionDefinition;

    /// Computes the result, which must be of the type that the definition names.
    ///
    /// # Errors
    /// When the arguments have no result.
    fn call(&self, arguments: Arguments) -> Result<Value, FunctionError>;
}

/// A function under its name, as [`Provider::functions`](crate::Provider::functions) lists it.
#[derive(Clone)]
pub struct FunctionEntry {
    pub(crate) name: String,
    pub(crate) function: Arc<dyn Function>,
}

impl FunctionEntry {
    /// A function called `name`, without the provider's name.
    pub fn new(name: impl Into<String>, function: impl Function) -> Self {
        Self { name: name.into(), function: Arc::new(function) }
    }
}

impl fmt::Debug for FunctionEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FunctionEntry").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The signature of a function.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionDefinition {
    /// The parameters, in order.
    pub parameters: Vec<Parameter>,
    /// The parameter that takes all further arguments.
    pub variadic: Option<Parameter>,
    /// The type of the result.
    pub result: Type,
    /// One line of plain text.
    pub summary: String,
    /// Markdown.
    pub description: String,
    /// The message for those who still use it, if it is deprecated.
    pub deprecated: Option<String>,
}

impl FunctionDefinition {
    /// A function without parameters.
    pub fn new(result: Type) -> Self {
        Self {
            parameters: Vec::new(),
            variadic: None,
            result,
            summary: String::new(),
            description: String::new(),
            deprecated: None,
        }
    }

    /// Adds a parameter.
    #[must_use]
    pub fn parameter(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// Lets `parameter` take all further arguments.
    #[must_use]
    pub fn variadic(mut self, parameter: Parameter) -> Self {
        self.variadic = Some(parameter);
        self
    }

    /// Says in one line of plain text what the function does.
    #[must_use]
    pub fn summary(mut self, text: impl Into<String>) -> Self {
        self.summary = text.into();
        self
    }

    /// Says in Markdown what the function does.
    #[must_use]
    pub fn description(mut self, markdown: impl Into<String>) -> Self {
        self.description = markdown.into();
        self
    }

    /// Tells users what to do instead of calling it.
    #[must_use]
    pub fn deprecated(mut self, message: impl Into<String>) -> Self {
        self.deprecated = Some(message.into());
        self
    }

    /// The parameter that takes the argument at `index`.
    pub(crate) fn parameter_at(&self, index: usize) -> Option<&Parameter> {
        self.parameters.get(index).or(self.variadic.as_ref())
    }
}

/// A parameter of a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// The name in the documentation.
    pub name: String,
    /// The type that arguments are converted to.
    pub ty: Type,
    /// Whether null is passed on; otherwise Terraform refuses it.
    pub allow_null: bool,
    /// Whether unknown is passed on; otherwise Terraform answers unknown without calling.
    pub allow_unknown: bool,
    /// Markdown.
    pub description: String,
}

impl Parameter {
    /// A parameter that takes known values only.
    pub fn new(name: impl Into<String>, ty: Type) -> Self {
        Self { name: name.into(), ty, allow_null: false, allow_unknown: false, description: String::new() }
    }

    /// Passes null on to the function.
    #[must_use]
    pub fn allow_null(mut self) -> Self {
        self.allow_null = true;
        self
    }

    /// Passes unknown values on to the function.
    #[must_use]
    pub fn allow_unknown(mut self) -> Self {
        self.allow_unknown = true;
        self
    }

    /// Says in Markdown what the argument means.
    #[must_use]
    pub fn description(mut self, markdown: impl Into<String>) -> Self {
        self.description = markdown.into();
        self
    }
}

/// The arguments of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Arguments(Vec<Value>);

impl Arguments {
    /// Arguments in order.
    pub fn new(values: Vec<Value>) -> Self {
        Self(values)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The argument at `index`, counted from zero.
    ///
    /// # Errors
    /// When there is none, or it is not a `T`; the error points at the argument.
    pub fn get<T: FromValue>(&self, index: usize) -> Result<T, FunctionError> {
        let value =
            self.0.get(index).ok_or_else(|| FunctionError::new("the argument is missing").at(index))?;
        T::from_root(value).map_err(|error| FunctionError::new(error.message).at(index))
    }

    /// All arguments from `index` on: those of a variadic parameter.
    ///
    /// # Errors
    /// When one is not a `T`; the error points at it.
    pub fn rest<T: FromValue>(&self, index: usize) -> Result<Vec<T>, FunctionError> {
        (index..self.len()).map(|index| self.get(index)).collect()
    }
}

/// Why a call has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct FunctionError {
    /// What is wrong, for the user.
    pub text: String,
    /// The argument at fault, counted from zero.
    pub argument: Option<usize>,
    /// The name of the situation, as of a diagnostic; [`codes::INVALID_VALUE`] unless said otherwise.
    pub code: &'static str,
}

impl FunctionError {
    /// An error about the call as a whole.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), argument: None, code: codes::INVALID_VALUE }
    }

    /// Names the situation.
    #[must_use]
    pub fn code(mut self, code: &'static str) -> Self {
        self.code = code;
        self
    }

    /// Points at an argument, counted from zero.
    #[must_use]
    pub fn at(mut self, argument: usize) -> Self {
        self.argument = Some(argument);
        self
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn an_argument_of_the_wrong_type_is_pointed_at() {
        let arguments = Arguments::new(vec![Value::from("a"), Value::Bool(true)]);
        assert_eq!(arguments.get::<String>(0).unwrap(), "a");
        assert_eq!(arguments.get::<String>(1).unwrap_err().argument, Some(1));
        assert_eq!(arguments.rest::<String>(0).unwrap_err().argument, Some(1));
        assert_eq!(arguments.get::<String>(2).unwrap_err().argument, Some(2));
    }

    #[test]
    fn further_arguments_belong_to_the_variadic_parameter() {
        let definition = FunctionDefinition::new(Type::String)
            .parameter(Parameter::new("first", Type::Bool))
            .variadic(Parameter::new("rest", Type::String));
        assert_eq!(definition.parameter_at(0).unwrap().name, "first");
        assert_eq!(definition.parameter_at(7).unwrap().name, "rest");
        assert!(FunctionDefinition::new(Type::String).parameter_at(0).is_none());
    }
}
