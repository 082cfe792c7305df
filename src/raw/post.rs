//! Where a flag keeps its waiters, and who wakes the first of them.
//!
//! | build                           | the list is          | the head is woken by           |
//! |---------------------------------|----------------------|--------------------------------|
//! | Unix with std                   | in a slot, `'static` | the courier; `set_direct`: us  |
//! | no std; Windows, wasm; Miri     | in the flag          | us, on the spot                |
//!
//! In a child of `fork` a slot that the parent left is of no use: its lock may be locked for good, and
//! its list names threads that are not there. If nobody waited, the flag gets another; else it cannot
//! wait any more there, and says so.
//!
//! Miri takes the direct path, since it ends with an error while a thread lives, unless it is told to ignore
//! leaks: `--cfg reveille_courier` is for that. The loom models take the other, and are the courier
//! themselves.

pub(crate) use imp::Post;

#[cfg(all(unix, feature = "std", any(not(miri), reveille_courier)))]
mod imp {
    use core::ptr;
    use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

    use crate::raw::courier::Berth;
    use crate::raw::list::{List, notify_front};
    use crate::sync::{AtomicPtr, Lock, const_fn};

    /// A flag's slot, once it has had a waiter.
    pub(crate) struct Post {
        berth: AtomicPtr<Berth>,
    }

    impl Post {
        const_fn! {
            pub(crate) const fn new() -> Self {
                Self { berth: AtomicPtr::new(ptr::null_mut()) }
            }
        }

        fn berth(&self) -> Option<&'static Berth> {
            // ORDERING: Acquire, from `move_in`.
            let berth = self.berth.load(Acquire);
            // SAFETY: it is null, or a berth that is never freed.
            unsafe { berth.as_ref() }
        }

        /// The slot, unless a parent process left it.
        fn own_berth(&self) -> Option<&'static Berth> {
            self.berth().filter(|berth| berth.is_of_this_process())
        }

        /// The list; the first time, with a slot and a courier for it.
        ///
        /// `has_waiters`, with Acquire: whether somebody is linked.
        ///
        /// # Panics
        /// If the courier cannot be started; in a child of `fork`, if a parent left somebody in the list.
        pub(crate) fn open(&self, has_waiters: impl Fn() -> bool) -> &Lock<List> {
            match self.reach() {
                Some(list) => list,
                None => self.move_in(has_waiters),
            }
        }

        /// The list that a linked node is in; none if a parent process left it.
        pub(crate) fn reach(&self) -> Option<&Lock<List>> {
            self.own_berth().map(|berth| &berth.slot.list)
        }

        #[cold]
        fn move_in(&self, has_waiters: impl Fn() -> bool) -> &Lock<List> {
            loop {
                // ORDERING: Relaxed. Only the address is used.
                let found = self.berth.load(Relaxed);
                if let Some(list) = self.reach() {
                    return list;
                }
                // ORDERING: Relaxed. Who waits came after another slot was published, or else before the
                // fork; and if it was after, the Acquire of `has_waiters` shows us that slot.
                let left_behind = has_waiters() && ptr::eq(self.berth.load(Relaxed), found);
                assert!(
                    !left_behind,
                    "reveille: this flag had waiters when the process was forked"
                );
                let fresh = match Berth::take() {
                    Ok(berth) => berth,
                    Err(error) => panic!("reveille: the courier cannot be started: {error}"),
                };
                let new = ptr::from_ref(fresh).cast_mut();
                // ORDERING: Release gives the slot to those who load it.
                if self.berth.compare_exchange(found, new, Release, Relaxed).is_err() {
                    fresh.give_back();
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
            if let Some(berth) = self.own_berth() {
                notify_front(&berth.slot.list);
            }
        }
    }

    impl Drop for Post {
        fn drop(&mut self) {
            if let Some(berth) = self.own_berth() {
                // Futures that were leaked are linked for good; they keep their memory, and their
                // wakers with it.
                berth.slot.list.with(|list| *list = List::new());
                berth.give_back();
            }
        }
    }
}

#[cfg(not(all(unix, feature = "std", any(not(miri), reveille_courier))))]
mod imp {
    use crate::raw::list::{List, notify_front};
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

        pub(crate) fn open(&self, _has_waiters: impl Fn() -> bool) -> &Lock<List> {
            &self.list
        }

        pub(crate) fn reach(&self) -> Option<&Lock<List>> {
            Some(&self.list)
        }

        pub(crate) fn call(&self) {
            self.call_on_the_spot();
        }

        pub(crate) fn call_on_the_spot(&self) {
            notify_front(&self.list);
        }
    }
}
