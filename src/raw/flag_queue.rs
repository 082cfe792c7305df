//! The protocol of a flag: one `set`, one waiter; first come, first served.
//!
//! | bit | name    | 1 means                       | set by                 | cleared by              |
//! |----:|---------|-------------------------------|------------------------|-------------------------|
//! |   0 | SET     | one wait may have it          | `set`                  | that wait, or `clear`   |
//! |   1 | WAITERS | the list has a node           | a parking wait, locked | last to leave, locked   |
//! A 0 in WAITERS is exact.
//!
//! # How a `set` reaches a waiter
//! ```text
//! set() ─► word ── was SET 0, and is WAITERS 1? ─► WaiterSlot ─► head's waker ─► the head polls,
//!          1 RMW    no: done                       courier, or                   locked: takes SET,
//!                                                  directly                      and leaves
//! ```
//! The head is *called*: its waker is taken, it keeps its place until its poll has taken the set. If
//! the set is gone by then (`clear`), the head gives a new waker and stays.
//!
//! # Why every set finds its waiter
//! **A Set Has A Herald.** While SET and WAITERS are both 1, the head has been called and has yet to
//! poll, or someone is about to call it:
//! - SET comes while WAITERS is there: its setter calls, unless all have left when it looks.
//! - WAITERS comes while SET is there: it does not. A wait that finds SET and an empty list takes it.
//! - The head leaves without it: under the same lock it looks at SET, and calls the next.
//! - The head takes it: SET is 0, and the next `set` has a setter.
//!
//! All this relies on the head's being polled or dropped. One that is leaked does neither, so the
//! set stays its own, and the flag releases no other waiter.
//!
//! A call may be for nothing: the head that took the set early was called too late, or WAITERS, which the
//! setter reads after it has set, came after the set was gone. Whoever is the head then polls, finds nothing,
//! and stays.
//!
//! # Why no panic costs a set
//! A wait that has taken SET says so in its node, WOKEN, before it drops a waker: that is foreign code
//! and may panic. If it does, the next poll is ready, and a wait that is dropped sets the flag anew.
//! Until then that set is the wait's: `is_set` and `clear` do not see it.
//!
//! # Why nobody overtakes
//! Only the head takes SET while the list has a node. A newcomer takes it without the lock by an
//! exchange that expects WAITERS to be 0.
//!
//! # Why what happened before `set` is visible after the wait
//! SET is taken back by a read-modify-write with Acquire, by a wait or by `clear`, and every `set` is
//! one with Release: it takes over what was done before each `set` since the last.

use core::pin::Pin;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use core::task::{Context, Poll, Waker};

use crate::raw::batch::run_both;
use crate::raw::courier::WaiterSlot;
use crate::raw::list::{List, Node, Status};
use crate::raw::state::Generation;
use crate::sync::{AtomicUsize, Lock, const_fn};

/// The word of a flag, and where its waiters are.
pub(crate) struct FlagQueue {
    word: AtomicUsize,
    slot: WaiterSlot,
}

const SET: usize = 1;
const WAITERS: usize = 1 << 1;

// === impl FlagQueue: set, clear, look ===

impl FlagQueue {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Self { word: AtomicUsize::new(0), slot: WaiterSlot::new() }
        }
    }

    /// Callable from anywhere that [`WaiterSlot::notify`] is.
    #[inline]
    pub(crate) fn set(&self) {
        if self.set_word() {
            self.slot.notify();
        }
    }

    #[inline]
    pub(crate) fn set_direct(&self) {
        if self.set_word() {
            self.slot.notify_direct();
        }
    }

    /// Tells whether the head must be called.
    #[inline]
    fn set_word(&self) -> bool {
        // ORDERING: Release gives the caller's writes to whoever takes SET back; also when it is there
        // already.
        if self.word.fetch_or(SET, Release) & SET != 0 {
            return false;
        }
        // Looked at again, for of a read-modify-write whose old value is tested for that one bit compilers make
        // one instruction, and a loop otherwise. If the set was taken meanwhile, the head is called for nothing.
        // ORDERING: Acquire, from a parking wait: where its slot is.
        self.word.load(Acquire) & WAITERS != 0
    }

    pub(crate) fn clear(&self) -> bool {
        // ORDERING: Relaxed to look, Acquire to take over what was done before every `set` that this
        // takes back.
        self.is_set_relaxed() && self.word.fetch_and(!SET, Acquire) & SET != 0
    }

    #[inline]
    pub(crate) fn is_set(&self) -> bool {
        // ORDERING: Acquire takes over what was done before the sets that this reads.
        self.word.load(Acquire) & SET != 0
    }

    #[inline]
    pub(crate) fn is_set_relaxed(&self) -> bool {
        // ORDERING: Relaxed. A look; whoever acts on it takes SET by a read-modify-write.
        self.word.load(Relaxed) & SET != 0
    }

    pub(crate) fn has_waiters(&self) -> bool {
        // ORDERING: Relaxed. A look from outside.
        self.word.load(Relaxed) & WAITERS != 0
    }

    /// Takes the set for a newcomer, if nobody waits.
    #[inline]
    pub(crate) fn take_unless_others_wait(&self) -> bool {
        // ORDERING: Relaxed to look. Acquire takes over what was done before the sets that this takes.
        self.word.load(Relaxed) == SET
            && self.word.compare_exchange(SET, 0, Acquire, Relaxed).is_ok()
    }
}

// === impl FlagQueue: what a wait does, on the node that it carries ===

impl FlagQueue {
    pub(crate) fn node() -> Node {
        Node::new(Generation::NONE, false)
    }

