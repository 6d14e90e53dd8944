//! Nothing secret is written anywhere. Every test plants secrets that can be recognised in one of the places where keys
//! come from, goes through a whole life and through failures, and then looks for them, and for everything that was made
//! of them on the way, in all that was printed or written.

mod failures;
mod lives;
mod stage;
