//! [`Link`]: a callback that waits in the queue of an event or a result. The mechanism is in
//! [`callback`](crate::raw::callback).

use alloc::sync::Arc;
use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};

use crate::event::Event;
use crate::raw::callback::Registration;
use crate::raw::queue::{HasQueue, Queue};
use crate::result::AsyncResult;

/// The handle of a callback that waits in the queue of an [`Event`] or an [`AsyncResult`]; dropping
/// it unlinks the callback.
///
/// [`Event::link`] returns a handle that borrows the event: a `Link<'static>` if the event is in a
/// `static`. [`Event::link_owned`] and [`AsyncResult::link_owned`] return a `Link<'static>` that
/// keeps its event or result alive.
///
/// # Examples
///
/// ```
/// use reveille::{Event, Link};
///
/// let event = Event::new();
/// let link: Link<'_> = event.link(|| unreachable!("unlinked before the `set`"));
/// assert!(link.unlink());
/// event.set();
/// ```
#[must_use = "dropping a link unlinks its callback; `detach` leaves it in the queue"]
pub struct Link<'a> {
    owner: Owner<'a>,
    registration: Registration,
}

/// The primitive whose queue a callback is in; always the same one.
enum Owner<'a> {
    Borrowed(&'a Queue),
    Kept(Arc<dyn HasQueue + Send + Sync>),
}

/// Links: callbacks that wait in the queue, in turn with tasks and blocked threads.
impl Event {
    /// Registers `callback` to run on the next [`set`](Event::set) or [`pulse`](Event::pulse), or
    /// immediately if the event is already set.
    ///
    /// A link is a waiter that is a callback. It shares the queue with tasks and blocked threads.
    /// In its turn, the callback runs once, on the thread that sets the event. Dropping the
    /// returned [`Link`] unlinks the callback: keep the `Link`, or [detach](Link::detach) it.
    ///
    /// The callback runs with no lock held, and may do anything: set and clear the event, link,
    /// unlink itself or another link, drop its own `Link`. The rest of the waiters are woken after
    /// it has returned, so it should be short.
    ///
    /// `set` takes links one at a time, so a callback can still unlink a later one: of two
    /// callbacks that unlink each other, exactly one runs. (If two sets run at the same time, on
    /// two threads or one inside a callback of the other, each may take one of the two. Then both
    /// run, and both calls of `unlink` return `false`.)
    ///
    /// Costs one allocation, or none if the event is set.
    ///
    /// # Nested sets
    /// A callback that sets another event runs that event's links inside its own `set`. Each level
    /// takes some 150 bytes of stack in a release build, so a chain of 10,000 links, each of which
    /// sets the next event, needs less than 2 MiB.
    ///
    /// # If you come from gevent
    /// - gevent runs links later, in the hub. Here they run inside `set`, before it returns, or
    ///   immediately on the linking thread if the event is set. A callback that links itself again
    ///   while the event stays set recurses without end: [`clear`](Event::clear) first. A caller of
    ///   `set` should hold no lock that a callback takes.
    /// - gevent's `unlink` takes the callback. A callback that is linked twice runs once in each
    ///   notification there, and its second link may stay for the next one. Here each link is
    ///   separate and runs once, and `unlink` is a method of the returned `Link`.
    /// - The callback has no argument: it captures what it needs. A callback that captures an
    ///   [`Arc`] of the event is dropped with its `Link`, so nothing leaks, unless it is
    ///   [detached](Link::detach) and never runs.
    /// - gevent's hub reports what a callback raises. Here the first panic propagates out of `set`.
    ///
    /// # Callable from
    /// Tasks and threads; not from signal handlers or interrupts: it takes a lock and allocates.
    ///
    /// # Panics
    /// Never by itself. A panic of a callback that runs immediately propagates out of this call;
    /// any other propagates out of the `set` that runs it, after all other waiters have been woken
    /// or run.
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::Event;
    /// use std::sync::mpsc;
    ///
    /// let event = Event::new();
    /// let (sender, receiver) = mpsc::channel();
    /// let again = sender.clone();
    /// let link = event.link(move || sender.send("in its turn").unwrap());
    /// event.set();
    /// assert_eq!(receiver.try_recv(), Ok("in its turn"));
    /// assert!(!link.unlink(), "it ran");
    ///
    /// let _late = event.link(move || again.send("immediately").unwrap());
    /// assert_eq!(receiver.try_recv(), Ok("immediately"));
    /// ```
    #[doc(alias = "rawlink")]
    #[doc(alias = "add_done_callback")]
    #[doc(alias = "on_set")]
    pub fn link<F: FnOnce() + Send + 'static>(&self, callback: F) -> Link<'_> {
        Link::new(Owner::Borrowed(&self.queue), callback)
    }

    /// Registers `callback` as [`link`](Event::link) does, and returns a handle that keeps the
    /// event alive.
    ///
    /// # Examples
    ///
    /// A callback that counts sets. It links itself again each time, and captures a `Weak`: a
    /// detached callback that captures the event itself keeps it alive until the next `set`.
    ///
    /// ```
    /// use reveille::Event;
    /// use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    /// use std::sync::{Arc, Weak};
    ///
    /// static SETS: AtomicUsize = AtomicUsize::new(0);
    ///
    /// fn count(event: Weak<Event>) {
    ///     let Some(linked) = event.upgrade() else { return };
    ///     let link = linked.link_owned(move || {
    ///         SETS.fetch_add(1, Relaxed);
    ///         count(event);
    ///     });
    ///     link.detach();
    /// }
    ///
    /// let event = Arc::new(Event::new());
    /// count(Arc::downgrade(&event));
    /// event.pulse();
    /// event.pulse();
    /// assert_eq!(SETS.load(Relaxed), 2);
    /// ```
    #[doc(alias = "rawlink")]
    #[doc(alias = "add_done_callback")]
    #[doc(alias = "on_set")]
    pub fn link_owned<F: FnOnce() + Send + 'static>(self: Arc<Self>, callback: F) -> Link<'static> {
        Link::new(Owner::Kept(self), callback)
    }
}

