//! The queue of a flag: one `set` releases one waiter; first come, first served.
//!
//! | bit | name    | 1 means                    |
//! |----:|---------|----------------------------|
//! |   0 | SET     | a wait may consume the set |
//! |   1 | WAITERS | the list has a node        |
//!
//! A 0 in WAITERS is exact.
//!
//! # Transitions
//! Each function that changes the word, as *old word → new word*. `s`, `w` stand for any SET and
//! WAITERS.
//!
//! | function                  | locked | old word → new word                  | otherwise                      |
//! |---------------------------|:------:|--------------------------------------|--------------------------------|
//! | `set_word`                |   no   | `s w` → `1 w`                        |                                |
//! | `clear`                   |   no   | `1 w` → `0 w`                        | SET is 0: unchanged            |
//! | `take_unless_others_wait` |   no   | `1 0` → `0 0`                        | unchanged                      |
//! | `take_or_announce`        |  yes   | `1 0` → `0 0`, `0 0` → `0 1`         | the list has a node: unchanged |
//! | `take_as_head`            |  yes   | as `clear`, for the head of the list | not the head: unchanged        |
//! | `clear_waiters_if_empty`  |  yes   | `s w` → `s 0`                        | the list has a node: unchanged |
//!
//! # How a `set` reaches a waiter
//! ```text
//! set() ─► word ── was SET 0, and is WAITERS 1? ─► WaiterSlot ─► head's waker ─► the head polls,
//!          1 RMW    no: done                       by the courier,               locked: consumes
//!                                                  or immediately                SET, leaves
//! ```
//! The head is *notified*: its waker is taken, and it keeps its place until its poll has consumed
//! the set. If the set is gone by then (`clear`), the head parks again with a new waker, in its
//! place.
//!
//! # Why every set finds its waiter
//! **A Set Has A Notifier.** While SET and WAITERS are both 1, the head has been notified and has yet
//! to poll, or some thread is about to notify it:
//! - SET becomes 1 while WAITERS is 1: the setter notifies, unless all waiters have left when it
//!   looks.
//! - WAITERS becomes 1 while SET is 1: that does not happen. A wait that finds SET and an empty
//!   list consumes it.
//! - The head leaves without the set: under the same lock it looks at SET, and notifies the next
//!   waiter.
//! - The head consumes the set: SET is 0, and the next `set` finds it so.
//!
//! All this relies on the head's being polled or dropped. A head that is leaked does neither, so
//! the set stays reserved for it, and the flag releases no other waiter.
//!
//! A notification may be for nothing: the head consumed the set before it was notified, or WAITERS,
//! which the setter reads after it has set, became 1 after the set was gone. The head then polls,
//! finds nothing, and stays.
//!
//! # Why no panic costs a set
//! A wait that has consumed SET marks its node WOKEN before it drops a waker: that is foreign code
//! and may panic. If it does, the next poll is ready, and a wait that is dropped sets the flag
//! again. Until then that set belongs to the wait: `is_set` and `clear` do not see it.
//!
//! # Why no waiter overtakes
//! Only the head consumes SET while the list has a node. A newcomer consumes it without the lock by
//! an exchange that expects WAITERS to be 0.
//!
//! # Why what happened before `set` is visible after the wait
//! SET is cleared by a read-modify-write with Acquire, by a wait or by `clear`, and every `set` is
//! one with Release: so the read-modify-write that clears SET synchronizes with each `set` since
//! the previous one.

use core::pin::Pin;
use core::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release};
use core::task::{Context, Poll, Waker};

use crate::raw::courier::WaiterSlot;
use crate::raw::list::{List, Node, Status};
use crate::raw::panics::run_both;
use crate::raw::state::Generation;
use crate::sync::{AtomicUsize, Lock, const_fn};

/// The word of a flag, and where its waiters are.
pub(crate) struct FlagQueue {
    word: AtomicUsize,
    slot: WaiterSlot,
}

/// A value of the flag's word.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Word(usize);

// === impl Word ===

impl Word {
    const SET: usize = 1;
    const WAITERS: usize = 1 << 1;

    const fn is_set(self) -> bool {
        self.0 & Self::SET != 0
    }

    const fn has_waiters(self) -> bool {
        self.0 & Self::WAITERS != 0
    }

    /// The word after `clear`; `None` if the flag is not set.
    const fn cleared(self) -> Option<Self> {
        if self.is_set() { Some(Self(self.0 & !Self::SET)) } else { None }
    }

