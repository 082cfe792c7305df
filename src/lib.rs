//! Signalling primitives for async code that belong to no executor.

#![cfg_attr(not(any(feature = "std", test)), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(missing_docs, clippy::std_instead_of_core, clippy::alloc_instead_of_core)]

#[cfg(feature = "alloc")]
extern crate alloc;

mod event;
mod raw;
mod sync;
#[cfg(test)]
mod tests;

#[cfg(feature = "alloc")]
pub use event::WaitOwned;
pub use event::{Event, Wait};
