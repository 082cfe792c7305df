//! Chooses atomics, cells and the lock; no other file does.
//!
//! | build                          | atomics | cell       | lock                   |
//! |--------------------------------|---------|------------|------------------------|
//! | feature `std`                  | `core`  | `core`     | `std::sync::Mutex`     |
//! | feature `critical-section`     | `core`  | `core`     | `critical_section`     |
//! | `--cfg reveille_loom`, tests   | `loom`  | `loom`     | `loom::sync::Mutex`    |
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

#[cfg(all(any(unix, windows), feature = "std"))]
pub(crate) use imp::fence;
#[cfg(all(unix, feature = "std", any(not(miri), reveille_courier)))]
pub(crate) use imp::{AtomicBool, AtomicPtr, OnceLock};
pub(crate) use imp::{AtomicU8, AtomicUsize, Cell, Lock};

/// Makes a function `const`, except in a loom model, whose atomics and cells cannot be created in a
/// constant.
macro_rules! const_fn {
    ($(#[$meta:meta])* $vis:vis const fn $($rest:tt)*) => {
        #[cfg(not(all(test, reveille_loom)))]
        $(#[$meta])*
        $vis const fn $($rest)*

        #[cfg(all(test, reveille_loom))]
        $(#[$meta])*
        $vis fn $($rest)*
    };
}
pub(crate) use const_fn;

#[cfg(not(all(test, reveille_loom)))]
mod imp {
    use core::cell::UnsafeCell;

    #[cfg(all(any(unix, windows), feature = "std"))]
    pub(crate) use core::sync::atomic::fence;
    #[cfg(all(unix, feature = "std", any(not(miri), reveille_courier)))]
    pub(crate) use core::sync::atomic::{AtomicBool, AtomicPtr};
    #[cfg(any(target_has_atomic = "ptr", not(feature = "portable-atomic")))]
    pub(crate) use core::sync::atomic::{AtomicU8, AtomicUsize};
    #[cfg(all(not(target_has_atomic = "ptr"), feature = "portable-atomic"))]
    pub(crate) use portable_atomic::{AtomicU8, AtomicUsize};
    #[cfg(all(unix, feature = "std", any(not(miri), reveille_courier)))]
    pub(crate) use std::sync::OnceLock;

    /// An `UnsafeCell` with the interface of loom's, which checks each access in a model.
    pub(crate) struct Cell<T>(UnsafeCell<T>);

    /// A lock whose contents are reached through a closure.
    pub(crate) struct Lock<T>(Inner<T>);

    #[cfg(feature = "std")]
    type Inner<T> = std::sync::Mutex<T>;
    #[cfg(all(not(feature = "std"), feature = "critical-section"))]
    type Inner<T> = critical_section::Mutex<UnsafeCell<T>>;
    // This and its `Lock` keep rustc from adding errors to the `compile_error!` above.
    #[cfg(not(any(feature = "std", feature = "critical-section")))]
    type Inner<T> = core::marker::PhantomData<fn(T)>;

    // === impl Cell ===

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

    // === impl Lock ===

    #[cfg(feature = "std")]
    impl<T> Lock<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(Inner::new(value))
        }

        #[cfg_attr(reveille_rtsan, sanitize(realtime = "blocking"))]
        #[inline]
        pub(crate) fn with<R>(&self, locked: impl FnOnce(&mut T) -> R) -> R {
            // It is never poisoned: no foreign code runs locked, and our own does not panic there.
            locked(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
        }
    }

    #[cfg(all(not(feature = "std"), feature = "critical-section"))]
    impl<T> Lock<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(Inner::new(UnsafeCell::new(value)))
        }

        #[inline]
        pub(crate) fn with<R>(&self, locked: impl FnOnce(&mut T) -> R) -> R {
            critical_section::with(|section| {
                let contents = self.0.borrow(section).get();
                // SAFETY: in a critical section no other code runs, except what `locked` calls; and
                // Nothing Locks Twice. A `RefCell` would check each time, for a word in each flag
                // and a tenth of its code.
                locked(unsafe { &mut *contents })
            })
        }
    }

    #[cfg(not(any(feature = "std", feature = "critical-section")))]
    impl<T> Lock<T> {
        pub(crate) const fn new(value: T) -> Self {
            core::mem::forget(value);
            Self(core::marker::PhantomData)
        }

        pub(crate) fn with<R>(&self, _locked: impl FnOnce(&mut T) -> R) -> R {
            unreachable!()
        }
    }

    // std's `Mutex` is both. A critical section is neither, and the same holds for it: no foreign
    // code runs inside, so no panic can leave the contents half changed.
    #[cfg(not(feature = "std"))]
    impl<T> core::panic::RefUnwindSafe for Lock<T> {}
    #[cfg(not(feature = "std"))]
    impl<T> core::panic::UnwindSafe for Lock<T> {}
}

#[cfg(all(test, reveille_loom))]
mod imp {
    pub(crate) use loom::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, AtomicUsize, fence};

    pub(crate) use crate::tests::mocks::OnceLock;

    pub(crate) type Cell<T> = loom::cell::UnsafeCell<T>;

    /// A lock whose contents are reached through a closure.
    pub(crate) struct Lock<T>(loom::sync::Mutex<T>);

    // === impl Lock ===

    impl<T> Lock<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(loom::sync::Mutex::new(value))
        }

        pub(crate) fn with<R>(&self, locked: impl FnOnce(&mut T) -> R) -> R {
            locked(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
        }
    }
}
