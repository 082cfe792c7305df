//! A bounded number of wakers, which are taken under a lock and woken without it, and what happens if one
//! of them panics.
//!
//! A waker runs any code: an executor's, which may lock or allocate, or the caller's, which may use the very
//! event that wakes it, or panic. The same holds for its drop. So neither runs under a lock, and the lock is
//! held for a bounded number of waiters at a time: others can park, cancel and set in between.
//!
//! # A waker that panics costs no other waiter its wake-up
//! All foreign code runs in [`Panics::contain`], inside [`despite_panics`].
//!
//! | build   | the first panic                                      | later panics        |
//! |---------|------------------------------------------------------|---------------------|
//! | std     | is kept, and propagates after all have been woken;   | are forgotten       |
//! |         | is forgotten if the thread is already unwinding      |                     |
//! | no std  | unwinds, and the rest is woken meanwhile             | abort, as in a drop |
//!
//! # Invariants
//! **Start To End Is Full.** `wakers[start..end]` are initialised, no others are.

use core::mem::MaybeUninit;
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

pub(crate) use imp::{Panics, despite_panics};

/// Runs both. If the first panics, the second still runs with std, and is dropped without.
///
/// # Panics
/// With the first panic; after both have run, with std.
pub(crate) fn run_both(first: impl FnOnce(), second: impl FnOnce()) {
    let mut panics = Panics::default();
    panics.contain(first);
    panics.contain(second);
    panics.propagate();
}

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

#[cfg(feature = "std")]
mod imp {
    use core::any::Any;
    use core::mem;
    use core::panic::AssertUnwindSafe;
    use std::panic::{catch_unwind, resume_unwind};

    /// The first panic of several pieces of foreign code.
    #[derive(Default)]
    pub(crate) struct Panics(Option<Box<dyn Any + Send>>);

    /// Calls `run`, which runs foreign code in [`Panics::contain`] alone, piece by piece.
    ///
    /// # Panics
    /// With the first panic of the foreign code, after all of it has run.
    #[inline]
    pub(crate) fn despite_panics(run: impl Fn(&mut Panics)) {
        let mut panics = Panics::default();
        run(&mut panics);
        panics.propagate();
    }

    impl Panics {
        /// Runs a piece of foreign code, and keeps its panic; returns whether it did not panic.
        #[inline]
        pub(crate) fn contain(&mut self, foreign: impl FnOnce()) -> bool {
            // Unwind safe: all that is ours is whole whenever foreign code runs.
            match catch_unwind(AssertUnwindSafe(foreign)) {
                Ok(()) => true,
                Err(payload) => {
                    self.keep(payload);
                    false
                }
            }
        }

        /// Resumes the first panic, unless the thread is already unwinding: a second one would abort.
        #[inline]
        pub(crate) fn propagate(self) {
            if let Some(payload) = self.0 {
                resume_or_forget(payload);
            }
        }

        #[cold]
        fn keep(&mut self, payload: Box<dyn Any + Send>) {
            match self.0 {
                None => self.0 = Some(payload),
                // The destructor of a payload is foreign code, which may panic.
                Some(_) => mem::forget(payload),
            }
        }
    }

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
mod imp {
    use core::mem;

    use super::Batch;

    /// Stands for what keeps a panic with std. Without std nothing does.
    #[derive(Default)]
    pub(crate) struct Panics;

    /// Calls the function when it is dropped: while a panic unwinds.
    struct OnUnwind<F: Fn()>(F);

    /// Calls `run`, which runs foreign code in [`Panics::contain`] alone, piece by piece. If a panic unwinds,
    /// calls `run` again meanwhile, to go on after the piece that panicked.
    ///
    /// # Panics
    /// With the first panic of the foreign code. A second one aborts.
    pub(crate) fn despite_panics(run: impl Fn(&mut Panics)) {
        let rest = OnUnwind(|| run(&mut Panics));
        run(&mut Panics);
        mem::forget(rest);
    }

    // === impl Panics ===

    impl Panics {
        #[inline]
        pub(crate) fn contain(&mut self, foreign: impl FnOnce()) -> bool {
            foreign();
            true
        }

        pub(crate) fn propagate(self) {}
    }

    // === impl OnUnwind ===

    impl<F: Fn()> Drop for OnUnwind<F> {
        fn drop(&mut self) {
            (self.0)();
        }
    }

    // === impl Batch ===

    /// Wakes the rest while a panic unwinds. (With std a panic does not unwind before all have been woken.)
    impl Drop for Batch {
        fn drop(&mut self) {
            self.wake_rest();
        }
    }
}
