//! The list of waiters: first in, first out, threaded through the waiters themselves.
//!
//! ```text
//!  List            Node, in a future        Node, in another
//!  ┌──────┐ first  ┌────────┐ next          ┌────────┐
//!  │ head ├───────►│ links  ├──────────────►│ links  ├──► none
//!  │ tail ├──┐     │ waker  │ prev          │ waker  │
//!  └──────┘  │     │ stamp  │◄──────────────┤ stamp  │
//!            │     │ status │               │ status │
//!            │     └────────┘               └────────┘
//!            └──────────────────── last ────────▲
//! ```
//!
//! Parking, cancelling and taking the first are O(1); none allocates. A `List` is kept in a
//! [`Lock`], and "locked" on this page means that lock. A waiter is whatever its
//! waker does: a task's makes the task runnable, a blocked thread's unparks it, a link's runs a
//! callback. A link's node is not in a future but beside its callback (see
//! [`callback`](crate::raw::callback)), and says that it is one, for a `set` to take it alone.
//!
//! # A node's status
//! | status   | is in the list | waker      | from → by whom                                     |
//! |----------|:--------------:|------------|----------------------------------------------------|
//! | FRESH    |       no       | none       | created; PARKED, NOTIFIED → `remove`, locked; WOKEN → `renew`, by the owner |
//! | PARKED   |      yes       | the node's | FRESH → `push_back`, NOTIFIED → `rearm`, locked      |
//! | NOTIFIED   |      yes       | taken      | PARKED → `notify_front`, locked                      |
//! | WOKEN    |       no       | taken      | PARKED → `pop_front_while`, locked; born released; or FRESH → `release`, by the owner |
//! | TERMINATED |       no       | none       | FRESH, WOKEN → the owner, once it has told its task |
//!
//! # Invariants
//! **Linked Means Pinned.** From `push_back` until it is popped or removed, a node neither moves
//! nor dies, and its links are touched only under the lock. The owner keeps this up: its future is
//! pinned, and its drop removes a node that is still PARKED or NOTIFIED; a link's node is kept by its
//! own waker. A future that was leaked stays linked, in memory that is there for good, until the
//! list's own end.
//!
//! A child of `fork` breaks this for nodes on the stacks of its parent's other threads: the C
//! library gives that memory to new threads. A flag never looks at such a list again (see `post`).
//! An event, a result or a value event does not know that it is in a child, so its list must not be
//! reached there: that is a condition on the caller of `fork`, which
//! [`Event`](crate::Event#after-fork) states.
//!
//! **Parked Owns A Waker.** While a node is PARKED, the waker in its cell belongs to it; whoever ends
//! that takes the waker over, by a bitwise read. The bits stay as they are until the owner next
//! writes the cell, and nobody else ever does: it writes locked, or before the node is linked. So
//! the owner may read the bits without the lock (see [`Node::will_wake`]).
//!
//! **Woken Is Goodbye.** The WOKEN store is the last touch of a node by whoever popped it; after it
//! the owner may free the node without the lock. It goes through a raw pointer, because a `&Node`
//! claims that the node lives for as long as the reference does.
//!
//! **One Owner.** FRESH and TERMINATED are written by the owner alone, and `push_back`, `replace`,
//! `rearm`, `remove` and `release` are called by the owner alone: a node that is not linked stays so
//! until then.

use core::fmt;
use core::marker::PhantomPinned;
use core::mem::MaybeUninit;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::pin::Pin;
use core::ptr::NonNull;
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use core::task::Waker;

use crate::raw::state::Generation;
use crate::sync::{AtomicU8, Cell, Lock, const_fn};

/// The waiters of one event, in the order in which they parked.
pub(crate) struct List {
    head: Option<NonNull<Node>>,
    tail: Option<NonNull<Node>>,
}

/// One waiter's place in a [`List`], kept in its future.
pub(crate) struct Node {
    links: Cell<Links>,
    waker: Cell<MaybeUninit<Waker>>,
    stamp: Generation,
    is_link: bool,
    status: AtomicU8,
    _pinned: PhantomPinned,
}

/// Where a node stands between its waiter's creation and its end; the table is above.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Status {
    Fresh,
    Parked,
    Notified,
    Woken,
    Terminated,
}

/// Who takes waiters out of a list, one after the other. Neither method runs anything foreign.
pub(crate) trait Taker {
    /// Whether it takes the first.
    fn wants(&mut self, first: &Node) -> bool;

    /// The waker of one that it wanted, to be woken once the lock is released.
    fn take(&mut self, waker: Waker);
}

