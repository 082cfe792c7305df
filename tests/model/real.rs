//! The crate's types as subjects, and one that is built on another's list of waiters.

mod event;
mod flag;
mod listener;
mod result;
mod value;

pub(crate) use event::Calm;
pub(crate) use listener::ListenerEvent;
