//! The layers under the public types, lowest first. A layer imports only those above it in this
//! list, and [`sync`](crate::sync).

pub(crate) mod state;

pub(crate) mod list;

pub(crate) mod batch;

pub(crate) mod queue;

#[cfg(all(feature = "std", not(target_family = "wasm"), not(all(test, reveille_loom))))]
pub(crate) mod block;
