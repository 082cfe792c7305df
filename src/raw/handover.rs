//! What is handed over with a word of the kernel's, be it a counter or the bytes in a pipe.
//!
//! Of the kernel nothing is asked but that its word be one word, as if each access were relaxed;
//! [`fd`](crate::raw::fd) has the reasons. It stands apart from that for loom, which sees no system call: in
//! a model the word is a relaxed atomic.

use core::sync::atomic::Ordering::{Acquire, Release};

use crate::sync::fence;

/// To be called before a write that sets the word. Callable from signal handlers.
#[inline]
pub(crate) fn before_write() {
    // ORDERING: Release, of the caller's writes, to the fence of whoever finds the word set.
    fence(Release);
}

/// To be called after a look at the word, or a read that takes it back.
#[inline]
pub(crate) fn after_look() {
    // ORDERING: Acquire, from the fence of each set that was found, or taken back.
    fence(Acquire);
}
