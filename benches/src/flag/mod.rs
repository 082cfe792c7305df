//! `ThreadSafeFlag` and its peers.

mod parked;
pub mod peer;
mod peers;
pub mod rows;
#[cfg(unix)]
pub mod signal;
pub mod subjects;
