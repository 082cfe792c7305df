//! Where a flag keeps its waiters, and who wakes the first of them.
//!
//! | build                           | the list is          | the head is woken by           |
//! |---------------------------------|----------------------|--------------------------------|
//! | Unix with std                   | in a slot, `'static` | the courier; `set_direct`: us  |
//! | no std; Windows, wasm; Miri     | in the flag          | us, on the spot                |
//!
//! Miri takes the direct path, since it ends with an error while a thread lives. So do the loom models
//! of a flag; slot and courier have models of their own.

pub(crate) use imp::Post;

#[cfg(all(unix, feature = "std", not(miri), not(all(test, reveille_loom))))]
mod imp {
    use core::ptr;
    use core::sync::atomic::Ordering::{AcqRel, Acquire};

    use crate::raw::courier::Berth;
    use crate::raw::list::{List, call_front};
    use crate::sync::{AtomicPtr, Lock};

    /// A flag's slot, once it has had a waiter.
    pub(crate) struct Post {
        berth: AtomicPtr<Berth>,
    }

    impl Post {
        pub(crate) const fn new() -> Self {
            Self { berth: AtomicPtr::new(ptr::null_mut()) }
        }

        fn berth(&self) -> Option<&'static Berth> {
            // ORDERING: Acquire, from `open`.
            let berth = self.berth.load(Acquire);
            // SAFETY: it is null, or a berth that is never freed.
            unsafe { berth.as_ref() }
        }

        /// The list; the first time, with a slot and a courier for it.
        ///
        /// # Panics
        /// If the courier cannot be started.
        pub(crate) fn open(&self) -> &Lock<List> {
            if let Some(berth) = self.berth() {
                return &berth.slot.list;
            }
            let fresh = match Berth::take() {
                Ok(berth) => berth,
                Err(error) => panic!("reveille: the courier cannot be started: {error}"),
            };
            // ORDERING: Release gives the slot to `berth`; Acquire gets us another thread's.
            match self.berth.compare_exchange(
                ptr::null_mut(),
                ptr::from_ref(fresh).cast_mut(),
                AcqRel,
                Acquire,
            ) {
                Ok(_) => &fresh.slot.list,
                Err(other) => {
                    fresh.give_back();
                    // SAFETY: it was published by `open`, and is never freed.
                    &unsafe { &*other }.slot.list
                }
            }
        }

        /// Has the courier wake the first waiter. Callable from anywhere.
        pub(crate) fn call(&self) {
            if let Some(berth) = self.berth() {
                berth.send_courier();
            }
        }

        /// Wakes the first waiter.
        pub(crate) fn call_on_the_spot(&self) {
            if let Some(berth) = self.berth().filter(|berth| berth.is_of_this_process()) {
                call_front(&berth.slot.list);
            }
        }
    }

    impl Drop for Post {
        fn drop(&mut self) {
            if let Some(berth) = self.berth().filter(|berth| berth.is_of_this_process()) {
                // Futures that were leaked are linked for good; they keep their memory, and their
                // wakers with it.
                berth.slot.list.with(|list| *list = List::new());
                berth.give_back();
            }
        }
    }
}

#[cfg(not(all(unix, feature = "std", not(miri), not(all(test, reveille_loom)))))]
mod imp {
    use crate::raw::list::{List, call_front};
    use crate::sync::{Lock, const_fn};

    /// The list itself.
    pub(crate) struct Post {
        list: Lock<List>,
    }

    impl Post {
        const_fn! {
            pub(crate) const fn new() -> Self {
                Self { list: Lock::new(List::new()) }
            }
        }

        pub(crate) fn open(&self) -> &Lock<List> {
            &self.list
        }

        pub(crate) fn call(&self) {
            self.call_on_the_spot();
        }

        pub(crate) fn call_on_the_spot(&self) {
            call_front(&self.list);
        }
    }
}
