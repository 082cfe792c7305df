//! The peers, one file each: how its documentation uses it.

pub(crate) mod eventfd;
pub(crate) mod mio;
pub(crate) mod polling;
pub(crate) mod reveille;
