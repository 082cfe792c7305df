//! `AsyncResult`, `ValueEvent` and their peers.

pub mod peer;
mod peers;
pub mod rows;
pub mod subjects;

pub use peer::{Peer, Rounds};
pub use rows::Case;
pub use subjects::{SUBJECTS, Subject};
