//! New ids, from a seed and a counter that are part of the world: the same seed and the same requests give the same
//! ids, and a world saved to a file goes on where it stopped.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Draws ids that look random and are not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IdSource {
    /// Worlds with the same seed draw the same ids.
    pub seed: u64,
    /// How many ids have been drawn.
    pub drawn: u64,
}

impl IdSource {
    fn draw(&mut self) -> [u8; 32] {
        self.drawn = self.drawn.wrapping_add(1);
        let mut hasher = Sha256::new();
        hasher.update(self.seed.to_be_bytes());
        hasher.update(self.drawn.to_be_bytes());
        hasher.finalize().into()
    }

    /// Lower-case hexadecimal digits, at most 64.
    pub(crate) fn hex(&mut self, digits: usize) -> String {
        let mut text = hex::encode(self.draw());
        text.truncate(digits);
        text
    }

    /// An AWS resource id: the prefix, a hyphen and 17 hexadecimal digits, the first of them 0.
    pub(crate) fn aws(&mut self, prefix: &str) -> String {
        format!("{prefix}-0{}", self.hex(16))
    }

    /// Upper-case letters and digits, as in an AWS access key id.
    pub(crate) fn upper(&mut self, characters: usize) -> String {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        self.draw()
            .iter()
            .cycle()
            .take(characters)
            .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
            .collect()
    }

    /// Lower-case letters and digits, as in an Alibaba Cloud resource id.
    pub(crate) fn lower(&mut self, characters: usize) -> String {
        const ALPHABET: &[u8; 32] = b"abcdefghijkmnopqrstuvwxyz2345678";
        self.draw()
            .iter()
            .cycle()
            .take(characters)
            .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
            .collect()
    }

    /// A 19-digit decimal id, as TiDB Cloud gives to a node group or a connection.
    pub(crate) fn decimal(&mut self) -> String {
        let bytes = self.draw();
        let number = bytes.iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        format!("19{:017}", number % 100_000_000_000_000_000)
    }

    /// A number below `bound`, which is at least 1.
    pub(crate) fn below(&mut self, bound: u8) -> u8 {
        self.draw()[0] % bound.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_ids() {
        let mut one = IdSource { seed: 7, drawn: 0 };
        let mut two = IdSource { seed: 7, drawn: 0 };
        assert_eq!(one.aws("vpce"), two.aws("vpce"));
        assert_ne!(one.aws("vpce"), two.decimal());
    }

    #[test]
    fn ids_have_the_services_shapes() {
        let mut ids = IdSource::default();
        assert_eq!(ids.aws("vpce").len(), "vpce-".len() + 17);
        assert_eq!(ids.decimal().len(), 19);
        assert_eq!(ids.upper(16).len(), 16);
        assert_eq!(ids.lower(20).len(), 20);
    }
}