    /// The word after a newcomer has consumed the set; `None` if there is none, or if others wait.
    const fn taken_by_newcomer(self) -> Option<Self> {
        if self.0 == Self::SET { Some(Self(0)) } else { None }
    }

    /// The word after a wait has consumed the set, or else is about to enter the list, which is
    /// empty.
    const fn taken_or_announced(self) -> Self {
        match self.cleared() {
            Some(taken) if cfg!(not(reveille_fault)) => taken,
            // The planted fault: the look before the lock is taken to be enough.
            _ => Self(self.0 | Self::WAITERS),
        }
    }
}

// === impl FlagQueue: set, clear, look ===

impl FlagQueue {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Self { word: AtomicUsize::new(0), slot: WaiterSlot::new() }
        }
    }

    /// Callable from the same contexts as [`WaiterSlot::notify`].
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

    /// Sets the flag; returns whether the head must be notified.
    #[inline]
    fn set_word(&self) -> bool {
        // ORDERING: Release gives the caller's writes to the wait or `clear` that clears SET, even
        // if SET is 1 already.
        if Word(self.word.fetch_or(Word::SET, Release)).is_set() {
            return false;
        }
        // A second look: compilers make one instruction of a read-modify-write whose old value is
        // tested for that one bit, and a loop otherwise. If the set was consumed meanwhile, the
        // head is notified for nothing.
        // ORDERING: Acquire, from a parking wait: where its slot is.
        self.load(Acquire).has_waiters()
    }

    pub(crate) fn clear(&self) -> bool {
        // ORDERING: Relaxed to look. Acquire synchronizes with every `set` that this
        // resets.
        self.update(Acquire, Relaxed, Word::cleared).is_ok()
    }

    #[inline]
    pub(crate) fn is_set(&self) -> bool {
        // ORDERING: Acquire synchronizes with the sets that this reads.
        self.load(Acquire).is_set()
    }

    #[inline]
    pub(crate) fn is_set_relaxed(&self) -> bool {
        // ORDERING: Relaxed. A look; SET is consumed by a read-modify-write.
        self.load(Relaxed).is_set()
    }

    pub(crate) fn has_waiters(&self) -> bool {
        // ORDERING: Relaxed. A look from outside.
        self.load(Relaxed).has_waiters()
    }

    /// Consumes the set for a newcomer, if no waiter is in the list.
    #[inline]
    pub(crate) fn take_unless_others_wait(&self) -> bool {
        // ORDERING: Relaxed to look. Acquire synchronizes with the sets that this
        // consumes.
        self.update(Acquire, Relaxed, Word::taken_by_newcomer).is_ok()
    }

    #[inline]
    fn load(&self, order: Ordering) -> Word {
        // ORDERING: the caller's.
        Word(self.word.load(order))
    }

    /// Makes one transition of the word: `Ok` with the word before it, or `Err` with a word for
    /// which `next` has no transition.
    #[inline]
    fn update(
        &self,
        success: Ordering,
        look: Ordering,
        next: impl Fn(Word) -> Option<Word>,
    ) -> Result<Word, Word> {
        // ORDERING: the caller's.
        let before =
            self.word.fetch_update(success, look, |bits| next(Word(bits)).map(|word| word.0));
        before.map(Word).map_err(Word)
    }
}

