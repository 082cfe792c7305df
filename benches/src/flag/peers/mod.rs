//! The peers, one file each: how its documentation uses it.

pub(crate) mod async_event;
mod asyncband;
pub(crate) mod atomic_waker;
pub(crate) mod diatomic_waker;
pub(crate) mod embassy_sync;
pub(crate) mod event_listener;
pub(crate) mod events;
pub(crate) mod maitake;
pub(crate) mod reveille;
mod tokio;
