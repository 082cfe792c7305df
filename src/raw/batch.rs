//! A bounded number of wakers, which are taken under a lock and woken without it.
//!
//! A waker runs any code: an executor's, which may lock or allocate, or the caller's, which may use
//! the very event that wakes it, or panic. The same holds for its drop. So neither runs under a
//! lock, and the lock is held for a bounded number of waiters at a time: others can park, cancel
//! and set in between.
//!
//! # Invariants
//! **Start To End Is Full.** `wakers[start..end]` are initialised, no others are.

use core::mem::MaybeUninit;
use core::task::Waker;

use crate::raw::panics::Panics;

/// Wakers that were taken out of a list and are about to be woken.
pub(crate) struct Batch {
    wakers: [MaybeUninit<Waker>; CAPACITY],
    start: usize,
    end: usize,
}

/// How many waiters are taken under the lock at a time. 128 wakers are 2 KiB of stack. 32 are 512
/// bytes, or 256 on 32 bits: an interrupt has little stack. Miri, which is slow, has as few. A loom
/// model has 2, so that three waiters need a second batch.
pub(crate) const CAPACITY: usize = if cfg!(reveille_loom) {
    2
} else if cfg!(all(feature = "std", target_pointer_width = "64", not(miri))) {
    128
} else {
    32
};

// === impl Batch ===

impl Batch {
    pub(crate) const fn new() -> Self {
        Self { wakers: [const { MaybeUninit::uninit() }; CAPACITY], start: 0, end: 0 }
    }

    /// Fills an empty batch with the wakers that `next` returns. The argument of `next` is their
    /// number so far; at [`CAPACITY`] it must return `None`.
    ///
    /// # Panics
    /// If `next` returns more than [`CAPACITY`] wakers.
    #[inline]
    pub(crate) fn fill(&mut self, mut next: impl FnMut(usize) -> Option<Waker>) {
        debug_assert!(self.is_empty(), "Start To End Is Full: the batch is not empty");
        // Counted in a local: `end` would be written to memory for each waker.
        let mut count = 0;
        while let Some(waker) = next(count) {
            self.wakers[count].write(waker);
            count += 1;
        }
        // Start To End Is Full: `write` has initialised them one by one.
        (self.start, self.end) = (0, count);
    }

    #[inline]
    pub(crate) const fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Wakes all wakers, first to last.
    #[inline]
    pub(crate) fn wake(&mut self, panics: &mut Panics) {
        while !panics.contain(|| self.wake_rest()) {}
    }

    #[inline]
    fn wake_rest(&mut self) {
        while let Some(waker) = self.pop() {
            waker.wake();
        }
    }

    /// Takes the first waker out, before it is woken: a panic cannot wake it twice.
    #[inline]
    fn pop(&mut self) -> Option<Waker> {
        if self.is_empty() {
            return None;
        }
        // SAFETY: Start To End Is Full; the waker leaves that range in the next line.
        let waker = unsafe { self.wakers[self.start].assume_init_read() };
        self.start += 1;
        Some(waker)
    }
}

/// Wakes the rest while a panic unwinds, without std. With std no panic unwinds before all have
/// been woken.
#[cfg(not(feature = "std"))]
impl Drop for Batch {
    fn drop(&mut self) {
        self.wake_rest();
    }
}
