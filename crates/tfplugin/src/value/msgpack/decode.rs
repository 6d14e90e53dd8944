//! Reading.

use std::collections::BTreeMap;

use rmp::Marker;

use super::{EXT_REFINED, refinement};
use crate::{
    path::Step,
    value::{CodecError, DynamicValue, MAX_DEPTH, Number, Type, Value, normalise},
};

/// Reads one value of type `ty`, which must take up all of `bytes`.
///
/// # Errors
/// When the bytes are not MessagePack, or are not a value of this type; the error's path says which part.
pub fn decode(bytes: &[u8], ty: &Type) -> Result<Value, CodecError> {
    let mut reader = Reader::new(bytes);
    let value = reader.value(ty, 0)?;
    match reader.rest.len() {
        0 => Ok(value),
        extra => Err(CodecError::here(format!("{extra} bytes are left over after the value"))),
    }
}

/// What comes next in the bytes. Strings and binaries are borrowed; only the heads of arrays and maps are read.
pub(super) enum Token<'a> {
    Nil,
    Bool(bool),
    Integer(i64),
    /// An integer above the range of `i64`.
    Unsigned(u64),
    Float(f64),
    Str(&'a str),
    Bin(&'a [u8]),
    Array(usize),
    Map(usize),
    Ext(i8, &'a [u8]),
}

impl Token<'_> {
    fn describe(&self) -> &'static str {
        match self {
            Self::Nil => "null",
            Self::Bool(_) => "a bool",
            Self::Integer(_) | Self::Unsigned(_) | Self::Float(_) => "a number",
            Self::Str(_) => "a string",
            Self::Bin(_) => "binary data",
            Self::Array(_) => "an array",
            Self::Map(_) => "a map",
            Self::Ext(..) => "an unknown value",
        }
    }
}

