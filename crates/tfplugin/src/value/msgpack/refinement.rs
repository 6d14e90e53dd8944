//! What is known of an unknown value, in MessagePack: a map from small integers to limits, inside an extension value.

use rmp::encode;

use super::{
    decode::{Reader, Token, number},
    encode::{Sink, write_number},
};
use crate::value::{Bound, CodecError, Refinement};

/// Longest payload that is read; core's own limit.
const MAX_PAYLOAD: usize = 1024;
/// Longest prefix that is written, in bytes; core's own limit. A shorter prefix promises less and stays true.
const MAX_PREFIX: usize = 256;

const NULLNESS: i64 = 1;
const STRING_PREFIX: i64 = 2;
const NUMBER_LOWER: i64 = 3;
const NUMBER_UPPER: i64 = 4;
const LENGTH_LOWER: i64 = 5;
const LENGTH_UPPER: i64 = 6;

/// Reads the payload. Keys that are not known here are skipped; nothing known at all is None.
pub(super) fn decode(payload: &[u8]) -> Result<Option<Box<Refinement>>, CodecError> {
    if payload.len() > MAX_PAYLOAD {
        let message = format!("a refinement has {} bytes; at most {MAX_PAYLOAD} are allowed", payload.len());
        return Err(CodecError::here(message));
    }
    let mut reader = Reader::new(payload);
    let Token::Map(length) = reader.token()? else {
        return Err(malformed());
    };
    let mut refinement = Refinement::default();
    for _ in 0..length {
        let Token::Integer(key) = reader.token()? else {
            return Err(malformed());
        };
        match key {
            NULLNESS => match reader.token()? {
                Token::Bool(nullness) => refinement.not_null = !nullness,
                _ => return Err(malformed()),
            },
            STRING_PREFIX => match reader.token()? {
                Token::Str(prefix) => refinement.string_prefix = Some(prefix.to_owned()),
                _ => return Err(malformed()),
            },
            NUMBER_LOWER => refinement.number_lower = Some(bound(&mut reader)?),
            NUMBER_UPPER => refinement.number_upper = Some(bound(&mut reader)?),
            LENGTH_LOWER => refinement.length_lower = Some(self::length(&mut reader)?),
            LENGTH_UPPER => refinement.length_upper = Some(self::length(&mut reader)?),
            _ => reader.skip()?,
        }
    }
    if !reader.is_at_end() {
        return Err(malformed());
    }
    Ok((!refinement.is_empty()).then(|| Box::new(refinement)))
}

fn malformed() -> CodecError {
    CodecError::here("the refinement of an unknown value is malformed")
}

fn bound(reader: &mut Reader<'_>) -> Result<Bound, CodecError> {
    let Token::Array(2) = reader.token()? else {
        return Err(malformed());
    };
    let value = number(reader.token()?)?;
    match reader.token()? {
        Token::Bool(inclusive) => Ok(Bound { value, inclusive }),
        _ => Err(malformed()),
    }
}

fn length(reader: &mut Reader<'_>) -> Result<u64, CodecError> {
    match reader.token()? {
        Token::Integer(length) => u64::try_from(length).map_err(|_| malformed()),
        Token::Unsigned(length) => Ok(length),
        _ => Err(malformed()),
    }
}

/// Writes the payload.
pub(super) fn encode(refinement: &Refinement) -> Result<Vec<u8>, CodecError> {
    let mut entries = Sink::default();
    let mut count: u32 = 0;
    let mut key = |entries: &mut Sink, key: i64| {
        count += 1;
        entries.wrote(|out| encode::write_sint(out, key))
    };
    if refinement.not_null {
        key(&mut entries, NULLNESS)?;
        entries.wrote(|out| encode::write_bool(out, false))?;
    }
    if let Some(prefix) = &refinement.string_prefix {
        key(&mut entries, STRING_PREFIX)?;
        let prefix = &prefix[..prefix.floor_char_boundary(MAX_PREFIX)];
        entries.wrote(|out| encode::write_str(out, prefix))?;
    }
    for (id, bound) in [(NUMBER_LOWER, &refinement.number_lower), (NUMBER_UPPER, &refinement.number_upper)] {
        if let Some(bound) = bound {
            key(&mut entries, id)?;
            entries.wrote(|out| encode::write_array_len(out, 2))?;
            write_number(&mut entries, &bound.value)?;
            entries.wrote(|out| encode::write_bool(out, bound.inclusive))?;
        }
    }
    for (id, length) in [(LENGTH_LOWER, refinement.length_lower), (LENGTH_UPPER, refinement.length_upper)] {
        if let Some(length) = length {
            key(&mut entries, id)?;
            entries.wrote(|out| encode::write_uint(out, length))?;
        }
    }
    let mut payload = Sink::default();
    payload.wrote(|out| encode::write_map_len(out, count))?;
    payload.append(entries);
    Ok(payload.into_bytes())
}
