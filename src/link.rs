//! Callbacks in the queue of an event, and the handles that take them out again.
//!
//! This page is the contract of the handles; [`Event::link`](crate::Event::link) and
//! [`AsyncResult::link_owned`](crate::AsyncResult::link_owned) tell when a callback runs, and
//! [`callback`](crate::raw::callback) how both are kept.

use alloc::sync::Arc;
use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};

use crate::raw::callback::Registration;
use crate::raw::queue::Queue;

/// A callback in the queue of an [`Event`](crate::Event), made by [`Event::link`](crate::Event::link).
///
/// Dropping it unlinks the callback.
///
/// # Examples
///
/// ```
/// let event = reveille::Event::new();
/// let link: reveille::Link<'_> = event.link(|| unreachable!("unlinked before the `set`"));
/// assert!(link.unlink());
/// event.set();
/// ```
#[must_use = "dropping a link unlinks its callback"]
pub struct Link<'a> {
    queue: &'a Queue,
    linked: Registration,
}

/// A callback in the queue of an [`Event`](crate::Event), made by
/// [`Event::link_owned`](crate::Event::link_owned), or of a result, made by
/// [`AsyncResult::link_owned`](crate::AsyncResult::link_owned).
///
/// A [`Link`] that keeps its event alive. Dropping it unlinks the callback; [`detach`](Self::detach)
/// leaves it there.
///
/// # Examples
///
/// ```
/// use reveille::{Event, LinkOwned};
/// use std::sync::{Arc, mpsc::channel};
///
/// let (told, heard) = channel();
/// let event = Arc::new(Event::new());
/// let link: LinkOwned = event.clone().link_owned(move || told.send("set").unwrap());
/// link.detach();
/// event.set();
/// assert_eq!(heard.recv(), Ok("set"));
/// ```
#[must_use = "dropping a link unlinks its callback; `detach` leaves it there"]
pub struct LinkOwned {
    owner: Arc<dyn HasQueue>,
    linked: Registration,
}

/// What a [`LinkOwned`] keeps alive: that in which its queue is, always the same one. Each type that has
/// owned links says where.
pub(crate) trait HasQueue: Send + Sync {
    fn queue(&self) -> &Queue;
}

// === impl Link ===

impl<'a> Link<'a> {
    pub(crate) fn new<F: FnOnce() + Send + 'static>(queue: &'a Queue, callback: F) -> Self {
        Self { queue, linked: Registration::new(queue, callback) }
    }

    /// Takes the callback out of the queue, and drops it; tells whether it was in there still.
    ///
    /// True: it has not started and never will. False: it was taken to run, so it is about to, runs at
    /// this moment, perhaps on another thread, or is done. This never waits for it, also not if it is
    /// called by the callback itself.
    ///
    /// # Callable from
    /// Tasks and threads; not from signal handlers or interrupts: it takes a lock and frees memory.
    ///
    /// # Panics
    /// Never by itself; a panic in the drop of the callback passes through. The callback is out then.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = reveille::Event::new();
    /// let link = event.link(|| unreachable!("it is unlinked"));
    /// assert!(link.unlink());
    /// event.set();
    ///
    /// let late = event.link(|| println!("the event is set, so this runs at once"));
    /// assert!(!late.unlink());
    /// ```
    #[doc(alias = "remove_done_callback")]
    pub fn unlink(mut self) -> bool {
        self.linked.unlink(self.queue)
    }
}

impl Drop for Link<'_> {
    fn drop(&mut self) {
        self.linked.unlink(self.queue);
    }
}

impl fmt::Debug for Link<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("is_linked", &self.linked.is_linked()).finish_non_exhaustive()
    }
}

// === impl LinkOwned ===

impl LinkOwned {
    /// For whatever has a queue: an event, or what is built on one.
    pub(crate) fn new<F>(owner: Arc<dyn HasQueue>, callback: F) -> Self
    where
        F: FnOnce() + Send + 'static,
    {
        let linked = Registration::new(owner.queue(), callback);
        Self { owner, linked }
    }

    /// [`Link::unlink`], for the owned one.
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::Event;
    /// use std::sync::Arc;
    ///
    /// let event = Arc::new(Event::new());
    /// let link = event.clone().link_owned(|| unreachable!("it is unlinked"));
    /// assert!(link.unlink());
    /// event.set();
    /// ```
    pub fn unlink(mut self) -> bool {
        self.linked.unlink(self.owner.queue())
    }

    /// Leaves the callback in the queue for good: until it runs, or the event is dropped, which drops
    /// it, too. Nobody can unlink it any more.
    ///
    /// It does not keep the event alive; but what it has captured lives as long as it does, so a
    /// detached callback that has captured an [`Arc`] of its own event keeps that alive until it runs. Let
    /// it capture a [`Weak`](alloc::sync::Weak). Events that hold each other so, one the next, are dropped
    /// one inside the other, as any chain of boxes is.
    ///
    /// # Callable from
    /// Tasks and threads.
    ///
    /// # Panics
    /// Never by itself. If this was the last handle of the event, a panic in the drop of what is in its
    /// queue passes through, once all of it has been dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::Event;
    /// use std::sync::{Arc, mpsc};
    ///
    /// let event = Arc::new(Event::new());
    /// let (sender, receiver) = mpsc::channel();
    /// event.clone().link_owned(move || sender.send("set").unwrap()).detach();
    /// event.set();
    /// assert_eq!(receiver.recv(), Ok("set"));
    /// ```
    pub fn detach(mut self) {
        self.linked.detach();
    }
}

impl Drop for LinkOwned {
    fn drop(&mut self) {
        self.linked.unlink(self.owner.queue());
    }
}

// Through a handle nobody sees more of the owner than its queue, which is unwind safe.
impl UnwindSafe for LinkOwned {}
impl RefUnwindSafe for LinkOwned {}

impl fmt::Debug for LinkOwned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkOwned")
            .field("is_linked", &self.linked.is_linked())
            .finish_non_exhaustive()
    }
}
