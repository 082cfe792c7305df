//! reveille on Cortex-M, in QEMU: the shared cases of `tests/cases`, real exceptions, and one at
//! every instruction.
//!
//! ```text
//! cargo xtask firmware
//!
//! suite: one case ─► machine is reset ─► the next … ─► `N passed, M failed`, QEMU's exit status
//! ```
//! A case that panics, faults, or is not woken is printed by name, and the rest still run: there is
//! no unwinding here, so the machine is reset after each, and the tally is kept where a reset
//! leaves it.

#![no_std]

pub mod executor;
pub mod machine;
pub mod suite;
pub mod watch;
