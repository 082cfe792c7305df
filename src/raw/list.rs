//! The list of waiters: first in, first out, threaded through the waiters themselves.
//!
//! ```text
//!  List            Node, in a future           Node, in another
//!  ┌──────┐ first  ┌───────────┐ next          ┌───────────┐
//!  │ head ├───────►│ neighbors ├──────────────►│ neighbors ├──► none
//!  │ tail ├──┐     │ waker     │ prev          │ waker     │
//!  └──────┘  │     │ stamp     │◄──────────────┤ stamp     │
//!            │     │ status    │               │ status    │
//!            │     └───────────┘               └───────────┘
//!            └────────────────────── last ──────────▲
//! ```
//!
//! Parking, cancelling and taking the first are O(1), and none allocates. A `List` is kept in a
//! [`Lock`], and "locked" on this page means that lock. A waiter is whatever its waker wakes: a
//! task's waker makes the task runnable, a blocked thread's unparks the thread, a link's runs a
//! callback. The node of a link is not in a future but beside its callback (see
//! [`callback`](crate::raw::callback)); it is marked as a link, so that a `set` takes it alone.
//!
//! # Status of a node
//! | status     | in the list | waker      | old status → by                                                     |
//! |------------|:-----------:|------------|---------------------------------------------------------------------|
//! | FRESH      |     no      | none       | created; PARKED, NOTIFIED → `remove`, locked; WOKEN → the owner     |
//! | PARKED     |     yes     | the node's | FRESH → `push_back`, locked; NOTIFIED → `replace`, locked           |
//! | NOTIFIED   |     yes     | taken      | PARKED → `notify_front`, locked                                     |
//! | WOKEN      |     no      | taken      | PARKED → `Front::pop`, locked; created released; FRESH → the owner  |
//! | TERMINATED |     no      | none       | FRESH, WOKEN → the owner, when its future returns `Ready`           |
//!
//! # Invariants
//! **Listed Means Pinned.** From `push_back` until it is popped or removed, a node neither moves
//! nor dies, and its neighbors are accessed only under the lock. The owner guarantees this: its
//! future is pinned, and its drop removes a node that is PARKED or NOTIFIED; a link's node is kept
//! alive by its own waker. A future that was leaked stays in the list, in memory that is never
//! freed, until the list itself ends.
//!
//! A child of `fork` breaks this for nodes on the stacks of its parent's other threads: the C
//! library may give that memory to new threads. A flag never reads such a list again (see
//! `waiter_slot`). An event, a result or a value event does not detect that it is in a child, so
//! its list must not be reached there: that is a condition on the caller of `fork`, which
//! [`Event`](crate::Event#after-fork) states.
//!
//! **Parked Owns A Waker.** While a node is PARKED, the waker in its cell belongs to it; the
//! function that ends that takes the waker, by a bitwise read. The bits stay as they are until
//! the owner next writes the cell, and only the owner ever does: locked, or before the node is in
//! the list. So the owner may read the bits without the lock (see [`Node::will_wake`]).
//!
//! **Woken Is Goodbye.** The WOKEN store is the last access to a node by the thread that popped it;
//! after it the owner may free the node without the lock. It goes through a raw pointer, because a
//! `&Node` asserts that the node lives for as long as the reference does.
//!
//! **One Owner.** `push_back`, `replace` and `remove` are called by the owner alone, and so is `mark`,
//! except in `notify_front`, which is locked and changes a listed node. A node that is not in the
//! list stays out of it until its owner puts it there.

use core::fmt;
use core::marker::PhantomPinned;
use core::mem::MaybeUninit;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::pin::Pin;
use core::ptr::NonNull;
use core::sync::atomic::Ordering::{self, Acquire, Relaxed, Release};
use core::task::Waker;

use crate::raw::state::Generation;
use crate::sync::{AtomicU8, Cell, Lock, const_fn};

/// The waiters of one primitive, in the order in which they first parked.
pub(crate) struct List {
    head: Option<NonNull<Node>>,
    tail: Option<NonNull<Node>>,
}

/// The front of a list, from which waiters are taken one after the other.
///
/// The list's own head is updated once, when this is dropped: a node that has been taken is not
/// accessed again.
pub(crate) struct Front<'a> {
    list: &'a mut List,
    head: Option<NonNull<Node>>,
}

