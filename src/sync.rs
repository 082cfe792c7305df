//! Chooses the atomics, cells and lock of all code that loom models.
//!
//! | build                       | atomics | cell   | lock                |
//! |-----------------------------|---------|--------|---------------------|
//! | feature `std`               | `core`  | `core` | `std::sync::Mutex`  |
//! | feature `critical-section`  | `core`  | `core` | `critical_section`  |
//! | `--cfg reveille_loom`       | `loom`  | `loom` | `loom::sync::Mutex` |
//!
//! A build with both features uses std's lock. A core without compare-and-swap uses the atomics of
//! `portable-atomic`, through the feature of that name; without it compilation fails with a message
//! that names the feature.
//!
//! `Arc` and `alloc::task::Wake` exist only where the core has compare-and-swap. So what the
//! feature `alloc` adds requires `target_has_atomic = "ptr"`, too.
//!
//! The lock passes its contents to a closure and never returns a guard, so that the code that runs
//! locked stands between two braces.
//!
//! **Nothing Locks Twice.** No foreign code runs locked: no waker, no callback, no destructor of a
//! value that is not ours. And our own code takes no lock there.

#[cfg(not(any(feature = "std", feature = "critical-section")))]
compile_error!(
    "reveille needs a lock: enable the feature `std`, or `critical-section` where there is no std"
);

#[cfg(not(any(target_has_atomic = "ptr", feature = "portable-atomic")))]
compile_error!(
    "reveille needs compare-and-swap, which this core lacks: enable the feature `portable-atomic`"
);

#[cfg(target_pointer_width = "16")]
compile_error!(
    "reveille needs pointers of at least 32 bits: a 16-bit event state wraps after 16,384 clears"
);

// By glob, so that no build warns of an atomic that only others use.
pub(crate) use self::imp::*;
pub(crate) use self::lock::Lock;

#[cfg(not(reveille_loom))]
mod imp {
    use core::cell::UnsafeCell;

    #[cfg(any(target_has_atomic = "ptr", not(feature = "portable-atomic")))]
    pub(crate) use core::sync::atomic::*;
    #[cfg(all(not(target_has_atomic = "ptr"), feature = "portable-atomic"))]
    pub(crate) use portable_atomic::*;
    #[cfg(feature = "std")]
    pub(crate) use std::sync::Mutex;

    /// Makes a function `const`. In a loom model it does not: loom's atomics and cells cannot be
    /// created in a constant.
    macro_rules! const_fn {
        ($($function:tt)*) => { $($function)* };
    }
    pub(crate) use const_fn;

    /// An `UnsafeCell` with the interface of loom's, which checks each access in a model.
    pub(crate) struct Cell<T>(UnsafeCell<T>);

    impl<T> Cell<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(UnsafeCell::new(value))
        }

        /// Passes `read` a pointer that it may read through.
        #[inline]
        pub(crate) fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
            read(self.0.get())
        }

        /// Passes `write` a pointer that it may write through.
        #[inline]
        pub(crate) fn with_mut<R>(&self, write: impl FnOnce(*mut T) -> R) -> R {
            write(self.0.get())
        }

        pub(crate) fn into_inner(self) -> T {
            self.0.into_inner()
        }
    }
}

#[cfg(reveille_loom)]
mod imp {
    pub(crate) use loom::sync::Mutex;
    pub(crate) use loom::sync::atomic::*;

    /// Makes a function that the other build makes `const`.
    macro_rules! const_fn {
        ($(#[$meta:meta])* $vis:vis const fn $($rest:tt)*) => { $(#[$meta])* $vis fn $($rest)* };
    }
    pub(crate) use const_fn;

    pub(crate) type Cell<T> = loom::cell::UnsafeCell<T>;
}

#[cfg(feature = "std")]
mod lock {
    use std::sync::PoisonError;

    use super::{Mutex, const_fn};

    /// A lock whose contents are reached through a closure.
    pub(crate) struct Lock<T>(Mutex<T>);

    impl<T> Lock<T> {
        const_fn! {
            pub(crate) const fn new(value: T) -> Self {
                Self(Mutex::new(value))
            }
        }

        #[cfg_attr(reveille_rtsan, sanitize(realtime = "blocking"))]
        #[inline]
        pub(crate) fn with<R>(&self, locked: impl FnOnce(&mut T) -> R) -> R {
            // It is never poisoned: no foreign code runs locked, and our own does not panic there.
            locked(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
        }
    }
}

#[cfg(all(not(feature = "std"), feature = "critical-section"))]
mod lock {
    use core::cell::UnsafeCell;
    use core::panic::{RefUnwindSafe, UnwindSafe};

    use critical_section::Mutex;

    /// A lock whose contents are reached through a closure.
    pub(crate) struct Lock<T>(Mutex<UnsafeCell<T>>);

    impl<T> Lock<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(Mutex::new(UnsafeCell::new(value)))
        }

        #[inline]
        pub(crate) fn with<R>(&self, locked: impl FnOnce(&mut T) -> R) -> R {
            critical_section::with(|section| {
                let contents = self.0.borrow(section).get();
                // SAFETY: no other critical section runs at the same time, and Nothing Locks Twice:
                // `locked` enters none. A `RefCell` would check each time, for a word in each flag
                // and a tenth of its code.
                locked(unsafe { &mut *contents })
            })
        }
    }

    // std's `Mutex` is both. A critical section is neither, and the same holds for it: no foreign
    // code runs inside, so no panic can leave the contents half changed.
    impl<T> RefUnwindSafe for Lock<T> {}
    impl<T> UnwindSafe for Lock<T> {}
}

/// Keeps rustc from adding errors to the `compile_error!` above.
#[cfg(not(any(feature = "std", feature = "critical-section")))]
mod lock {
    pub(crate) struct Lock<T>(core::marker::PhantomData<fn(T)>);

    impl<T> Lock<T> {
        pub(crate) const fn new(value: T) -> Self {
            core::mem::forget(value);
            Self(core::marker::PhantomData)
        }

        pub(crate) fn with<R>(&self, _locked: impl FnOnce(&mut T) -> R) -> R {
            unreachable!()
        }
    }
}