#[derive(Clone, Copy)]
struct Links {
    prev: Option<NonNull<Node>>,
    next: Option<NonNull<Node>>,
}

const FRESH: u8 = 0;
const PARKED: u8 = 1;
const NOTIFIED: u8 = 2;
const WOKEN: u8 = 3;
const TERMINATED: u8 = 4;

// === impl List ===

impl List {
    pub(crate) const fn new() -> Self {
        Self { head: None, tail: None }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.head.is_none()
    }

    /// Puts `node` at the end of the list, to be woken through `waker`.
    ///
    /// # Safety
    /// The caller is the node's owner, the node is not linked, and it will be linked in no list but
    /// this one. Until it is popped, the owner does not let it die without `remove`.
    pub(crate) unsafe fn push_back(&mut self, node: Pin<&Node>, waker: Waker) {
        let node = node.get_ref();
        // SAFETY: Parked Owns A Waker; not linked yet, so only the owner reaches the cell.
        node.waker.with_mut(|cell| unsafe { cell.write(MaybeUninit::new(waker)) });
        // SAFETY: Linked Means Pinned; not linked yet, so only the owner reaches the links.
        node.links.with_mut(|links| unsafe { links.write(Links { prev: self.tail, next: None }) });
        let node_ptr = NonNull::from(node);
        match self.tail {
            // SAFETY: Linked Means Pinned, and we are locked.
            Some(tail) => unsafe { set_next(tail, Some(node_ptr)) },
            None => self.head = Some(node_ptr),
        }
        self.tail = Some(node_ptr);
        // ORDERING: Relaxed. It tells the owner what the owner did; nothing is handed over.
        node.status.store(PARKED, Relaxed);
    }

    /// Takes waiters out from the front for as long as `taker` wants them, marks them WOKEN, and gives it
    /// their wakers.
    #[inline]
    pub(crate) fn pop_front_while(&mut self, taker: &mut impl Taker) {
        let first = self.head;
        // The head is put right once, at the end: who is taken is not looked at again.
        let mut head = first;
        while let Some(front) = head {
            let waker = {
                // SAFETY: Linked Means Pinned. The reference ends before the WOKEN store.
                let node = unsafe { front.as_ref() };
                if !taker.wants(node) {
                    break;
                }
                // SAFETY: Linked Means Pinned, and we are locked.
                head = node.links.with(|links| unsafe { (*links).next });
                // SAFETY: Parked Owns A Waker; it is unlinked, so this is the one read to keep.
                node.waker.with(|cell| unsafe { cell.cast::<Waker>().read() })
            };
            // SAFETY: Linked Means Pinned until this very store. The place is named through the raw
            // pointer: Woken Is Goodbye.
            let status = unsafe { &(*front.as_ptr()).status };
            // ORDERING: Release. The owner's Acquire in `status` gets all that happened before the
            // `set` that releases it, and our last reads of the node, before it frees the node.
            status.store(WOKEN, Release);
            taker.take(waker);
        }
        if head == first {
            return;
        }
        self.head = head;
        match head {
            // SAFETY: Linked Means Pinned, and we are locked.
            Some(head) => unsafe { set_prev(head, None) },
            None => self.tail = None,
        }
    }

    /// Takes the waker of the first waiter and marks it NOTIFIED: it keeps its place until it has seen
    /// for itself. `None` if there is nobody, or if it has been called already.
    pub(crate) fn notify_front(&mut self) -> Option<Waker> {
        let head = self.head?;
        // SAFETY: Linked Means Pinned, and we are locked.
        let node = unsafe { head.as_ref() };
        // ORDERING: Relaxed. Who stored it was locked, as we are.
        if node.status.load(Relaxed) != PARKED {
            return None;
        }
        // SAFETY: Parked Owns A Waker; it is NOTIFIED below, so this is the one read to keep.
        let waker = node.waker.with(|cell| unsafe { cell.cast::<Waker>().read() });
        // ORDERING: Relaxed. What the call is about its owner learns under the lock. An owner that is
        // polled with a waker in the old one's memory (see `will_wake`) comes after this by the
        // allocator's own order, so it does not read PARKED.
        node.status.store(NOTIFIED, Relaxed);
        Some(waker)
    }

    /// Whether `node` is the first.
    pub(crate) fn is_front(&self, node: Pin<&Node>) -> bool {
        self.head == Some(NonNull::from(node.get_ref()))
    }

