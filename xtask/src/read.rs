//! Reads what files hold and what programs print.

pub(crate) mod files;
pub(crate) mod libtest;
pub(crate) mod sections;
pub(crate) mod source;
