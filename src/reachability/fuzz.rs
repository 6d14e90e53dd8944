//! Any first bytes of anybody who listens.

use ::fuzz::bytes;

use super::greeting::{Greeting, read};

#[test]
fn the_greeting() {
    bytes("greeting", |input| {
        if let Greeting::Server(text) | Greeting::Refusal(_, text) = read(input) {
            assert!(!text.chars().any(char::is_control), "{text:?}");
        }
        // What has been decided stays decided when more comes.
        for cut in 0..input.len().min(64) {
            let early = read(&input[..cut]);
            assert!(early == Greeting::Incomplete || early == read(input), "{cut}");
        }
    });
}
