//! What this host is not: other sets of features, executors, systems, processors.

pub(crate) mod browser;
pub(crate) mod executors;
pub(crate) mod features;
pub(crate) mod firmware;
pub(crate) mod foreign;
pub(crate) mod targets;
