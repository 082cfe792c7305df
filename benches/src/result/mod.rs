//! `AsyncResult`, `ValueEvent` and their peers.

pub mod peer;
mod peers;
pub mod rows;
pub mod subjects;
