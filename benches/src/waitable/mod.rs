//! `WaitableEvent` and its peers: what wakes a loop that sleeps in the kernel. Linux alone, for the
//! eventfd that is the floor.

pub mod peer;
pub(crate) mod peers;
pub mod rows;
pub mod subjects;

pub use peer::Peer;
pub use rows::Case;
pub use subjects::{SUBJECTS, Subject};
