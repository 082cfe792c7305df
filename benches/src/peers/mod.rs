//! The peers, one file each: how its documentation uses it.
//!
//! Not here: embassy-sync's `Signal`, atomic-waker and diatomic-waker, which support one waiter
//! (see the flags); embassy-sync's `Watch`, which supports a constant number of waiters and
//! searches all of them when one registers (see the results); and rsevents, which blocks threads.

pub(crate) mod async_event;
mod async_lock;
mod asyncband;
mod cancellation_token;
pub(crate) mod event_listener;
pub(crate) mod events;
pub(crate) mod floor;
mod futures_intrusive;
pub(crate) mod maitake;
mod reveille;
mod set_once;
pub(crate) mod tokio;
mod watch;