    /// Gives a linked `node` a waker, in its place; hands back the one that it had, if it was PARKED.
    ///
    /// # Safety
    /// The caller is the node's owner, and the node is linked in this list.
    pub(crate) unsafe fn rearm(&mut self, node: Pin<&Node>, waker: Waker) -> Option<Waker> {
        let was_parked = node.is_parked();
        let waker = MaybeUninit::new(waker);
        // SAFETY: Parked Owns A Waker; locked, and by its owner, so nobody else reads the cell.
        let old = node.waker.with_mut(|cell| unsafe { cell.replace(waker) });
        // ORDERING: Relaxed. It tells the owner what the owner did; nothing is handed over.
        node.status.store(PARKED, Relaxed);
        // SAFETY: Parked Owns A Waker, so if it was PARKED, what was there is one.
        was_parked.then(|| unsafe { old.assume_init() })
    }

    /// Takes `node` out of the list and hands back its waker; `None` if it was popped already, or if
    /// its waker was taken by `notify_front`.
    ///
    /// # Safety
    /// The caller is the node's owner, and the node is in no list but this one, if in any.
    pub(crate) unsafe fn remove(&mut self, node: Pin<&Node>) -> Option<Waker> {
        let node = node.get_ref();
        let was_parked = node.is_parked();
        // ORDERING: Relaxed. Who stored it was locked, as we are.
        if !was_parked && node.status.load(Relaxed) != NOTIFIED {
            return None;
        }
        // SAFETY: Linked Means Pinned, and we are locked.
        let Links { prev, next } = node.links.with(|links| unsafe { links.read() });
        match prev {
            // SAFETY: Linked Means Pinned, and a neighbour is never `node` itself.
            Some(prev) => unsafe { set_next(prev, next) },
            None => self.head = next,
        }
        match next {
            // SAFETY: as for `prev`.
            Some(next) => unsafe { set_prev(next, prev) },
            None => self.tail = prev,
        }
        // ORDERING: Relaxed. It tells the owner what the owner did; nothing is handed over.
        node.status.store(FRESH, Relaxed);
        // SAFETY: Parked Owns A Waker; it is not now, so this is the one read to keep.
        was_parked.then(|| node.waker.with(|cell| unsafe { cell.cast::<Waker>().read() }))
    }

    /// Gives `node` another waker, if it is still linked; hands back the one that is not needed:
    /// `Ok` the old one, `Err` the new one of a node that was popped meanwhile.
    ///
    /// # Safety
    /// The caller is the node's owner, and the node is in no list but this one, if in any.
    pub(crate) unsafe fn replace(
        &mut self,
        node: Pin<&Node>,
        waker: Waker,
    ) -> Result<Waker, Waker> {
        if !node.is_parked() {
            return Err(waker);
        }
        let waker = MaybeUninit::new(waker);
        // SAFETY: Parked Owns A Waker; locked, and by its owner, so nobody else reads the cell.
        let old = node.waker.with_mut(|cell| unsafe { cell.replace(waker) });
        // SAFETY: Parked Owns A Waker, so what was there is one.
        Ok(unsafe { old.assume_init() })
    }
}

// SAFETY: a list is nothing but two pointers to nodes. Whoever holds the list holds the lock, so
// it may go from thread to thread as the lock does; what it does to a node that another thread
// owns is what Linked Means Pinned, Parked Owns A Waker and Woken Is Goodbye allow: it reads and
// writes links, which none touches without the lock; it moves out a `Waker`, which is `Send`; it
// stores to an atomic.
unsafe impl Send for List {}

// === impl Node ===

impl Node {
    const_fn! {
        /// A node that is not linked. `born_released`: its event was set when it was created.
        #[inline]
        pub(crate) const fn new(stamp: Generation, born_released: bool) -> Self {
            Self {
                links: Cell::new(Links { prev: None, next: None }),
                waker: Cell::new(MaybeUninit::uninit()),
                stamp,
                is_link: false,
                status: AtomicU8::new(if born_released { WOKEN } else { FRESH }),
                _pinned: PhantomPinned,
            }
        }
    }

    /// The node of a link, which is not linked yet.
    #[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
    pub(crate) fn of_link(stamp: Generation) -> Self {
        Self { is_link: true, ..Self::new(stamp, false) }
    }

    #[inline]
    pub(crate) const fn stamp(&self) -> Generation {
        self.stamp
    }

    #[inline]
    pub(crate) const fn is_link(&self) -> bool {
        self.is_link
    }

    #[inline]
    pub(crate) fn status(&self) -> Status {
        // ORDERING: Acquire, for the WOKEN store of `pop_front_while`: its `set` happened before, and
        // whoever popped the node has left it.
        match self.status.load(Acquire) {
            FRESH => Status::Fresh,
            PARKED => Status::Parked,
            NOTIFIED => Status::Notified,
            WOKEN => Status::Woken,
            _ => Status::Terminated,
        }
    }

