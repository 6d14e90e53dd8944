//! The function `provider::notes::slug`.

use tfplugin::function::{Arguments, FunctionDefinition, FunctionError, Parameter};
use tfplugin::{Function, Type, Value};

/// The function.
pub(crate) struct Slug;

impl Function for Slug {
    fn definition(&self) -> FunctionDefinition {
        FunctionDefinition::new(Type::String)
            .summary("Turns a title into the name of a note")
            .description("Makes `shopping-list` of `Shopping List!`.")
            .parameter(Parameter::new("title", Type::String).description("The title."))
    }

    fn call(&self, arguments: Arguments) -> Result<Value, FunctionError> {
        let title: String = arguments.get(0)?;
        let words: Vec<String> = title
            .split(|letter: char| !letter.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_lowercase)
            .collect();
        if words.is_empty() {
            return Err(FunctionError::new("the title has no letter and no digit").at(0));
        }
        Ok(Value::from(words.join("-")))
    }
}
