//! The peers, one file each: how its authors would use it.
//!
//! embassy-sync is not here: its `Signal` has room for one waiter (see the flags), its `Watch` for a number
//! that is a constant, and looks through them all for each that parks (see the results). Nor are
//! atomic-waker and diatomic-waker, which have room for one, and rsevents, which blocks threads.

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
