//! The layers under the public types, lowest first. A layer imports only from layers earlier in this
//! list, and from [`sync`](crate::sync). `cargo xtask layers` checks it.

pub(crate) mod state;

pub(crate) mod list;

pub(crate) mod panics;

pub(crate) mod batch;

pub(crate) mod queue;

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub(crate) mod callback;

pub(crate) mod kernel_fences;

#[cfg(all(feature = "std", not(target_family = "wasm"), not(reveille_loom)))]
pub(crate) mod fork;

#[cfg(all(unix, feature = "std", not(reveille_loom)))]
pub(crate) mod fd;

#[cfg(all(windows, feature = "std", not(reveille_loom)))]
pub(crate) mod event_object;

#[cfg(all(unix, feature = "std", not(target_family = "wasm"), any(not(miri), reveille_courier)))]
pub(crate) mod courier;

/// The same interface, for builds without a courier.
#[cfg(not(all(
    unix,
    feature = "std",
    not(target_family = "wasm"),
    any(not(miri), reveille_courier)
)))]
#[path = "direct.rs"]
pub(crate) mod courier;

pub(crate) mod flag_queue;

#[cfg(all(feature = "std", not(target_family = "wasm"), not(reveille_loom)))]
pub(crate) mod block;
