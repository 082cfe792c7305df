//! Faults of the surroundings: no descriptors, no threads, a process that forks or ends in the midst of it,
//! a waker that panics on the courier, futures that are leaked while they are parked.
//!
//! More of it stands where its type or layer is tested; `cargo xtask faults` runs all of it.

#![cfg(feature = "std")]

mod common;
#[cfg(all(unix, not(miri)))]
#[path = "faults/exit.rs"]
mod exit;
#[path = "faults/forgotten.rs"]
mod forgotten;
#[cfg(all(unix, not(miri)))]
#[path = "faults/kin.rs"]
mod kin;
#[cfg(all(unix, not(miri)))]
#[path = "faults/limits.rs"]
mod limits;
#[cfg(all(target_os = "linux", not(miri)))]
#[path = "signals/linux.rs"]
#[allow(dead_code, reason = "the courier's mask is the signals' affair")]
mod linux;
#[cfg(all(unix, not(miri)))]
#[path = "signals/stage.rs"]
mod stage;
#[cfg(all(unix, not(miri)))]
#[path = "signals/system.rs"]
#[allow(dead_code, reason = "the stress tests of signals use the rest")]
mod system;
#[cfg(all(unix, not(miri)))]
#[path = "stress/watch.rs"]
#[allow(dead_code, reason = "a stress test uses the rest")]
mod watch;
