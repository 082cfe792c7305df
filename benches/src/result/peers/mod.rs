//! The peers, one file each: how its documentation uses it.

mod async_lock;
pub(crate) mod asyncband;
pub(crate) mod embassy_sync;
pub(crate) mod futures;
pub(crate) mod once_lock;
mod reveille;
pub(crate) mod tokio;
