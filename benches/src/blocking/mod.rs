//! Threads that block, and what wakes them.

pub mod peer;
mod peers;
pub mod rows;
pub mod subjects;

pub use peer::Peer;
pub use rows::Case;
pub use subjects::{SUBJECTS, Subject};
