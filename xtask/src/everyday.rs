//! What a developer runs all day: formatting, lints, tests, documentation.

pub(crate) mod doc_examples;
pub(crate) mod layers;
pub(crate) mod lint;
pub(crate) mod readme;
pub(crate) mod test;
pub(crate) mod typos;
