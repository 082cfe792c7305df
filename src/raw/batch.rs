//! A bounded number of wakers, which are taken under a lock and woken without it, and what happens if one
//! of them panics.
//!
//! A waker runs any code: an executor's, which may lock or allocate, or the caller's, which may use the very
//! event that wakes it, or panic. The same holds for its drop. So neither runs under a lock, and the lock is
//! held for a bounded number of waiters at a time: others can park, cancel and set in between.
//!
//! # A waker that panics costs no other waiter its wake-up
//! [`despite_panics`] calls a loop that wakes one waiter after the other, and calls it again after a panic.
//!
//! | build   | the first panic                                      | later panics        |
//! |---------|------------------------------------------------------|---------------------|
//! | std     | is kept, and propagates after all have been woken;   | are forgotten       |
//! |         | is forgotten if the thread is already unwinding      |                     |
//! | no std  | unwinds, and the rest is woken meanwhile             | abort, as in a drop |
//!
//! # Invariants
//! **Start To End Is Full.** `wakers[start..end]` are initialised, no others are.

use core::mem::{self, MaybeUninit};
use core::task::Waker;

/// Wakers that were taken out of a list and are about to be woken.
pub(crate) struct Batch {
    wakers: [MaybeUninit<Waker>; CAPACITY],
    start: usize,
    end: usize,
}

/// How many waiters are taken under the lock at a time. 128 wakers are 2 KiB of stack. 32 are 512 bytes, or
/// 256 on 32 bits: an interrupt has little stack. Miri, which is slow, has as few. A loom model has 2, so that
/// three waiters need a second batch.
pub(crate) const CAPACITY: usize = if cfg!(reveille_loom) {
    2
} else if cfg!(all(feature = "std", target_pointer_width = "64", not(miri))) {
    128
} else {
    32
};

/// Runs both, even if the first panics.
///
/// # Panics
/// As [`despite_panics`].
pub(crate) fn run_both(first: impl FnOnce(), second: impl FnOnce()) {
    let (mut first, mut second) = (Some(first), Some(second));
    despite_panics(|| {
        if let Some(first) = first.take() {
            first();
        }
        if let Some(second) = second.take() {
            second();
        }
    });
}

#[cfg(feature = "std")]
pub(crate) use with_std::despite_panics;
#[cfg(not(feature = "std"))]
pub(crate) use without_std::despite_panics;

// === impl Batch ===

impl Batch {
    pub(crate) const fn new() -> Self {
        Self { wakers: [const { MaybeUninit::uninit() }; CAPACITY], start: 0, end: 0 }
    }

    /// Fills an empty batch with the wakers that `next` returns. The argument of `next` is their number so
    /// far; at [`CAPACITY`] it must return `None`.
    ///
    /// # Panics
    /// If `next` returns more than [`CAPACITY`] wakers.
    #[inline]
    pub(crate) fn fill(&mut self, mut next: impl FnMut(usize) -> Option<Waker>) {
        debug_assert!(self.start == self.end, "Start To End Is Full: the batch is not empty");
        // Counted in a local: `end` would be written to memory for each waker.
        let mut count = 0;
        while let Some(waker) = next(count) {
            self.wakers[count].write(waker);
            count += 1;
        }
        // Start To End Is Full: `write` has initialised them one by one.
        (self.start, self.end) = (0, count);
    }

    /// Wakes all wakers, first to last.
    ///
    /// # Panics
    /// As [`despite_panics`].
    #[inline]
    pub(crate) fn wake(&mut self) {
        despite_panics(|| {
            while let Some(waker) = self.pop() {
                waker.wake();
            }
        });
    }

    /// Takes the first waker out, before it is woken: a panic cannot wake it twice.
    #[inline]
    fn pop(&mut self) -> Option<Waker> {
        if self.start == self.end {
            return None;
        }
        // SAFETY: Start To End Is Full; the waker leaves that range in the next line.
        let waker = unsafe { self.wakers[self.start].assume_init_read() };
        self.start += 1;
        Some(waker)
    }
}

#[cfg(feature = "std")]
mod with_std {
    use core::any::Any;
    use core::panic::AssertUnwindSafe;
    use std::panic::{catch_unwind, resume_unwind};

    use super::mem;

    /// Calls `run` until it returns: again after each of its panics. Each call makes some progress.
    ///
    /// # Panics
    /// With the first panic of `run`, after it has returned, unless the thread is already unwinding.
    #[inline]
    pub(crate) fn despite_panics(mut run: impl FnMut()) {
        let mut first = None;
        // Unwind safe: what `run` changes is whole whenever it calls foreign code.
        while let Err(payload) = catch_unwind(AssertUnwindSafe(&mut run)) {
            keep(&mut first, payload);
        }
        if let Some(payload) = first {
            resume_or_forget(payload);
        }
    }

    #[cold]
    fn keep(first: &mut Option<Box<dyn Any + Send>>, payload: Box<dyn Any + Send>) {
        match first {
            None => *first = Some(payload),
            // The destructor of a payload is foreign code, which may panic.
            Some(_) => mem::forget(payload),
        }
    }

    /// Resumes a panic, or forgets it if the thread is already unwinding: a second panic would abort.
    #[cold]
    fn resume_or_forget(payload: Box<dyn Any + Send>) {
        if std::thread::panicking() {
            // The panic hook has reported it.
            mem::forget(payload);
        } else {
            resume_unwind(payload);
        }
    }
}

#[cfg(not(feature = "std"))]
mod without_std {
    use super::mem;

    /// Calls `run` again when it is dropped.
    struct Again<F: FnMut()>(F);

    /// Calls `run`; if that panics, calls it again while the panic unwinds. Each call makes some progress.
    ///
    /// # Panics
    /// With the panic of `run`. A second one aborts.
    #[inline]
    pub(crate) fn despite_panics(run: impl FnMut()) {
        let mut again = Again(run);
        (again.0)();
        // It has returned. Nothing leaks: `run` borrows what it uses, or has taken it.
        mem::forget(again);
    }

    impl<F: FnMut()> Drop for Again<F> {
        fn drop(&mut self) {
            (self.0)();
        }
    }
}
