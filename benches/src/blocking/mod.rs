//! Threads that block in a wait.

pub mod peer;
mod peers;
pub mod rows;
pub mod subjects;