    /// The list, for a poll.
    ///
    /// # Panics
    /// As [`WaiterSlot::open`].
    pub(crate) fn list(&self) -> &Lock<List> {
        // ORDERING: Acquire, from the wait that made it 1: which slot it is in.
        self.slot.open(|| self.word.load(Acquire) & WAITERS != 0)
    }

    /// Ready: the set was taken, and the node is not linked any more.
    #[inline]
    pub(crate) fn poll(&self, mut node: Pin<&mut Node>, cx: &Context<'_>) -> Poll<()> {
        let taken = match node.status() {
            Status::Fresh => self.poll_fresh(node.as_ref(), cx),
            // An earlier poll took it, and panicked.
            Status::Woken => true,
            Status::Parked if self.may_sleep_on(node.as_mut(), cx) => false,
            _ => self.poll_linked(node.as_ref(), cx),
        };
        if taken { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Whether a waiter that has just been PARKED has nothing to do in this poll. Takes no lock.
    fn may_sleep_on(&self, node: Pin<&mut Node>, cx: &Context<'_>) -> bool {
        // In a child of `fork` nobody would wake it.
        !self.is_set_relaxed() && node.will_wake(cx.waker()) && self.slot.list().is_some()
    }

    /// Parks a waiter, unless there is a set for it; tells whether it was taken.
    fn poll_fresh(&self, node: Pin<&Node>, cx: &Context<'_>) -> bool {
        if self.take_unless_others_wait() {
            return true;
        }
        let waker = cx.waker().clone();
        // Looked up after the clone: foreign code, which may fork.
        let unneeded = self.list().with(|list| {
            if !self.take_or_announce(list) {
                // SAFETY: Linked Means Pinned. We own the node, it is not linked, only this flag's
                // list ever sees it, and dropping its future calls `cancel`.
                unsafe { list.push_back(node, waker) };
                return None;
            }
            node.release();
            Some(waker)
        });
        // Dropped here, unlocked: foreign code.
        unneeded.is_some()
    }

    /// Locked: takes SET if the list is empty, or sees to it that WAITERS is 1.
    fn take_or_announce(&self, list: &List) -> bool {
        if !list.is_empty() {
            return false;
        }
        // Locked, so WAITERS is 0, and stays so: what changes is SET.
        // ORDERING: Relaxed. A guess; the exchange orders.
        let mut word = self.word.load(Relaxed);
        loop {
            // The fault: the look before the lock was enough.
            let take = cfg!(not(reveille_fault)) && word == SET;
            let next = if take { 0 } else { word | WAITERS };
            // ORDERING: Acquire takes over what was done before the sets that this takes. Release
            // gives the way to the list to the setter that reads WAITERS.
            match self.word.compare_exchange_weak(word, next, AcqRel, Relaxed) {
                Ok(_) => return take,
                Err(now) => word = now,
            }
        }
    }

    /// Polls a waiter that is in the list; tells whether it took the set.
    fn poll_linked(&self, node: Pin<&Node>, cx: &Context<'_>) -> bool {
        let mut waker = None;
        loop {
            // Looked up anew after each clone: foreign code, which may fork.
            let outcome = self.list().with(|list| match self.take_as_head(list, node) {
                Ok(own) => Ok((true, own)),
                Err(()) => match waker.take() {
                    // SAFETY: we own the node, and a waiter that was PARKED or NOTIFIED stays linked
                    // until its owner takes it out.
                    Some(waker) => Ok((false, unsafe { list.rearm(node, waker) })),
                    None => Err(()),
                },
            });
            match outcome {
                // Foreign code, unlocked: a new waker that it did not need, and the old one.
                Ok((taken, own)) => {
                    run_both(|| drop(waker), || drop(own));
                    return taken;
                }
                // Pending, so it needs a waker: cloned unlocked, and then looked again.
                Err(()) => waker = Some(cx.waker().clone()),
            }
        }
    }

    /// Locked: takes the set and the node out, if the node is the head and there is a set.
    fn take_as_head(&self, list: &mut List, node: Pin<&Node>) -> Result<Option<Waker>, ()> {
        if !list.is_front(node) || !self.clear() {
            return Err(());
        }
        // SAFETY: we own the node, and only this flag's list ever sees it.
        let own = unsafe { list.remove(node) };
        node.release();
        self.clear_waiters_if_empty(list);
        Ok(own)
    }

    /// Takes a waiter out, if it is in there; a set that was for it goes to the next, or stays.
    #[inline]
    pub(crate) fn cancel(&self, node: Pin<&mut Node>) {
        match node.status() {
            Status::Parked | Status::Notified => self.remove(node.as_ref()),
            // A poll took the set, and panicked before it could say so.
            Status::Woken => run_both(|| self.set_direct(), || ()),
            Status::Fresh | Status::Terminated => {}
        }
    }

    fn remove(&self, node: Pin<&Node>) {
        // A list that a parent process left is never looked at again, so its nodes may stay.
        let Some(list) = self.slot.list() else { return };
        let (own, next) = list.with(|list| {
            let was_head = list.is_front(node);
            // SAFETY: we own the node, and only this flag's list ever sees it.
            let own = unsafe { list.remove(node) };
            self.clear_waiters_if_empty(list);
            let next = if was_head && self.is_set_relaxed() { list.notify_front() } else { None };
            (own, next)
        });
        // Foreign code, unlocked.
        run_both(
            || {
                if let Some(next) = next {
                    next.wake();
                }
            },
            || drop(own),
        );
    }

    /// Locked: clears WAITERS if the last has left.
    fn clear_waiters_if_empty(&self, list: &List) {
        if list.is_empty() {
            // ORDERING: Relaxed. Only a parking wait relies on it, and that holds the lock.
            self.word.fetch_and(!WAITERS, Relaxed);
        }
    }
}
