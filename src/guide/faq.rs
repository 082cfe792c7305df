//! Questions and answers.
//!
//! # Why is there a background thread?
//! Only the type [`ThreadSafeFlag`](crate::ThreadSafeFlag) uses one, on Unix with std: the courier.
//! A waker runs code of an executor, which may lock and allocate, and a signal handler must do
//! neither. So the handler only notifies the courier, which is an ordinary thread and wakes the
//! waiter: see [signals](super::signals#the-courier).
//!
//! The courier starts when the first waiter registers with a flag, so some programs have none:
//! - a program that uses no flag;
//! - a program that only sets flags;
//! - a program that waits only for flags that are already set.
//!
//! # Why are there both `set` and `set_direct`?
//! `set` of a flag may be called from signal handlers. On Unix with std, this costs a switch to one
//! more thread, the courier. `set_direct` wakes the waiter on the calling thread, so it must not be
//! called from a signal handler. The waiter sees no difference.
//!
//! # Why not use `event-listener`?
//! It was measured and reviewed:
//! - `listen()` allocates.
//! - Each poll takes the lock again.
//! - Wakers run under the lock. One that calls back into the event deadlocks, and one that panics
//!   leaves the event unusable.
//! - Blocked threads are unparked under the lock, too, which takes longer.
//!
//! The list of waiters is what this crate exists for. Each waiter's place is stored in its own
//! future, and wakers run with no lock held.
//!
//! # Does it need tokio or `tracing`?
//! No. The crate contains no executor, no timer and no reactor, and depends on none.
//!
//! tokio-console shows a task that waits for an event like any other waiting task, because it
//! records polls and wakes, which belong to the executor. The crate emits no `tracing` events,
//! because `set` may be called where logging is not allowed. The `Debug` output of each type shows
//! its state.
//!
//! # Are there spurious wake-ups?
//! A wait is ready only if what it waits for has happened, however often the executor polls it. A
//! blocking wait returns only if its object is set, or its timeout has elapsed.
//!
//! A task can be woken without a reason in one case: the courier reaches a flag after its set has
//! been consumed or cleared. The wait is then pending when it is polled.
//!
//! # Are waiters served in order?
//! Yes: first come, first served, in the order of their first polls. Tasks, threads and callbacks
//! share one queue. A wait that is dropped and created again goes to the end.
//!
//! # What happens if a wait is leaked?
//! Leaking a future ([`mem::forget`](core::mem::forget), a cycle of `Arc`s) is memory-safe, because
//! its place in the queue is in memory that is never freed. A leaked wait of an event, a result or
//! a value event costs nothing else.
//!
//! A leaked wait of a [`ThreadSafeFlag`](crate::ThreadSafeFlag) that has registered blocks the
//! flag: once it is the first in the queue, every set is meant for it, and the flag never releases
//! another waiter. A wait that is kept without being polled has the same effect until it is polled
//! or dropped.
//!
//! # What may a waker or a callback do?
//! It may set, clear, wait for and drop any object, even the object that is calling it, because no
//! lock of this crate is held. It should be short, because the rest of the waiters are woken after
//! it. The waker of a task that waits for a flag must not block at all.
//!
//! # What happens if a waker or a callback panics?
//! The rest of the waiters are woken, and then the first panic propagates out of the call that woke
//! them. On the courier, the panic hook reports the panic, and the courier continues. All objects
//! stay usable: there is no poisoning. Without std, a second panic aborts.
//!
//! # Does it work with `panic = "abort"`?
//! Yes. Any panic then ends the process, so the answer above does not apply, and a panic of a
//! producer does not become [`Cancelled`](crate::Cancelled). There is no other difference. In
//! the repository, `cargo xtask abort` tests each type in this mode.
//!
//! # What about `fork`?
//! A child of the C library's `fork` has a copy of the parent's memory, but only one of its
//! threads: the thread that forked.
//!
//! | object | in the child |
//! |---|---|
//! | any object that the child creates | It works. Its first wait for a flag starts a courier in the child. |
//! | an [`Event`](crate::Event), [`AsyncResult`](crate::AsyncResult) or [`ValueEvent`](crate::ValueEvent) that no other thread was using or waiting for | It works. |
//! | one that another thread was using or waiting for | It **must be neither used nor dropped**, and neither must its waits and links. |
//! | a flag that had no waiters | It works, with a courier in the child. |
//! | a flag that had waiters | It can be set, cleared and dropped, and its waits can be dropped. A poll of one of them panics. |
//! | a [`WaitableEvent`](crate::WaitableEvent) | It is *shared* with the parent, like any descriptor. |
//!
//! The third row is a safety condition of `fork`, which is an `unsafe` function: its caller must
//! ensure that the condition holds. The list of waiters of an event runs through the waiting
//! futures, and the future of a waiting thread is often on that thread's stack. The child does not
//! have that thread. So the C library may give the stack to a new thread, or unmap it, while the
//! list still points there. These operations then write to that memory:
//! - a `set`;
//! - a new wait;
//! - the drop of the event or of one of its waits.
//!
//! Create the objects that the child needs in the child. Leave inherited ones in their `static`, or
//! forget them with [`mem::forget`](core::mem::forget). Without the feature `std`, the list of a
//! flag is in the flag, so the condition applies to flags, too.
//!
//! The tasks of an executor run in the child on the thread that forked, or not at all. The parent
//! and its waiters are not affected.
//!
//! The crate does not detect a child that is made by a bare `clone` or by `_Fork`. Such a child
//! must use no flag, and must block on no object. After `exec`, only the descriptor of a
//! `WaitableEvent` is left, and only if `FD_CLOEXEC` has been cleared on it.
//!
//! In any Rust program, the standard library holds a lock while a thread starts or ends. A child
//! that is forked at that moment cannot start a thread, so it has no courier. Fork before the
//! program has threads, or while no thread starts or ends.
//!
//! # Can a program contain two versions of the crate?
//! Yes. Each version has its own types, its own courier and its own statics. They have only
//! [`Waker`](core::task::Waker) in common, which belongs to the standard library. In public APIs,
//! prefer futures or callbacks to the types of this crate.
//!
//! # Real-time priorities?
//! [`ThreadSafeFlag::set`](crate::ThreadSafeFlag::set) and
//! [`WaitableEvent::set`](crate::WaitableEvent::set) take no lock and do not allocate; in
//! the repository, `cargo xtask rtsan` checks this with RealtimeSanitizer.
//! [`Event::set`](crate::Event::set) takes a lock if the event has waiters, and holds it for a
//! bounded number of waiters at a time. It is the standard library's lock, without priority
//! inheritance.
//!
//! If several threads set one flag or one event, the first `set` wakes the waiters. A `set` that
//! finds it set returns immediately and relies on the first. If the first setter is preempted
//! before it has woken the waiters, they sleep until it runs again, even if a thread of a higher
//! priority has set the flag since. This is a priority inversion. No wake-up is lost, but the delay
//! lasts until the first setter runs again. There are three ways to avoid it:
//! - Set the flag from threads of one priority.
//! - Raise the priority of each setter, while it sets the flag, to the highest priority of all its
//!   setters.
//! - Set a [`WaitableEvent`](crate::WaitableEvent) instead: each `set` makes its own `write(2)`.
//!
//! Wake-ups through the courier have the courier's priority: see
//! [what it inherits](super::signals#what-the-courier-inherits).
//!
//! # What does it cost?
//! On 64-bit targets, an event takes at most 32 bytes (40 on Apple's systems), a flag 16 on Unix,
//! and a wait 64, stored in its future. Waiting does not allocate; [the front page](crate#memory)
//! lists what does. In the repository, `cargo xtask bench` measures each type beside similar types
//! of other crates.
//!
//! # How do I test code that uses it?
//! Poll the wait by hand. The test then needs no executor and no sleep:
//!
//! ```
//! use reveille::Event;
//! use std::pin::pin;
//! use std::task::{Context, Waker};
//!
//! let event = Event::new();
//! let mut wait = pin!(event.wait());
//! let mut cx = Context::from_waker(Waker::noop());
//! assert!(wait.as_mut().poll(&mut cx).is_pending());
//! event.set();
//! assert!(wait.poll(&mut cx).is_ready());
//! ```
//! Under Miri there is no courier, because Miri would report its thread as a leak. The `set` of a
//! flag wakes the waiter on the calling thread there.
