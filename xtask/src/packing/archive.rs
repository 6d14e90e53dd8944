//! A zip archive whose bytes follow from what is in it: entries in the order given, one fixed date, no extra fields.
//! Source: PKWARE's APPNOTE 6.3, sections 4.3 and 4.4.

use anyhow::{Context as _, Result};

/// A file in the archive.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub(super) name: &'a str,
    /// Unix permissions.
    pub(super) mode: u32,
    pub(super) content: &'a [u8],
}

/// 2.0, the version that knows deflate; with 3 in front where Unix permissions are meant.
const VERSION: u16 = 20;
const MADE_BY_UNIX: u16 = (3 << 8) | VERSION;
const DEFLATED: u16 = 8;
/// 1980-01-01, the first date that there is.
const DATE: u16 = (1 << 5) | 1;
const REGULAR_FILE: u32 = 0o100_000;
/// The best that deflate does without taking minutes.
const LEVEL: u8 = 9;

/// All entries as one archive.
///
/// # Errors
/// When something is too long for the format.
pub(super) fn zip(entries: &[Entry<'_>]) -> Result<Vec<u8>> {
    let mut archive = Vec::new();
    let mut directory = Vec::new();
    for Entry { name, mode, content } in entries {
        let offset = size(archive.len())?;
        let deflated = miniz_oxide::deflate::compress_to_vec(content, LEVEL);
        let length = u16::try_from(name.len()).context("a name is too long for a zip archive")?;
        // From the version to the length of the name, the two headers of an entry are the same.
        let mut common = Vec::new();
        for number in [VERSION, 0, DEFLATED, 0, DATE] {
            common.extend(number.to_le_bytes());
        }
        for number in [crc32(content), size(deflated.len())?, size(content.len())?] {
            common.extend(number.to_le_bytes());
        }
        common.extend(length.to_le_bytes());

        archive.extend(b"PK\x03\x04");
        archive.extend(&common);
        archive.extend(0u16.to_le_bytes());
        archive.extend(name.as_bytes());
        archive.extend(deflated);

        directory.extend(b"PK\x01\x02");
        directory.extend(MADE_BY_UNIX.to_le_bytes());
        directory.extend(&common);
        // Extra field, comment, disk, internal attributes: nothing.
        directory.extend([0; 8]);
        directory.extend(((REGULAR_FILE | mode) << 16).to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let count = u16::try_from(entries.len()).context("too many files for a zip archive")?.to_le_bytes();
    let (start, length) = (size(archive.len())?, size(directory.len())?);
    archive.extend(directory);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend(count);
    archive.extend(count);
    archive.extend(length.to_le_bytes());
    archive.extend(start.to_le_bytes());
    archive.extend(0u16.to_le_bytes());
    Ok(archive)
}

fn size(length: usize) -> Result<u32> {
    u32::try_from(length).context("too large for a zip archive without extensions")
}

/// The checksum of zip: CRC-32 with the reversed polynomial of IEEE 802.3.
fn crc32(content: &[u8]) -> u32 {
    let mut table = [0u32; 256];
    for (byte, entry) in (0u32..).zip(&mut table) {
        *entry =
            (0..8).fold(byte, |rest, _| if rest & 1 == 1 { (rest >> 1) ^ 0xedb8_8320 } else { rest >> 1 });
    }
    let step = |sum: u32, byte: &u8| {
        let [low, ..] = (sum ^ u32::from(*byte)).to_le_bytes();
        table.get(usize::from(low)).copied().unwrap_or_default() ^ (sum >> 8)
    };
    !content.iter().fold(u32::MAX, step)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        // The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms.
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn an_entry_can_be_taken_out_again() {
        let content = b"content ".repeat(100);
        let archive = zip(&[Entry { name: "a", mode: 0o755, content: &content }]).unwrap();
        // The local header is 30 bytes and the name long; the directory follows what was deflated.
        let directory = archive.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
        let inflated = miniz_oxide::inflate::decompress_to_vec(&archive[31..directory]).unwrap();
        assert_eq!(inflated, content);
        let attributes = &archive[directory + 38..directory + 42];
        assert_eq!(attributes, ((REGULAR_FILE | 0o755) << 16).to_le_bytes());
    }
}
