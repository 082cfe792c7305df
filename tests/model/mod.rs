//! The crate beside a plain model of it, in lockstep: one operation on the one, the same on the other,
//! and what either did must be the same.
//!
//! # The way of an operation
//! ```text
//!  word ──► Op ───┬──► World ──► the crate's type ──┐ calls wakers,  ┌──► Trace ──┐
//!  any 64   decode│    slots,                       ├─► callbacks,  ─┤            ├── equal?
//!  bits     (op)  └──► World ──► the plain model ───┘ values: Cast   └──► Trace ──┘   (lockstep)
//!                 (world)        (plain)               (cast)             (trace)
//! ```
//! A word is an operation, whatever it is: so words may come from a seeded generator, from proptest,
//! which shrinks them, or from libFuzzer, which mutates them. All three run this very code.
//!
//! A *world* holds an object and what hangs on it: waits and links in numbered slots. It does not know
//! whether the object is the crate's or the model's. Both are a [`Subject`](subject::Subject); so is,
//! for the difference to another's work, an event built on `event-listener`.
//!
//! # What foreign code does
//! The *cast* is all that the crate calls and did not write: wakers, callbacks, values that are cloned
//! and dropped, futures that it polls. Whatever one of them is asked to do it notes in the trace, and
//! then does what an earlier operation has *armed* it with, once: it panics, or carries out an
//! operation on the world that it is called from. So the traces hold, in order, every call of foreign
//! code and every answer, those of operations within operations too.
//!
//! # What the model says
//! A queue is a `VecDeque` under a mutex, a generation is a `u64`, a callback is a box; there is
//! nothing unsafe in [`plain`], and no atomic. It says more than the contract does: also which waker is
//! cloned and dropped when, and that a number of them is taken at a time, which code that runs in between can see.
//! Who changes that on purpose changes the model, and sees here what else it changes.
//!
//! One thread, so nothing here is about orderings: that is what the loom models are for.
#![allow(dead_code, unused_imports, reason = "a fuzz target uses one subject, the tests all")]

pub(crate) mod cast;
pub(crate) mod lockstep;
pub(crate) mod op;
pub(crate) mod plain;
pub(crate) mod plan;
pub(crate) mod real;
pub(crate) mod subject;
pub(crate) mod tally;
pub(crate) mod trace;
pub(crate) mod world;