/// One waiter's place in a [`List`], kept in its future.
pub(crate) struct Node {
    neighbors: Cell<Neighbors>,
    waker: Cell<MaybeUninit<Waker>>,
    stamp: Generation,
    is_link: bool,
    status: AtomicU8,
    _pinned: PhantomPinned,
}

/// The status of a node, from the creation of its waiter to its end; see the table above.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Status {
    Fresh,
    Parked,
    Notified,
    Woken,
    Terminated,
}

#[derive(Clone, Copy)]
struct Neighbors {
    prev: Option<NonNull<Node>>,
    next: Option<NonNull<Node>>,
}

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
    /// The caller is the node's owner, the node is in no list, and it will be in no list but this
    /// one. Until it is popped, the owner removes it before it dies.
    pub(crate) unsafe fn push_back(&mut self, node: Pin<&Node>, waker: Waker) {
        let node = node.get_ref();
        // SAFETY: Parked Owns A Waker; not in the list yet, so only the owner reaches the cell.
        node.waker.with_mut(|cell| unsafe { cell.write(MaybeUninit::new(waker)) });
        let neighbors = Neighbors { prev: self.tail, next: None };
        // SAFETY: Listed Means Pinned; not in the list yet, so only the owner reaches its
        // neighbors.
        node.neighbors.with_mut(|cell| unsafe { cell.write(neighbors) });
        let node_ptr = NonNull::from(node);
        match self.tail {
            // SAFETY: Listed Means Pinned, and we are locked.
            Some(tail) => unsafe { update_neighbors(tail, |tail| tail.next = Some(node_ptr)) },
            None => self.head = Some(node_ptr),
        }
        self.tail = Some(node_ptr);
        node.mark(Status::Parked);
    }

    #[inline]
    pub(crate) fn front(&mut self) -> Front<'_> {
        Front { head: self.head, list: self }
    }

    /// Takes the waker of the first waiter and marks it NOTIFIED: it keeps its place until its
    /// owner polls or drops it. `None` if the list is empty, or if the first waiter is NOTIFIED
    /// already.
    pub(crate) fn notify_front(&mut self) -> Option<Waker> {
        let head = self.head?;
        // SAFETY: Listed Means Pinned, and we are locked.
        let node = unsafe { head.as_ref() };
        if node.status_locked() != Status::Parked {
            return None;
        }
        // SAFETY: Parked Owns A Waker; it is NOTIFIED below, so this is the one read to keep.
        let waker = node.waker.with(|cell| unsafe { cell.cast::<Waker>().read() });
        // Nothing is handed over: the owner reads under the lock what it was notified of. An owner
        // that is polled with a waker in the old one's memory (see `will_wake`) comes after this by
        // the allocator's own order, so it does not read PARKED.
        node.mark(Status::Notified);
        Some(waker)
    }

    /// Whether `node` is the first.
    pub(crate) fn is_front(&self, node: Pin<&Node>) -> bool {
        self.head == Some(NonNull::from(node.get_ref()))
    }

    /// Gives `node` another waker, in its place, if it is still in the list.
    ///
    /// Returns the waker that is not needed: `Ok` with the old one, if it was PARKED; `Err` with
    /// the new one, if the node was popped.
    ///
    /// # Safety
    /// The caller is the node's owner, and the node is in no list but this one, if in any.
    pub(crate) unsafe fn replace(
        &mut self,
        node: Pin<&Node>,
        waker: Waker,
    ) -> Result<Option<Waker>, Waker> {
        let status = node.status_locked();
        if !status.is_listed() {
            return Err(waker);
        }
        let waker = MaybeUninit::new(waker);
        // SAFETY: Parked Owns A Waker; locked, and by its owner, so nothing else accesses the cell.
        let old = node.waker.with_mut(|cell| unsafe { cell.replace(waker) });
        node.mark(Status::Parked);
        // SAFETY: Parked Owns A Waker, so if it was PARKED, the cell held one.
        Ok((status == Status::Parked).then(|| unsafe { old.assume_init() }))
    }

    /// Takes `node` out of the list and returns its waker; `None` if it was popped already, or if
    /// its waker was taken by `notify_front`.
    ///
    /// # Safety
    /// The caller is the node's owner, and the node is in no list but this one, if in any.
    pub(crate) unsafe fn remove(&mut self, node: Pin<&Node>) -> Option<Waker> {
        let status = node.status_locked();
        if !status.is_listed() {
            return None;
        }
        // SAFETY: Listed Means Pinned, and we are locked.
        let Neighbors { prev, next } = node.neighbors.with(|cell| unsafe { cell.read() });
        match prev {
            // SAFETY: Listed Means Pinned, and a neighbor is never `node` itself.
            Some(prev) => unsafe { update_neighbors(prev, |prev| prev.next = next) },
            None => self.head = next,
        }
        match next {
            // SAFETY: Listed Means Pinned, as for `prev`.
            Some(next) => unsafe { update_neighbors(next, |next| next.prev = prev) },
            None => self.tail = prev,
        }
        node.mark(Status::Fresh);
        // SAFETY: Parked Owns A Waker; it is not PARKED any more, so this is the one read to keep.
        let take = || node.waker.with(|cell| unsafe { cell.cast::<Waker>().read() });
        (status == Status::Parked).then(take)
    }
}

