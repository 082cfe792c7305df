//! What is handed over with a word of the kernel's: a counter, the bytes in a pipe, the state of an object.
//!
//! Of the kernel nothing is asked but that its word be one word, as if each access were relaxed;
//! `raw/fd.rs` has the reasons, and `raw/handle.rs` those of the object, whose `set` need not write. It
//! stands apart from them for loom, which sees no system call: in a model the word is a relaxed atomic.

#[cfg(any(windows, all(test, reveille_loom)))]
use core::sync::atomic::Ordering::SeqCst;
#[cfg(unix)]
use core::sync::atomic::Ordering::{Acquire, Release};

use crate::sync::fence;

/// To be called before a write that sets the word. Callable from signal handlers.
#[cfg(unix)]
#[inline]
pub(crate) fn before_write() {
    // ORDERING: Release, of the caller's writes, to the fence of whoever finds the word set.
    fence(Release);
}

/// To be called after a look at the word, or a read that takes it back.
#[cfg(unix)]
#[inline]
pub(crate) fn after_look() {
    // ORDERING: Acquire, from the fence of each set that was found, or taken back.
    fence(Acquire);
}

/// To be called before a call that signals an object, and that may do no more than read that it is signalled.
#[cfg(any(windows, all(test, reveille_loom)))]
#[inline]
pub(crate) fn before_signal() {
    // ORDERING: SeqCst, a full fence, with that of `after_reset`. If the call reads what was there before the
    // reset, this comes first, and the caller's writes can be seen after the other.
    fence(SeqCst);
}

/// To be called after a call that resets an object.
#[cfg(any(windows, all(test, reveille_loom)))]
#[inline]
pub(crate) fn after_reset() {
    // ORDERING: SeqCst, a full fence, with that of `before_signal`.
    fence(SeqCst);
}