    /// Begins anew, for the next turn. For the owner, of a node that is not linked.
    #[inline]
    pub(crate) fn renew(self: Pin<&mut Self>) {
        // ORDERING: Relaxed. It tells the owner what the owner did; nothing is handed over.
        self.status.store(FRESH, Relaxed);
    }

    /// Notes that the wait is over, though its task has yet to be told. For the owner, of a node that is
    /// not linked.
    #[inline]
    pub(crate) fn release(self: Pin<&Self>) {
        // ORDERING: Relaxed. It tells the owner what the owner did; nothing is handed over.
        self.status.store(WOKEN, Relaxed);
    }

    /// Notes that the task knows. For the owner, of a node that is not linked.
    #[inline]
    pub(crate) fn report(self: Pin<&mut Self>) {
        // ORDERING: Relaxed. It tells the owner what the owner did; nothing is handed over.
        self.status.store(TERMINATED, Relaxed);
    }

    /// Whether the node, which its owner has just seen PARKED, would wake what `waker` wakes. Takes
    /// no lock.
    ///
    /// A `set` may pop the node at this moment. It only reads the cell, as we do, so nothing races,
    /// and what we compare are two addresses, never what they point at.
    ///
    /// Equal addresses are the same waker, and if the node was popped, it is this waker that is
    /// woken. For suppose that the node's was woken and freed, and `waker` made in the same memory:
    /// the free came after the WOKEN store, and this poll, which was given `waker`, after the free. It
    /// would have read WOKEN.
    #[inline]
    pub(crate) fn will_wake(self: Pin<&mut Self>, waker: &Waker) -> bool {
        // SAFETY: Parked Owns A Waker: it was initialised when the status was read as PARKED, and
        // only the owner, who is here, could have overwritten the bits since.
        let own = self.waker.with(|cell| unsafe { &*cell.cast::<Waker>() });
        own.data() == waker.data() && core::ptr::eq(own.vtable(), waker.vtable())
    }

    /// Writes to all that a popper may read, as whoever gets the memory next would.
    #[cfg(all(test, reveille_loom))]
    pub(crate) fn overwrite(self: Pin<&mut Self>) {
        self.waker.with_mut(|_| ());
        self.links.with_mut(|_| ());
    }

    /// For the owner, locked.
    fn is_parked(&self) -> bool {
        // ORDERING: Relaxed. The store was made locked too.
        self.status.load(Relaxed) == PARKED
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.status().fmt(f)
    }
}

// SAFETY: only the pointers in `links` and the cells keep `Node` from being Send by itself. The
// owner's thread may change: links and status of a linked node are reached by address, which
// pinning keeps, and under the lock, which orders the old thread's steps and the new one's; of a
// node that is not linked nobody else has the address. What it carries is a `Waker`, which is Send.
unsafe impl Send for Node {}

// SAFETY: `&Node` shared between threads gives them `stamp` and `is_link`, which never change, and
// `status`, which is atomic. All that reaches a cell needs more: `Pin<&mut Node>`, which is not
// shared, or a `&mut List`, which is the lock, in a method that only the owner may call. And `Waker`
// is Sync.
unsafe impl Sync for Node {}

// A node is changed whole or not at all: nothing foreign runs between two of its writes.
impl UnwindSafe for Node {}
impl RefUnwindSafe for Node {}

/// Calls the first waiter of a list, and wakes it once the lock is released.
pub(crate) fn notify_front(list: &Lock<List>) {
    if let Some(waker) = list.with(List::notify_front) {
        waker.wake();
    }
}

/// # Safety
/// `node` is linked, and the caller is locked.
unsafe fn set_next(node: NonNull<Node>, next: Option<NonNull<Node>>) {
    // SAFETY: Linked Means Pinned.
    let node = unsafe { node.as_ref() };
    // SAFETY: Linked Means Pinned: locked, so the links are ours.
    node.links.with_mut(|links| unsafe { (*links).next = next });
}

/// # Safety
/// `node` is linked, and the caller is locked.
unsafe fn set_prev(node: NonNull<Node>, prev: Option<NonNull<Node>>) {
    // SAFETY: Linked Means Pinned.
    let node = unsafe { node.as_ref() };
    // SAFETY: Linked Means Pinned: locked, so the links are ours.
    node.links.with_mut(|links| unsafe { (*links).prev = prev });
}
