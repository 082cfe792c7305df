//! What is published: the package, its documentation, its dependencies, its figures.

pub(crate) mod bench;
pub(crate) mod dependencies;
pub(crate) mod docs_rs;
pub(crate) mod fresh;
pub(crate) mod minimal_versions;
pub(crate) mod package;
