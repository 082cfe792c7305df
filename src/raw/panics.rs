//! What happens if foreign code panics: a waker, a callback, or the drop of one.
//!
//! A panic costs no other waiter its wake-up.
//! Foreign code runs in [`Panics::contain`], one piece after the other.
//!
//! | build   | the first panic                                      | later panics        |
//! |---------|------------------------------------------------------|---------------------|
//! | std     | is kept, and propagates after all have been woken;   | are forgotten       |
//! |         | is forgotten if the thread is already unwinding      |                     |
//! | no std  | unwinds; the rest is woken during the unwinding      | abort, as in a drop |

pub(crate) use imp::{Panics, despite_panics};

/// Runs both. If the first panics, the second still runs with std, and is dropped without.
///
/// # Panics
/// With the first panic; after both have run, with std.
pub(crate) fn run_both(first: impl FnOnce(), second: impl FnOnce()) {
    let mut panics = Panics::new();
    panics.contain(first);
    panics.contain(second);
    panics.propagate();
}

#[cfg(feature = "std")]
mod imp {
    use core::any::Any;
    use core::mem;
    use core::panic::AssertUnwindSafe;
    use std::panic::{catch_unwind, resume_unwind};

    /// The first panic of several pieces of foreign code.
    pub(crate) struct Panics(Option<Box<dyn Any + Send>>);

    /// Calls `run`, which runs foreign code in [`Panics::contain`] alone, piece by piece.
    ///
    /// # Panics
    /// With the first panic of the foreign code, after all of it has run.
    #[inline]
    pub(crate) fn despite_panics(run: impl Fn(&mut Panics)) {
        let mut panics = Panics::new();
        run(&mut panics);
        panics.propagate();
    }

    impl Panics {
        pub(crate) const fn new() -> Self {
            Self(None)
        }

        /// Runs a piece of foreign code, and keeps its panic; returns whether it did not panic.
        #[inline]
        pub(crate) fn contain(&mut self, foreign: impl FnOnce()) -> bool {
            // Unwind safe: all that is ours is whole whenever foreign code runs.
            catch_unwind(AssertUnwindSafe(foreign)).map_err(|payload| self.keep(payload)).is_ok()
        }

        /// Resumes the first panic, unless the thread is already unwinding: a second one would
        /// abort.
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

    /// Stands for what keeps a panic with std. Without std nothing does.
    pub(crate) struct Panics;

    /// Calls the function when it is dropped: while a panic unwinds.
    struct OnUnwind<F: Fn()>(F);

    /// Calls `run`, which runs foreign code in [`Panics::contain`] alone, piece by piece. If a
    /// panic unwinds, calls `run` again meanwhile, to continue after the piece that panicked.
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
        pub(crate) const fn new() -> Self {
            Self
        }

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
}