// SAFETY: a list is two pointers to nodes. Access to the list is access under its lock, so it may
// move from thread to thread as the lock does. What it does to a node that another thread owns is
// what the invariants allow: it accesses neighbors, which nothing accesses without the lock (Listed
// Means Pinned); it moves out a `Waker`, which is `Send` (Parked Owns A Waker); it stores to an
// atomic (Woken Is Goodbye).
unsafe impl Send for List {}

// === impl Front ===

impl Front<'_> {
    /// The first waiter.
    #[inline]
    pub(crate) fn peek(&self) -> Option<&Node> {
        // SAFETY: Listed Means Pinned. The reference borrows `self`, so it ends before the next
        // `pop`.
        self.head.map(|node| unsafe { node.as_ref() })
    }

    /// Takes the first waiter out, marks it WOKEN, and returns its waker.
    ///
    /// Only for lists whose waiters are never NOTIFIED: an event's. A node that is popped without a
    /// `set`, when its event is dropped, is not polled again: its handle would keep the event alive.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Waker> {
        let front = self.head?;
        let waker = {
            // SAFETY: Listed Means Pinned. The reference ends before the WOKEN store.
            let node = unsafe { front.as_ref() };
            debug_assert!(node.status_locked() == Status::Parked, "Parked Owns A Waker");
            // SAFETY: Listed Means Pinned, and we are locked.
            self.head = node.neighbors.with(|cell| unsafe { (*cell).next });
            // SAFETY: Parked Owns A Waker; it is WOKEN below, so this is the one read to keep.
            node.waker.with(|cell| unsafe { cell.cast::<Waker>().read() })
        };
        // SAFETY: Listed Means Pinned until this very store. The place is named through the raw
        // pointer: Woken Is Goodbye.
        let status = unsafe { &(*front.as_ptr()).status };
        // ORDERING: Release. The owner's Acquire in `status` sees all that happened before the
        // `set` that releases it, and our last reads of the node, before it frees the node.
        status.store(Status::Woken as u8, Release);
        Some(waker)
    }
}

impl Drop for Front<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.head == self.list.head {
            return;
        }
        self.list.head = self.head;
        match self.head {
            // SAFETY: Listed Means Pinned, and we are locked.
            Some(head) => unsafe { update_neighbors(head, |head| head.prev = None) },
            None => self.list.tail = None,
        }
    }
}

// === impl Node ===

impl Node {
    const_fn! {
        /// A node that is in no list. `is_released`: its event was set when it was created.
        #[inline]
        pub(crate) const fn new(stamp: Generation, is_released: bool) -> Self {
            let status = if is_released { Status::Woken } else { Status::Fresh };
            Self {
                neighbors: Cell::new(Neighbors { prev: None, next: None }),
                waker: Cell::new(MaybeUninit::uninit()),
                stamp,
                is_link: false,
                status: AtomicU8::new(status as u8),
                _pinned: PhantomPinned,
            }
        }
    }

