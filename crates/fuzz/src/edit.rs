//! Mutations of bytes. Each is total: whatever its numbers are, it does something to whatever it is given.

use proptest::prelude::*;

/// Longer inputs find nothing that shorter ones do not, and take longer.
const LONGEST: usize = 8 << 10;

/// Bytes that mean something to one format or another: markers of MessagePack, JSON, XML, URLs, dates and headers, the
/// ends of number ranges, and characters of several bytes.
const WORDS: [&[u8]; 40] = [
    b"\xc0",
    b"\xc1",
    b"\xc4",
    b"\xc7",
    b"\xc8\xff\xff",
    b"\xc9\xff\xff\xff\xff",
    b"\xd4\0\0",
    b"\xd9\xff",
    b"\xdb\xff\xff\xff\xff",
    b"\xdc\xff\xff",
    b"\xdd\xff\xff\xff\xff",
    b"\xdf\xff\xff\xff\xff",
    b"\x0c\x82",
    b"null",
    b"true",
    b"{}",
    b"[]",
    b"\"",
    b"\\u0000",
    b"\\ud800",
    b"-1",
    b"0",
    b"1e999",
    b"18446744073709551616",
    b"9223372036854775808",
    b"65536",
    b"%",
    b"%00",
    b"/",
    b"=",
    b"&",
    b",",
    b"<",
    b"&#0;",
    b"\n",
    b"\r\n",
    b" ",
    b"\xc3\xa9",
    b"\xf0\x9f\x94\x91",
    b"\xff\xfe",
];

/// One mutation.
#[derive(Clone, Copy, Debug)]
pub struct Edit {
    kind: u8,
    at: u16,
    number: u16,
}

/// One to five mutations.
pub fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = (0..9_u8, any::<u16>(), any::<u16>()).prop_map(|(kind, at, number)| Edit { kind, at, number });
    prop::collection::vec(edit, 1..6)
}

/// The input after all mutations; `others` are what parts may be taken from.
pub(crate) fn apply(input: &[u8], edits: &[Edit], others: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for edit in edits {
        edit.apply(&mut bytes, others);
    }
    bytes.truncate(LONGEST);
    bytes
}

impl Edit {
    /// Does it.
    pub fn apply(&self, bytes: &mut Vec<u8>, others: &[Vec<u8>]) {
        let number = usize::from(self.number);
        let at = usize::from(self.at) % (bytes.len() + 1);
        let end = (at + 1 + number % 16).min(bytes.len()).max(at);
        match self.kind {
            0 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << (number % 8);
                }
            }
            1 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = number.to_le_bytes()[0];
                }
            }
            2 => {
                bytes.drain(at..end);
            }
            3 => bytes.truncate(at),
            4 | 5 => {
                let word = WORDS[number % WORDS.len()];
                let end = if self.kind == 4 { at } else { (at + word.len()).min(bytes.len()) };
                bytes.splice(at..end, word.iter().copied());
            }
            6 => {
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            7 => {
                if let Some(other) = others.get(number % others.len().max(1)) {
                    bytes.truncate(at);
                    bytes.extend_from_slice(&other[at.min(other.len())..]);
                }
            }
            _ => bytes.insert(at, number.to_le_bytes()[0]),
        }
    }
}