// === impl FlagQueue: what a wait does, with the node that it holds ===

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
        self.slot.open(|| self.load(Acquire).has_waiters())
    }

    /// Ready: the set was consumed, and the node has left the list.
    #[inline]
    pub(crate) fn poll(&self, mut node: Pin<&mut Node>, cx: &Context<'_>) -> Poll<()> {
        let taken = match node.status() {
            Status::Fresh => self.poll_fresh(node.as_ref(), cx),
            // An earlier poll consumed it, and panicked.
            Status::Woken => true,
            Status::Parked if self.may_stay_parked(node.as_mut(), cx) => false,
            _ => self.poll_listed(node.as_ref(), cx),
        };
        if taken { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Whether a waiter that has just been PARKED has nothing to do in this poll. Takes no lock.
    fn may_stay_parked(&self, node: Pin<&mut Node>, cx: &Context<'_>) -> bool {
        // In a child of `fork` no thread would wake it.
        !self.is_set_relaxed() && node.will_wake(cx.waker()) && self.slot.list().is_some()
    }

    /// Parks a waiter, unless there is a set for it; returns whether it consumed one.
    fn poll_fresh(&self, node: Pin<&Node>, cx: &Context<'_>) -> bool {
        if self.take_unless_others_wait() {
            return true;
        }
        let waker = cx.waker().clone();
        // The list is looked up after the clone: foreign code, which may fork.
        let unneeded = self.list().with(|list| {
            if self.take_or_announce(list) {
                node.mark(Status::Woken);
                return Some(waker);
            }
            // SAFETY: Listed Means Pinned. We own the node, it is in no list, only this flag's
            // list ever holds it, and dropping its future calls `cancel`.
            unsafe { list.push_back(node, waker) };
            None
        });
        // Dropped here, unlocked: foreign code.
        unneeded.is_some()
    }

    /// Locked: consumes SET if the list is empty, or makes sure that WAITERS is 1.
    fn take_or_announce(&self, list: &List) -> bool {
        if !list.is_empty() {
            return false;
        }
        // Locked, so WAITERS is 0, and stays 0: only SET changes.
        // ORDERING: Acquire synchronizes with the sets that this consumes. Release
        // gives the way to the list to the setter that reads WAITERS. Relaxed to look: a guess for
        // the exchange.
        let before = self.update(AcqRel, Relaxed, |word| Some(word.taken_or_announced()));
        // It has consumed the set unless it has announced a waiter.
        before.is_ok_and(|word| !word.taken_or_announced().has_waiters())
    }

    /// Polls a waiter that is in the list; returns whether it consumed the set.
    fn poll_listed(&self, node: Pin<&Node>, cx: &Context<'_>) -> bool {
        let mut waker = None;
        loop {
            // The list is looked up again after each clone: foreign code, which may fork.
            let outcome = self.list().with(|list| {
                if let Some(own) = self.take_as_head(list, node) {
                    return Some((true, own));
                }
                // SAFETY: One Owner: we own the node, and only this flag's list ever holds it.
                let replaced = waker.take().map(|waker| unsafe { list.replace(node, waker) })?;
                // `Err` does not happen: a listed waiter stays in the list until its owner takes it
                // out.
                Some((false, replaced.unwrap_or_else(Some)))
            });
            match outcome {
                // Foreign code, unlocked: a new waker that it did not need, and the old one.
                Some((taken, own)) => {
                    run_both(|| drop(waker), || drop(own));
                    return taken;
                }
                // Pending, so it needs a waker: cloned unlocked, before another look.
                None => waker = Some(cx.waker().clone()),
            }
        }
    }

    /// Locked: consumes the set and takes the node out, if the node is the head and there is a set;
    /// returns the node's waker.
    fn take_as_head(&self, list: &mut List, node: Pin<&Node>) -> Option<Option<Waker>> {
        if !list.is_front(node) || !self.clear() {
            return None;
        }
        // SAFETY: One Owner: we own the node, and only this flag's list ever holds it.
        let own = unsafe { list.remove(node) };
        node.mark(Status::Woken);
        self.clear_waiters_if_empty(list);
        Some(own)
    }

    /// Takes a waiter out, if it is in the list; a set that was for it goes to the next waiter, or
    /// stays.
    #[inline]
    pub(crate) fn cancel(&self, node: Pin<&mut Node>) {
        match node.status() {
            Status::Parked | Status::Notified => self.remove(node.as_ref()),
            // A poll consumed the set, and panicked before it returned.
            Status::Woken => run_both(|| self.set_direct(), || ()),
            Status::Fresh | Status::Terminated => {}
        }
    }

    fn remove(&self, node: Pin<&Node>) {
        // A list that a parent process left is never read again, so its nodes may stay.
        let Some(list) = self.slot.list() else { return };
        let (own, next) = list.with(|list| {
            let was_head = list.is_front(node);
            // SAFETY: One Owner: we own the node, and only this flag's list ever holds it.
            let own = unsafe { list.remove(node) };
            self.clear_waiters_if_empty(list);
            let next = if was_head && self.is_set_relaxed() { list.notify_front() } else { None };
            (own, next)
        });
        // Foreign code, unlocked.
        run_both(|| next.into_iter().for_each(Waker::wake), || drop(own));
    }

    /// Locked: clears WAITERS if the last node has left the list.
    fn clear_waiters_if_empty(&self, list: &List) {
        if list.is_empty() {
            // ORDERING: Relaxed. Only a parking wait relies on it, and that holds the lock.
            self.word.fetch_and(!Word::WAITERS, Relaxed);
        }
    }
}
