//! `WaitableEvent` and its peers, which wake a loop that sleeps in the kernel. Linux alone: the
//! floor is an eventfd.

pub mod peer;
pub(crate) mod peers;
pub mod rows;
pub mod subjects;
