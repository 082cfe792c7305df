//! Questions that come up.
//!
//! # Why is there a thread?
//! Only a [`ThreadSafeFlag`](crate::ThreadSafeFlag) has one, on Unix with std: the courier. A waker is foreign
//! code that may lock and allocate, and no signal handler may do that. So the handler leaves word, and an
//! ordinary thread wakes: see [signals](super::signals#the-courier). It starts when the first waiter
//! parks on a flag. A program that uses no flag has no such thread, nor has one that only sets them or finds them set.
//!
//! # Why two ways to set a flag?
//! `set` may be called from anywhere, and pays for it where there is a courier: that is one more
//! thread to wake. `set_direct` wakes the waiter on the calling thread, so it must not be called
//! from a signal handler. A flag's waiters cannot tell which was used.
//!
//! # Why not `event-listener`?
//! It was measured: `listen()` allocates, each poll locks again, and wakers run under its lock, so that one that
//! calls back deadlocks and one that panics leaves the event dead. The list of waiters is what this crate is for;
//! its places are in the futures themselves. To park threads under its lock takes longer, too.
//!
//! # Does it need tokio? Does it need anything of `tracing` or of tokio-console?
//! No. There is no executor, no timer and no reactor in it. A task that waits for an event is shown by
//! tokio-console as any task that waits, since a console sees polls and wakes, and those are the
//! executor's. The crate emits no `tracing` events of its own: `set` may be called where nothing may be
//! logged. Each type's `Debug` tells its state.
//!
//! # Are wake-ups spurious?
//! Futures here are polled as often as an executor likes; a wait is ready if and only if what it waits for
//! is there. A waker may be woken for nothing in one case: the courier comes to a flag whose set is gone.
//! A blocking wait never returns for nothing.
//!
//! # Is it fair?
//! First come, first served, by the first poll: in one queue stand tasks, threads and callbacks. A wait that is
//! dropped and made anew goes to the end.
//!
//! # What if a wait is leaked?
//! Leaking a future ([`mem::forget`](core::mem::forget), a cycle of `Arc`s) is memory-safe: its
//! place in the queue lies in memory that is never freed. A leaked wait of an event, a result or a
//! value event costs nothing else. A leaked wait of a [`ThreadSafeFlag`](crate::ThreadSafeFlag)
//! that has parked blocks its flag: once it is the first in the queue, each set is for it, so no
//! other waiter is released, ever. The same holds for a wait that is kept and not polled, until it
//! is polled or dropped.
//!
//! # What may I do in a waker or a callback?
//! Anything, also set, clear, wait for and drop what called it: no lock of ours is held. Keep it short, for it
//! holds up those behind it; and a waker of a task that waits for a flag must not block at all.
//!
//! # What if a waker panics?
//! All others are woken, and then the first panic goes on from the call that woke them. On the courier the
//! panic hook reports it and it ends there. Everything stays usable, nothing is poisoned.
//!
//! # And with `panic = "abort"`?
//! Then a panic ends the process, whoever's it is, and nothing of the above matters. There is no other
//! difference, and `cargo xtask abort` builds and runs it so. (A producer's panic cannot become
//! [`Cancelled`](crate::Cancelled), either.)
//!
//! # What about fork?
//! A child of the C library's `fork` has a copy of the memory, but of the threads only the one that
//! forked:
//!
//! | object in the child | what it may do there |
//! |---|---|
//! | any object that the child creates | works; its first wait for a flag starts a courier of its own |
//! | an [`Event`](crate::Event), [`AsyncResult`](crate::AsyncResult) or [`ValueEvent`](crate::ValueEvent) that no other thread was using or waiting for | works |
//! | one that another thread was using or waiting for | **must be neither used nor dropped**, nor may its waits and links be |
//! | a flag that had no waiters | works, with a courier of the child's own |
//! | a flag that had waiters | can be set, cleared and dropped, and so can its waits; polling one of them panics |
//! | a [`WaitableEvent`](crate::WaitableEvent) | is *shared* with the parent, as any descriptor is |
//!
//! The third row is a safety condition of `fork`, which is an `unsafe` function: its caller must
//! ensure that it holds. An event's list of waiters runs through the waiting futures, and the
//! future of a thread that waits, blocked or in an executor, is often on that thread's stack. The
//! child does not have that thread, so the C library may give the stack to a new thread, or unmap
//! it, while the list still points there. A `set`, a new wait, and the drop of the event or of any
//! of its waits then write to that memory. Create the objects that the child needs in the child.
//! Leave inherited ones where they are: in a `static`, or forgotten by
//! [`mem::forget`](core::mem::forget). Without feature `std`, the list of a flag is in the flag, so
//! the condition holds for flags, too.
//!
//! Of the parent's threads the child has the one that forked, so an executor's tasks run in the
//! child on that thread or not at all. The parent and its waiters are not affected. A child made by
//! a bare `clone` or by `_Fork` is not noticed: it must use no flag and block on no object. After
//! `exec` nothing is left but a `WaitableEvent`'s descriptor, if `FD_CLOEXEC` was taken off it.
//!
//! The standard library holds a lock while a thread starts or ends, in any Rust program. A child
//! that is forked at that moment cannot start a thread, so it has no courier. Fork before the
//! program has threads, or while none starts or ends.
//!
//! # Two versions of the crate in one program?
//! They do not know of each other, and get on: each has its own types, its own courier, and its own statics.
//! They meet in [`Waker`](core::task::Waker) alone, which is the standard library's. What crosses from one
//! library to another is better a future or a callback than one of these types.
//!
//! # Real-time priorities?
//! [`ThreadSafeFlag::set`](crate::ThreadSafeFlag::set) and
//! [`WaitableEvent::set`](crate::WaitableEvent::set) take no lock and do not allocate;
//! `cargo xtask rtsan` checks this with RealtimeSanitizer. [`Event::set`](crate::Event::set) takes
//! a lock if the event has waiters, for a bounded number of waiters at a time. It is the standard
//! library's lock, without priority inheritance.
//!
//! If several threads set one flag or one event, the first `set` wakes the waiters. A `set` that
//! finds it set returns immediately and relies on the first. If the first setter is preempted
//! before it has woken the waiters, they sleep until it runs again, even if a thread of a higher
//! priority has set the flag since. This is a priority inversion. No wake-up is lost, but the delay
//! lasts for as long as the first setter is kept from running. There are three ways to avoid it:
//!
//! - Set the flag from threads of one priority.
//! - Give each setter, while it sets, the highest priority of the threads that set the flag.
//! - Set a [`WaitableEvent`](crate::WaitableEvent) instead: each `set` makes its own `write(2)`.
//!
//! Wake-ups through the courier are as urgent as the courier is: see
//! [what it inherits](super::signals#what-the-courier-inherits).
//!
//! # What does it cost?
//! An event is at most 32 bytes on 64-bit targets (40 on Apple's), a flag 16 on Unix, a wait 64, in the future. Waiting does not
//! allocate; [the front page](crate#memory) has the list of what does. `cargo xtask bench` in the repository measures
//! each type beside its peers of other crates.
//!
//! # How do I test code that uses it?
//! Poll by hand: no sleeping, no executor.
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
//! Under Miri there is no courier, which Miri would take for a leak: `set` wakes on the spot there.
