//! Choosing a primitive: by purpose, by the context that sets it, and by the kind of waiter.
//!
//! # Primitives by purpose
//! | purpose | primitive | why |
//! |---|---|---|
//! | release all waiters, present and future | [`Event`](crate::Event), [`set`](crate::Event::set) | The event stays set. |
//! | release all present waiters, and no later one | [`Event::pulse`](crate::Event::pulse) | It sets and clears the event in one step. |
//! | release one waiter, now or later | [`ThreadSafeFlag`](crate::ThreadSafeFlag) | A wait consumes the set that completes it. |
//! | pass one value or error to all waiters | [`AsyncResult`](crate::AsyncResult) | It is set once, and read by reference. |
//! | pass values or errors to all waiters, one after another | [`ValueEvent`](crate::ValueEvent) | `reset` begins a round. Each waiter gets a clone of the outcome of its own round. |
//! | wake a loop that sleeps in `poll` | [`WaitableEvent`](crate::WaitableEvent) | It has a descriptor or, on Windows, a handle. |
//! | run a callback when an event or a result is set | [`Event::link`](crate::Event::link), [`AsyncResult::link_owned`](crate::AsyncResult::link_owned) | A link is a waiter that is a callback. |
//!
//! # Contexts that may call `set`
//! | caller of `set` | primitives |
//! |---|---|
//! | a task, a thread | all |
//! | a POSIX signal handler | [`ThreadSafeFlag`](crate::ThreadSafeFlag), [`WaitableEvent`](crate::WaitableEvent) |
//! | an interrupt, without std | [`ThreadSafeFlag`](crate::ThreadSafeFlag), [`Event`](crate::Event), [`AsyncResult`](crate::AsyncResult) |
//! | another process | [`WaitableEvent`](crate::WaitableEvent), from a child made by `fork`, or from a process that receives the eventfd or the Windows handle |
//!
//! # Ways to wait
//! | waiter | call |
//! |---|---|
//! | a task of any executor | `wait().await`; in a spawned task, `wait_owned().await` |
//! | a thread | `wait_blocking()`, `wait_blocking_timeout(…)`, `wait_blocking_deadline(…)` |
//! | a loop around `poll`, `epoll`, `kqueue` or `select` | [`WaitableEvent`](crate::WaitableEvent) |
//! | any other loop, such as that of a window | a [link](crate::Event::link) that posts a message to it |
//!
//! All primitives except `WaitableEvent` have a `const fn new`, so they can be created in a
//! `static`.
//!
//! # Channels and timers
//! None of the primitives is a channel: several sets before a waiter looks count as one. Keep the
//! data in a queue, and use the event to announce that there is some. The
//! chapter on [worker loops](super::worker_loop) shows the order of operations.
//!
//! None of them has a timer. A task uses a timeout from its executor, and a thread uses
//! `wait_blocking_timeout`.
//!
//! # The primitives in a few lines
//! ```
//! use reveille::{AsyncResult, Event, ThreadSafeFlag, ValueEvent};
//! use std::pin::pin;
//! use std::task::{Context, Waker};
//!
//! fn is_ready(wait: impl Future) -> bool {
//!     pin!(wait).poll(&mut Context::from_waker(Waker::noop())).is_ready()
//! }
//!
//! // An event stays set, for all waiters.
//! let event = Event::new();
//! event.set();
//! assert!(is_ready(event.wait()) && is_ready(event.wait()));
//!
//! // One wait consumes the set of a flag.
//! let flag = ThreadSafeFlag::new();
//! flag.set();
//! assert!(is_ready(flag.wait()) && !flag.is_set());
//!
//! // A result keeps its first value.
//! let result = AsyncResult::<u32, ()>::new();
//! result.set(1).unwrap();
//! assert_eq!(result.set(2).unwrap_err().into_inner(), 2);
//! assert_eq!(result.get(), Some(Ok(&1)));
//!
//! // A value event carries one value in each round.
//! let news = ValueEvent::<u32, ()>::new();
//! news.send(1).unwrap();
//! assert!(news.reset());
//! news.send(2).unwrap();
//! assert_eq!(news.get(), Some(Ok(2)));
//! ```