    /// The node of a link, in no list.
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
        // ORDERING: Acquire, from the WOKEN store of `pop`: its `set` happened before, and
        // the thread that popped the node has left it.
        self.load_status(Acquire)
    }

    /// For the owner, or locked.
    fn status_locked(&self) -> Status {
        // ORDERING: Relaxed. The store was made locked too, or by the owner.
        self.load_status(Relaxed)
    }

    #[inline]
    fn load_status(&self, order: Ordering) -> Status {
        // In the order of the variants.
        match self.status.load(order) {
            0 => Status::Fresh,
            1 => Status::Parked,
            2 => Status::Notified,
            3 => Status::Woken,
            _ => Status::Terminated,
        }
    }

    /// Changes the status. For the owner, or locked; not for a node that another thread pops, whose
    /// last store hands the node over.
    #[inline]
    pub(crate) fn mark(&self, status: Status) {
        // ORDERING: Relaxed. The owner reads what the owner did, or reads it locked; nothing is
        // handed over.
        self.status.store(status as u8, Relaxed);
    }

    #[inline]
    pub(crate) fn is_terminated(&self) -> bool {
        self.status() == Status::Terminated
    }

    /// Whether the node, which its owner has just seen PARKED, would wake the same task as `waker`.
    /// Takes no lock.
    ///
    /// A `set` may pop the node at this moment. It only reads the cell, as this function does, so
    /// there is no data race; and the function compares two addresses, never what is behind them.
    ///
    /// Equal addresses are the same waker, and if the node was popped, it is this waker that is
    /// woken. For suppose that the node's waker was woken and freed, and `waker` made in the same
    /// memory: the free came after the WOKEN store, and this poll, which was given `waker`, after
    /// the free. It would have read WOKEN.
    #[inline]
    pub(crate) fn will_wake(self: Pin<&mut Self>, waker: &Waker) -> bool {
        // SAFETY: Parked Owns A Waker: it was initialised when the status was read as PARKED, and
        // only the owner, which calls this, could have overwritten the bits since.
        let own = self.waker.with(|cell| unsafe { &*cell.cast::<Waker>() });
        own.data() == waker.data() && core::ptr::eq(own.vtable(), waker.vtable())
    }

    /// Writes to all that `pop` may read, as the next user of the memory would.
    #[cfg(reveille_loom)]
    pub(crate) fn overwrite(self: Pin<&mut Self>) {
        self.waker.with_mut(|_| ());
        self.neighbors.with_mut(|_| ());
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.status().fmt(f)
    }
}

// SAFETY: only the pointers in `neighbors` and the cells keep `Node` from being Send by itself. The
// owner's thread may change: neighbors and status of a listed node are reached by address, which
// pinning keeps (Listed Means Pinned), and under the lock, which orders the accesses of the old
// thread and of the new one. Nothing else has the address of a node that is in no list (One Owner).
// It carries a `Waker`, which is Send.
unsafe impl Send for Node {}

// SAFETY: `&Node` shared between threads gives them `stamp` and `is_link`, which never change, and
// `status`, which is atomic. Every access to a cell requires more: `Pin<&mut Node>`, which is not
// shared, or a `&mut List`, which is the lock, in a method that only the owner may call (One
// Owner). The methods that hand out a waker move it, and `Waker` is Send; `will_wake` compares its
// addresses, and `Waker` is Sync.
unsafe impl Sync for Node {}

// No foreign code runs between two writes to a node, so a panic never finds it half changed.
impl UnwindSafe for Node {}
impl RefUnwindSafe for Node {}

// === impl Status ===

impl Status {
    const fn is_listed(self) -> bool {
        matches!(self, Self::Parked | Self::Notified)
    }
}

/// Notifies the first waiter of a list, and wakes it after the lock is released.
pub(crate) fn wake_front(list: &Lock<List>) {
    if let Some(waker) = list.with(List::notify_front) {
        waker.wake();
    }
}

/// # Safety
/// `node` is in a list, and the caller holds its lock.
unsafe fn update_neighbors(node: NonNull<Node>, change: impl FnOnce(&mut Neighbors)) {
    // SAFETY: Listed Means Pinned.
    let node = unsafe { node.as_ref() };
    // SAFETY: Listed Means Pinned: locked, so its neighbors are ours.
    node.neighbors.with_mut(|cell| change(unsafe { &mut *cell }));
}
