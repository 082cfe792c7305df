//! The fences for a word of the kernel: a counter, the bytes in a pipe, the state of an object.
//!
//! The crate relies on no more than that such a word is one word, as if each access were relaxed.
//! `raw/fd/mod.rs` has the reasons, and `raw/event_object.rs` those for objects, whose `set` need not
//! write. The fences stand apart from both for loom, which sees no system call: in a model the word
//! is a relaxed atomic.

/// For a descriptor, which a `set` writes.
#[cfg(all(unix, feature = "std"))]
pub(crate) mod descriptor {
    use core::sync::atomic::Ordering::{Acquire, Release};

    use crate::sync::fence;

    /// Is called before a write that sets the word. Callable from signal handlers.
    #[inline]
    pub(crate) fn before_write() {
        // ORDERING: Release, of the caller's writes; pairs with the fence of `after_look`.
        fence(Release);
    }

    /// Is called after a look at the word, or after a read that resets it.
    #[inline]
    pub(crate) fn after_look() {
        // ORDERING: Acquire; pairs with the fence of each set that was found, or reset.
        fence(Acquire);
    }
}

/// For an object, which a `set` may do no more than find signalled. Two full fences order the
/// accesses around them in the hardware; loom checks the pair with atomics around it, since the
/// memory model of Rust has no system call that reads without an atomic.
#[cfg(all(feature = "std", any(windows, reveille_loom)))]
pub(crate) mod object {
    use core::sync::atomic::Ordering::SeqCst;

    use crate::sync::fence;

    /// Is called before a call that signals an object, and that may do no more than read that it is
    /// signalled.
    #[inline]
    pub(crate) fn before_signal() {
        // ORDERING: SeqCst, a full fence; pairs with that of `after_reset`. If the call reads the
        // state from before the reset, this fence comes first, and the caller's writes are visible
        // after the other.
        fence(SeqCst);
    }

    /// Is called after a call that resets an object.
    #[inline]
    pub(crate) fn after_reset() {
        // ORDERING: SeqCst, a full fence; pairs with that of `before_signal`.
        fence(SeqCst);
    }
}