/// Links: callbacks that wait in the queue, in turn with tasks and blocked threads.
impl<T, E> AsyncResult<T, E>
where
    T: Send + Sync + 'static,
    E: Send + Sync + 'static,
{
    /// Registers `callback` to run with the outcome when the result is set, or immediately if it is
    /// already set.
    ///
    /// A link is a waiter that is a callback: see [`Event::link`] for when and where it runs. The
    /// handle keeps the result alive, and unlinks the callback when it is dropped; [`Link::detach`]
    /// leaves the callback in the queue. A detached callback does not keep the result alive: if the
    /// result is dropped before it is set, or taken out of its [`Arc`] and then set, the callback
    /// is dropped and does not run.
    ///
    /// Costs one allocation, or none if the result is set.
    ///
    /// # If you come from gevent
    /// There, the callback (`rawlink`) gets the result itself, and runs later, in the hub. Here it
    /// gets the outcome, by reference, and runs inside `set`, in its turn among the waiters. In
    /// both it runs once, and is unlinked before it is called. Here dropping the handle unlinks it,
    /// too: keep the handle, or detach it.
    ///
    /// # Callable from
    /// Tasks and threads; not from signal handlers or interrupts: it takes a lock and allocates.
    ///
    /// # Panics
    /// As [`Event::link`].
    ///
    /// # Examples
    ///
    /// ```
    /// use reveille::AsyncResult;
    /// use std::sync::{Arc, mpsc};
    ///
    /// let result = Arc::new(AsyncResult::<u32, ()>::new());
    /// let (sender, receiver) = mpsc::channel();
    /// let link = result.clone().link_owned(move |outcome| {
    ///     sender.send(outcome == Ok(&1)).unwrap();
    /// });
    /// result.set(1).unwrap();
    /// assert_eq!(receiver.try_recv(), Ok(true));
    /// assert!(!link.unlink(), "it ran");
    /// ```
    #[doc(alias = "rawlink")]
    #[doc(alias = "add_done_callback")]
    #[doc(alias = "on_set")]
    pub fn link_owned<F>(self: Arc<Self>, callback: F) -> Link<'static>
    where
        F: FnOnce(Result<&T, &E>) + Send + 'static,
    {
        // A `Weak`: with an `Arc` the result would own a callback that owns the result.
        let result = Arc::downgrade(&self);
        Link::new(Owner::Kept(self), move || {
            // It is set, and alive while `set` or `link_owned` runs, unless it was taken out of its
            // `Arc`.
            if let Some(outcome) = result.upgrade().as_deref().and_then(Self::get) {
                callback(outcome);
            }
        })
    }
}

// === impl Link ===

impl<'a> Link<'a> {
    fn new<F: FnOnce() + Send + 'static>(owner: Owner<'a>, callback: F) -> Self {
        let registration = Registration::new(owner.queue(), callback);
        Self { owner, registration }
    }

    /// Takes the callback out of the queue and drops it; returns whether it was still in the queue.
    ///
    /// `true`: it has not started, and never will. `false`: it was taken to run, so it is about to
    /// run, runs at this moment, perhaps on another thread, or has run. This never waits for the
    /// callback, even if the callback itself calls it.
    ///
    /// # Callable from
    /// Tasks and threads; not from signal handlers or interrupts: it takes a lock and frees memory.
    ///
    /// # Panics
    /// Never by itself; a panic in the drop of the callback propagates out of this call. The
    /// callback has left the queue then.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = reveille::Event::new();
    /// let link = event.link(|| unreachable!("it is unlinked"));
    /// assert!(link.unlink());
    /// event.set();
    ///
    /// let late = event.link(|| println!("the event is set, so this runs immediately"));
    /// assert!(!late.unlink());
    /// ```
    #[doc(alias = "remove_done_callback")]
    pub fn unlink(mut self) -> bool {
        self.registration.unlink(self.owner.queue())
    }

    /// Leaves the callback in the queue until it runs, or until the event is dropped, which drops
    /// the callback, too.
    ///
    /// Nothing can unlink it after that. A detached callback does not keep its event alive, but
    /// what it captures lives as long as it does: a callback that captures an [`Arc`] of its own
    /// event keeps that alive until it runs. Capture a [`Weak`](alloc::sync::Weak) instead. Events
    /// that keep each other alive in this way, each the next one, are dropped one inside the other;
    /// a chain of 10,000 needs less than 2 MiB of stack in a release build.
    ///
    /// # Callable from
    /// Tasks and threads.
    ///
    /// # Panics
    /// Never by itself. If this was the last handle of the event, a panic in the drop of what is in
    /// its queue propagates out of this call, after all of it has been dropped.
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
        self.registration.detach();
    }
}

impl Drop for Link<'_> {
    fn drop(&mut self) {
        self.registration.unlink(self.owner.queue());
    }
}

// A handle reaches nothing of its owner but the queue, which is unwind safe.
impl UnwindSafe for Link<'_> {}
impl RefUnwindSafe for Link<'_> {}

impl fmt::Debug for Link<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_linked = self.registration.is_linked();
        f.debug_struct("Link").field("is_linked", &is_linked).finish_non_exhaustive()
    }
}

// === impl Owner ===

impl Owner<'_> {
    fn queue(&self) -> &Queue {
        match self {
            Self::Borrowed(queue) => queue,
            Self::Kept(owner) => owner.queue(),
        }
    }
}
