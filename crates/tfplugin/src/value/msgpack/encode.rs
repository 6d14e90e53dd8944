//! Writing.

use std::{collections::BTreeMap, fmt};

use rmp::encode::{self, ByteBuf};

use super::{EXT_REFINED, EXT_UNKNOWN, refinement};
use crate::{
    path::Step,
    value::{CodecError, DynamicValue, MAX_DEPTH, Number, Refinement, Type, Value},
};

/// Writes `value`, which has to be of type `ty`: objects with exactly the attributes of the type, and so on.
///
/// # Errors
/// When the value is not of this type; the error's path says which part.
pub fn encode(value: &Value, ty: &Type) -> Result<Vec<u8>, CodecError> {
    let mut sink = Sink::default();
    write(&mut sink, value, ty, 0)?;
    Ok(sink.into_bytes())
}

/// The bytes written so far.
#[derive(Default)]
pub(super) struct Sink(ByteBuf);

impl Sink {
    /// Runs one of `rmp`'s writers. Memory never refuses a write, so its error is only passed on for form's sake.
    pub(super) fn wrote<T, E: fmt::Display>(
        &mut self,
        write: impl FnOnce(&mut ByteBuf) -> Result<T, E>,
    ) -> Result<(), CodecError> {
        match write(&mut self.0) {
            Ok(_) => Ok(()),
            Err(error) => Err(CodecError::here(error.to_string())),
        }
    }

    pub(super) fn append(&mut self, other: Self) {
        self.0.as_mut_vec().extend(other.0.into_vec());
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0.into_vec()
    }
}

fn length(length: usize) -> Result<u32, CodecError> {
    u32::try_from(length)
        .map_err(|_| CodecError::here(format!("{length} elements are more than MessagePack can hold")))
}

fn write(sink: &mut Sink, value: &Value, ty: &Type, depth: usize) -> Result<(), CodecError> {
    if depth > MAX_DEPTH {
        return Err(CodecError::here(format!("values are nested more than {MAX_DEPTH} levels deep")));
    }
    match (ty, value) {
        (_, Value::Null) => sink.wrote(encode::write_nil),
        (_, Value::Unknown(refinement)) => write_unknown(sink, refinement.as_deref()),
        (Type::Bool, Value::Bool(value)) => sink.wrote(|out| encode::write_bool(out, *value)),
        (Type::Number, Value::Number(number)) => write_number(sink, number),
        (Type::String, Value::String(text)) => write_text(sink, text),
        (Type::List(element), Value::List(elements)) | (Type::Set(element), Value::Set(elements)) => {
            let pairs = elements.iter().map(|value| (value, &**element));
            write_elements(sink, pairs, elements.len(), depth)
        }
        (Type::Tuple(types), Value::Tuple(elements)) => {
            if types.len() != elements.len() {
                let message =
                    format!("expected a tuple of {} elements, found {}", types.len(), elements.len());
                return Err(CodecError::here(message));
            }
            write_elements(sink, elements.iter().zip(types), elements.len(), depth)
        }
        (Type::Map(element), Value::Map(elements)) => {
            let count = length(elements.len())?;
            sink.wrote(|out| encode::write_map_len(out, count))?;
            for (key, value) in elements {
                write_text(sink, key)?;
                write(sink, value, element, depth + 1)
                    .map_err(|error| error.within(Step::Key(key.clone())))?;
            }
            Ok(())
        }
        (Type::Object(types), Value::Object(attributes)) => write_object(sink, attributes, types, depth),
        (Type::Dynamic, Value::Dynamic(dynamic)) => write_dynamic(sink, dynamic, depth),
        (Type::Dynamic, other) => {
            let message = format!("expected a value with its type, found {} without", other.kind());
            Err(CodecError::here(message))
        }
        (ty, other) => Err(CodecError::here(format!("expected {ty}, found {}", other.kind()))),
    }
}

fn write_text(sink: &mut Sink, text: &str) -> Result<(), CodecError> {
    length(text.len())?;
    sink.wrote(|out| encode::write_str(out, text))
}

fn write_elements<'a>(
    sink: &mut Sink,
    elements: impl Iterator<Item = (&'a Value, &'a Type)>,
    count: usize,
    depth: usize,
) -> Result<(), CodecError> {
    let count = length(count)?;
    sink.wrote(|out| encode::write_array_len(out, count))?;
    for (index, (value, ty)) in elements.enumerate() {
        let step = || Step::Index(i64::try_from(index).unwrap_or(i64::MAX));
        write(sink, value, ty, depth + 1).map_err(|error| error.within(step()))?;
    }
    Ok(())
}

fn write_object(
    sink: &mut Sink,
    attributes: &BTreeMap<String, Value>,
    types: &BTreeMap<String, Type>,
    depth: usize,
) -> Result<(), CodecError> {
    if let Some(extra) = attributes.keys().find(|name| !types.contains_key(*name)) {
        return Err(CodecError::here(format!("the schema has no attribute {extra:?}")));
    }
    let count = length(types.len())?;
    sink.wrote(|out| encode::write_map_len(out, count))?;
    for (name, ty) in types {
        let Some(value) = attributes.get(name) else {
            return Err(CodecError::here(format!("the attribute {name:?} is missing")));
        };
        write_text(sink, name)?;
        write(sink, value, ty, depth + 1).map_err(|error| error.within(Step::Attribute(name.clone())))?;
    }
    Ok(())
}

fn write_dynamic(sink: &mut Sink, dynamic: &DynamicValue, depth: usize) -> Result<(), CodecError> {
    let json = dynamic.ty.to_json();
    sink.wrote(|out| encode::write_array_len(out, 2))?;
    sink.wrote(|out| encode::write_bin(out, json.as_bytes()))?;
    write(sink, &dynamic.value, &dynamic.ty, depth + 1)
}

fn write_unknown(sink: &mut Sink, refinement: Option<&Refinement>) -> Result<(), CodecError> {
    let Some(refinement) = refinement.filter(|refinement| !refinement.is_empty()) else {
        sink.wrote(|out| encode::write_ext_meta(out, 1, EXT_UNKNOWN))?;
        return sink.wrote(|out| rmp::encode::RmpWrite::write_u8(out, 0));
    };
    let payload = refinement::encode(refinement)?;
    let count = length(payload.len())?;
    sink.wrote(|out| encode::write_ext_meta(out, count, EXT_REFINED))?;
    sink.wrote(|out| rmp::encode::RmpWrite::write_bytes(out, &payload))
}

/// Integers as integers, binary fractions as floats, everything else as decimal text: what core does, and exact.
pub(super) fn write_number(sink: &mut Sink, number: &Number) -> Result<(), CodecError> {
    if let Some(integer) = number.to_i64() {
        return sink.wrote(|out| encode::write_sint(out, integer));
    }
    match number.to_exact_f64() {
        Some(float) => sink.wrote(|out| encode::write_f64(out, float)),
        None => write_text(sink, &number.to_string()),
    }
}
