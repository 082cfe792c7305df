//! Memory for many futures side by side, pinned, with no allocation once it exists.
//!
//! It does what an executor does with its tasks: a future is written into memory that is already
//! there, and does not move from it. It is a queue: the first one in is the first one out.
//!
//! **Live Means Initialised.** Exactly the slots in `live` hold a future. `push` grows the range
//! after it has written one, `pop` shrinks it before it drops one.
//!
//! **Reached By Pointer.** The block is never borrowed as a whole once it was allocated, so
//! pointers that neighbouring futures hold to each other stay valid. A slot is not written to while
//! it is live: futures stay where they are until they are dropped.

use std::hint::black_box;
use std::mem::MaybeUninit;
use std::ops::Range;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll};

use crate::task::Task;

/// A queue of pinned futures in memory allocated in advance.
pub(crate) struct Slab<F> {
    slots: NonNull<F>,
    capacity: usize,
    live: Range<usize>,
}

// === impl Slab ===

impl<F> Slab<F> {
    /// Allocates room for `capacity` futures, and writes to all of it: its pages are there.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        let mut slots = Box::<[F]>::new_uninit_slice(capacity);
        slots.fill_with(MaybeUninit::zeroed);
        let slots = Box::leak(slots);
        Self { slots: NonNull::from(slots).cast(), capacity, live: 0..0 }
    }

    /// Writes `future` into the next free slot.
    ///
    /// # Panics
    /// If there is none.
    #[inline]
    pub(crate) fn push(&mut self, future: F) -> Pin<&mut F> {
        assert!(self.live.end < self.capacity, "more waits than the slab has room for");
        let slot = self.slot(self.live.end);
        // SAFETY: Live Means Initialised: the slot is in bounds and free.
        unsafe { slot.write(future) };
        self.live.end += 1;
        // SAFETY: Reached By Pointer: initialised above, and it stays there until `pop` drops it.
        unsafe { pinned(slot) }
    }

    /// The future that has been here longest.
    #[inline]
    pub(crate) fn first(&mut self) -> Option<Pin<&mut F>> {
        if self.live.is_empty() {
            return None;
        }
        // SAFETY: Live Means Initialised, and Reached By Pointer.
        Some(unsafe { pinned(self.slot(self.live.start)) })
    }

    /// Drops the future that has been here longest.
    #[inline]
    pub(crate) fn pop(&mut self) {
        if self.live.is_empty() {
            return;
        }
        let slot = self.slot(self.live.start);
        self.live.start += 1;
        if self.live.is_empty() {
            self.live = 0..0;
        }
        // SAFETY: Live Means Initialised: it was, and the range no longer covers it.
        unsafe { slot.drop_in_place() };
    }

    /// Makes a wait for each task and polls it once; returns how many are pending.
    #[inline]
    pub(crate) fn park(&mut self, tasks: &[Task], wait: impl Fn() -> F) -> usize
    where
        F: Future,
    {
        let mut pending = 0;
        for task in tasks {
            let wait = self.push(wait());
            let mut cx = Context::from_waker(&task.waker);
            pending += usize::from(black_box(wait).poll(&mut cx).is_pending());
        }
        pending
    }

    /// Polls the wait of each task and drops it; passes the outputs of those that are ready to
    /// `ready`.
    #[inline]
    pub(crate) fn resume(&mut self, tasks: &[Task], mut ready: impl FnMut(F::Output))
    where
        F: Future,
    {
        for task in tasks {
            let Some(wait) = self.first() else { break };
            let mut cx = Context::from_waker(&task.waker);
            if let Poll::Ready(output) = black_box(wait).poll(&mut cx) {
                ready(output);
            }
            self.pop();
        }
    }

    #[inline]
    fn slot(&self, index: usize) -> NonNull<F> {
        debug_assert!(index < self.capacity);
        // SAFETY: both callers keep `index` below the capacity that was allocated.
        unsafe { self.slots.add(index) }
    }
}

/// # Safety
/// `slot` holds a future that stays there until it is dropped in place, and that has no other
/// borrow.
#[inline]
unsafe fn pinned<'a, F>(mut slot: NonNull<F>) -> Pin<&'a mut F> {
    // SAFETY: the caller promises that it is initialised and not borrowed.
    let future = unsafe { slot.as_mut() };
    // SAFETY: the caller promises that it does not move.
    unsafe { Pin::new_unchecked(future) }
}

impl<F> Drop for Slab<F> {
    fn drop(&mut self) {
        while !self.live.is_empty() {
            self.pop();
        }
        let slots = self.slots.cast::<MaybeUninit<F>>();
        let slots = NonNull::slice_from_raw_parts(slots, self.capacity);
        // SAFETY: the box that `with_capacity` leaked; no slot is live.
        drop(unsafe { Box::from_raw(slots.as_ptr()) });
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::future::poll_fn;
    use std::task::Poll;

    use super::*;

    struct Log<'a>(&'a RefCell<Vec<u32>>, u32);

    impl Drop for Log<'_> {
        fn drop(&mut self) {
            self.0.borrow_mut().push(self.1);
        }
    }

    #[test]
    fn futures_are_dropped_once_and_in_order() {
        let dropped = RefCell::new(Vec::new());
        let future = |number| {
            let log = Log(&dropped, number);
            poll_fn(move |_| {
                let _ = &log;
                Poll::<()>::Pending
            })
        };
        let mut slab = Slab::with_capacity(3);
        for number in 1..=3 {
            slab.push(future(number));
        }
        slab.pop();
        assert_eq!(*dropped.borrow(), [1]);
        slab.pop();
        slab.pop();
        slab.pop();
        assert!(slab.first().is_none());
        slab.push(future(4));
        drop(slab);
        assert_eq!(*dropped.borrow(), [1, 2, 3, 4]);
    }

    #[test]
    #[should_panic(expected = "more waits than the slab has room for")]
    fn push_to_a_full_slab_panics() {
        let mut slab = Slab::with_capacity(1);
        slab.push(std::future::pending::<()>());
        slab.push(std::future::pending::<()>());
    }
}
