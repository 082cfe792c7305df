//! Cases that need neither std nor an allocator, so that a host and a microcontroller run the same.

pub(crate) mod event;
pub(crate) mod flag;
pub(crate) mod waker;