/// A cursor over bytes that may be hostile.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], CodecError> {
        let Some((taken, rest)) = self.rest.split_at_checked(count) else {
            let message = format!("the bytes end early: {count} more needed, {} left", self.rest.len());
            return Err(CodecError::here(message));
        };
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], CodecError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn byte(&mut self) -> Result<u8, CodecError> {
        self.array().map(|[byte]| byte)
    }

    fn length8(&mut self) -> Result<usize, CodecError> {
        self.byte().map(usize::from)
    }

    fn length16(&mut self) -> Result<usize, CodecError> {
        self.array().map(|bytes| usize::from(u16::from_be_bytes(bytes)))
    }

    fn length32(&mut self) -> Result<usize, CodecError> {
        let length = u32::from_be_bytes(self.array()?);
        usize::try_from(length).map_err(|_| CodecError::here("a length is beyond this machine"))
    }

    fn text(&mut self, length: usize) -> Result<Token<'a>, CodecError> {
        let bytes = self.take(length)?;
        std::str::from_utf8(bytes)
            .map(Token::Str)
            .map_err(|_| CodecError::here("a string is not valid UTF-8"))
    }

    fn extension(&mut self, length: usize) -> Result<Token<'a>, CodecError> {
        let code = i8::from_be_bytes(self.array()?);
        self.take(length).map(|payload| Token::Ext(code, payload))
    }

    /// Reads the next token, by the table of formats in the MessagePack specification.
    pub(super) fn token(&mut self) -> Result<Token<'a>, CodecError> {
        Ok(match Marker::from_u8(self.byte()?) {
            Marker::Null => Token::Nil,
            Marker::True => Token::Bool(true),
            Marker::False => Token::Bool(false),
            Marker::FixPos(value) => Token::Integer(value.into()),
            Marker::FixNeg(value) => Token::Integer(value.into()),
            Marker::I8 => Token::Integer(i8::from_be_bytes(self.array()?).into()),
            Marker::I16 => Token::Integer(i16::from_be_bytes(self.array()?).into()),
            Marker::I32 => Token::Integer(i32::from_be_bytes(self.array()?).into()),
            Marker::I64 => Token::Integer(i64::from_be_bytes(self.array()?)),
            Marker::U8 => Token::Integer(u8::from_be_bytes(self.array()?).into()),
            Marker::U16 => Token::Integer(u16::from_be_bytes(self.array()?).into()),
            Marker::U32 => Token::Integer(u32::from_be_bytes(self.array()?).into()),
            Marker::U64 => {
                let value = u64::from_be_bytes(self.array()?);
                i64::try_from(value).map_or(Token::Unsigned(value), Token::Integer)
            }
            Marker::F32 => Token::Float(f32::from_be_bytes(self.array()?).into()),
            Marker::F64 => Token::Float(f64::from_be_bytes(self.array()?)),
            Marker::FixStr(length) => self.text(length.into())?,
            Marker::Str8 => self.length8().and_then(|length| self.text(length))?,
            Marker::Str16 => self.length16().and_then(|length| self.text(length))?,
            Marker::Str32 => self.length32().and_then(|length| self.text(length))?,
            Marker::Bin8 => self.length8().and_then(|length| self.take(length)).map(Token::Bin)?,
            Marker::Bin16 => self.length16().and_then(|length| self.take(length)).map(Token::Bin)?,
            Marker::Bin32 => self.length32().and_then(|length| self.take(length)).map(Token::Bin)?,
            Marker::FixArray(length) => Token::Array(length.into()),
            Marker::Array16 => self.length16().map(Token::Array)?,
            Marker::Array32 => self.length32().map(Token::Array)?,
            Marker::FixMap(length) => Token::Map(length.into()),
            Marker::Map16 => self.length16().map(Token::Map)?,
            Marker::Map32 => self.length32().map(Token::Map)?,
            Marker::FixExt1 => self.extension(1)?,
            Marker::FixExt2 => self.extension(2)?,
            Marker::FixExt4 => self.extension(4)?,
            Marker::FixExt8 => self.extension(8)?,
            Marker::FixExt16 => self.extension(16)?,
            Marker::Ext8 => self.length8().and_then(|length| self.extension(length))?,
            Marker::Ext16 => self.length16().and_then(|length| self.extension(length))?,
            Marker::Ext32 => self.length32().and_then(|length| self.extension(length))?,
            Marker::Reserved => return Err(CodecError::here("the byte 0xc1 is not MessagePack")),
        })
    }

    /// Skips one value of any shape, without recursion.
    pub(super) fn skip(&mut self) -> Result<(), CodecError> {
        let mut pending: usize = 1;
        while pending > 0 {
            pending -= 1;
            pending = match self.token()? {
                Token::Array(length) => pending.saturating_add(length),
                Token::Map(length) => pending.saturating_add(length).saturating_add(length),
                _ => pending,
            };
        }
        Ok(())
    }

    fn value(&mut self, ty: &Type, depth: usize) -> Result<Value, CodecError> {
        if depth > MAX_DEPTH {
            return Err(CodecError::here(format!("values are nested more than {MAX_DEPTH} levels deep")));
        }
        let token = match self.token()? {
            Token::Nil => return Ok(Value::Null),
            Token::Ext(EXT_REFINED, payload) if payload.len() > 1 => {
                return refinement::decode(payload).map(Value::Unknown);
            }
            Token::Ext(..) => return Ok(Value::unknown()),
            token => token,
        };
        match (ty, token) {
            (Type::Bool, Token::Bool(value)) => Ok(Value::Bool(value)),
            (Type::String, Token::Str(text)) => Ok(Value::String(normalise(text.to_owned()))),
            (Type::Number, token) => number(token).map(Value::Number),
            (Type::List(element), Token::Array(length)) => {
                self.elements(element, length, depth).map(Value::List)
            }
            (Type::Set(element), Token::Array(length)) => {
                self.elements(element, length, depth).map(Value::Set)
            }
            (Type::Map(element), Token::Map(length)) => self.map(element, length, depth).map(Value::Map),
            (Type::Tuple(types), Token::Array(length)) => self.tuple(types, length, depth).map(Value::Tuple),
            (Type::Object(types), Token::Map(length)) => self.object(types, length, depth).map(Value::Object),
            (Type::Dynamic, Token::Array(2)) => self.dynamic(depth),
            (ty, token) => {
                Err(CodecError::here(format!("expected {}, found {}", wanted(ty), token.describe())))
            }
        }
    }

    fn elements(&mut self, element: &Type, length: usize, depth: usize) -> Result<Vec<Value>, CodecError> {
        // Grown as elements arrive: the announced length may be a lie.
        let mut elements = Vec::new();
        for index in 0..length {
            let step = || Step::Index(i64::try_from(index).unwrap_or(i64::MAX));
            elements.push(self.value(element, depth + 1).map_err(|error| error.within(step()))?);
        }
        Ok(elements)
    }

    fn tuple(&mut self, types: &[Type], length: usize, depth: usize) -> Result<Vec<Value>, CodecError> {
        if length != types.len() {
            let message = format!("expected a tuple of {} elements, found {length}", types.len());
            return Err(CodecError::here(message));
        }
        let mut elements = Vec::new();
        for (index, ty) in types.iter().enumerate() {
            let step = || Step::Index(i64::try_from(index).unwrap_or(i64::MAX));
            elements.push(self.value(ty, depth + 1).map_err(|error| error.within(step()))?);
        }
        Ok(elements)
    }

    fn key(&mut self) -> Result<&'a str, CodecError> {
        match self.token()? {
            Token::Str(key) => Ok(key),
            other => Err(CodecError::here(format!("expected a string as key, found {}", other.describe()))),
        }
    }

    fn map(
        &mut self,
        element: &Type,
        length: usize,
        depth: usize,
    ) -> Result<BTreeMap<String, Value>, CodecError> {
        let mut elements = BTreeMap::new();
        for _ in 0..length {
            let key = normalise(self.key()?.to_owned());
            let value =
                self.value(element, depth + 1).map_err(|error| error.within(Step::Key(key.clone())))?;
            if elements.contains_key(&key) {
                return Err(CodecError::here(format!("the key {key:?} occurs twice")));
            }
            elements.insert(key, value);
        }
        Ok(elements)
    }

    fn object(
        &mut self,
        types: &BTreeMap<String, Type>,
        length: usize,
        depth: usize,
    ) -> Result<BTreeMap<String, Value>, CodecError> {
        let mut attributes = BTreeMap::new();
        for _ in 0..length {
            let name = self.key()?;
            let Some(ty) = types.get(name) else {
                return Err(CodecError::here(format!("the schema has no attribute {name:?}")));
            };
            let value =
                self.value(ty, depth + 1).map_err(|error| error.within(Step::Attribute(name.to_owned())))?;
            if attributes.insert(name.to_owned(), value).is_some() {
                return Err(CodecError::here(format!("the attribute {name:?} occurs twice")));
            }
        }
        match types.keys().find(|name| !attributes.contains_key(*name)) {
            None => Ok(attributes),
            Some(missing) => Err(CodecError::here(format!("the attribute {missing:?} is missing"))),
        }
    }

    fn dynamic(&mut self, depth: usize) -> Result<Value, CodecError> {
        let ty = match self.token()? {
            Token::Bin(json) => Type::from_json(json)?,
            Token::Str(json) => Type::from_json(json.as_bytes())?,
            other => {
                let message = format!("expected the type of a dynamic value, found {}", other.describe());
                return Err(CodecError::here(message));
            }
        };
        let value = self.value(&ty, depth + 1)?;
        Ok(match (ty, value) {
            // A dynamic value inside a dynamic value is just that value.
            (Type::Dynamic, value) => value,
            (ty, value) => Value::Dynamic(Box::new(DynamicValue { ty, value })),
        })
    }
}

/// What a value of type `ty` looks like in the bytes.
fn wanted(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "a bool",
        Type::Number => "a number",
        Type::String => "a string",
        Type::Dynamic => "a value with its type",
        Type::List(_) => "a list",
        Type::Set(_) => "a set",
        Type::Tuple(_) => "a tuple",
        Type::Map(_) => "a map",
        Type::Object(_) => "an object",
    }
}

/// Numbers come in whichever form holds them exactly: integer, float, or decimal text.
pub(super) fn number(token: Token<'_>) -> Result<Number, CodecError> {
    match token {
        Token::Integer(value) => Ok(Number::from(value)),
        Token::Unsigned(value) => Ok(Number::from(value)),
        Token::Float(value) => Number::exactly(value).map_err(|error| CodecError::here(error.to_string())),
        Token::Str(text) => text.parse::<Number>().map_err(|error| CodecError::here(error.to_string())),
        other => Err(CodecError::here(format!("expected a number, found {}", other.describe()))),
    }
}
