//! The peers, one file each: how its authors would use it.

pub(crate) mod eventfd;
pub(crate) mod mio;
pub(crate) mod polling;
pub(crate) mod reveille;
