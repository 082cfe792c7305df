//! The model: what each type does, in the plainest way, for one thread.

mod event;
mod flag;
mod panics;
mod queue;
mod result;
mod value;

pub(crate) use event::Event;
pub(crate) use flag::Flag;
pub(crate) use result::AsyncResult;
pub(crate) use value::ValueEvent;
