//! Wrong input of every kind: what is refused, when, on which attribute and in which words, and that nothing is left
//! behind that the state does not know.

mod answers;
mod clusters;
mod credentials;
mod network;
mod permissions;
mod state;
mod values;
