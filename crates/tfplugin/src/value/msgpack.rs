//! The MessagePack form of values, as Terraform sends and expects it.
//!
//! The bytes carry no types: they are read by the type of the schema. Unknown values are extension values, numbers may
//! arrive as integers, floats or decimal text, and objects are maps with exactly their attributes. Bytes are not
//! trusted: lengths are checked against what is there, and nesting is limited.

mod decode;
mod encode;
mod refinement;

pub use self::{decode::decode, encode::encode};

/// Extension type of an unknown value of which nothing is known.
const EXT_UNKNOWN: i8 = 0;
/// Extension type of an unknown value with refinements.
const EXT_REFINED: i8 = 12;

#[cfg(test)]
mod tests;
