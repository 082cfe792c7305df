//! The peers, one file each: how its authors would use it.

mod asyncband;
pub(crate) mod event_listener;
pub(crate) mod events;
pub(crate) mod floor;
mod futures_intrusive;
mod reveille;
pub(crate) mod tokio;
