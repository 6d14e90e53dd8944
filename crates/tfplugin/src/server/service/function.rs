//! The RPCs about functions.

use super::Service;
use crate::function::{Arguments, FunctionError};
use crate::proto::tfplugin6 as wire;
use crate::proto::{decode, encode};
use crate::{Diagnostic, Diagnostics, Provider};

impl<P: Provider> Service<P> {
    pub(super) fn call(
        &self,
        request: &wire::call_function::Request,
    ) -> Result<wire::call_function::Response, Diagnostics> {
        let function = self.catalog().functions.get(&request.name).ok_or_else(|| {
            let detail = format!("This version of the provider has no function {}.", request.name);
            Diagnostic::error("Unknown function", detail)
        })?;
        let mut arguments = Vec::with_capacity(request.arguments.len());
        for (index, argument) in request.arguments.iter().enumerate() {
            let Some(parameter) = function.definition.parameter_at(index) else {
                return Ok(self.failed(FunctionError::new("the function takes fewer arguments").at(index)));
            };
            match decode(Some(argument), &parameter.ty) {
                Ok(value) => arguments.push(value),
                Err(error) => return Ok(self.failed(FunctionError::new(error.detail).at(index))),
            }
        }
        match function.entry.function.call(Arguments::new(arguments)) {
            Ok(result) => {
                let result = encode(&result, &function.definition.result)?;
                Ok(wire::call_function::Response { result: Some(result), error: None })
            }
            Err(error) => Ok(self.failed(error)),
        }
    }

    /// Terraform puts the text into a sentence of its own and a full stop behind it.
    fn failed(&self, error: FunctionError) -> wire::call_function::Response {
        let text = match self.provider.help(error.code) {
            Some(address) => format!("{} (see {address})", error.text),
            None => error.text,
        };
        let function_argument = error.argument.and_then(|index| i64::try_from(index).ok());
        let error = wire::FunctionError { text, function_argument };
        wire::call_function::Response { result: None, error: Some(error) }
    }
}
