//! Choosing a primitive: what is to happen, who sets it, who waits.
//!
//! # By what is to happen
//! | you want | take | because |
//! |---|---|---|
//! | everyone to go on, now and whoever comes later | [`Event`](crate::Event), [`set`](crate::Event::set) | it stays set |
//! | everyone who waits now to go on, and no one else | [`Event::pulse`](crate::Event::pulse) | set and clear in one step |
//! | one waiter to go on for each signal | [`ThreadSafeFlag`](crate::ThreadSafeFlag) | a wait takes the set that it ends with |
//! | a value or an error for everyone, once | [`AsyncResult`](crate::AsyncResult) | read by reference, never reset |
//! | a value or an error for everyone, again and again | [`ValueEvent`](crate::ValueEvent) | `reset` begins a round; each waiter gets a clone of its own round's |
//! | a loop that sleeps in `poll` to wake up | [`WaitableEvent`](crate::WaitableEvent) | it is a descriptor, on Windows a handle |
//! | a callback to run when something happens | [`Event::link`](crate::Event::link), [`AsyncResult::link_owned`](crate::AsyncResult::link_owned) | a waiter that is a callback |
//!
//! # By who sets it
//! | `set` is called by | possible with |
//! |---|---|
//! | a task, a thread | all of them |
//! | a POSIX signal handler | [`ThreadSafeFlag`](crate::ThreadSafeFlag), [`WaitableEvent`](crate::WaitableEvent) |
//! | an interrupt, without std | [`ThreadSafeFlag`](crate::ThreadSafeFlag), [`Event`](crate::Event), [`AsyncResult`](crate::AsyncResult) |
//! | another process | [`WaitableEvent`](crate::WaitableEvent): a child made by `fork`, or whoever is given the descriptor (of an eventfd) or the handle |
//!
//! # By who waits
//! | waits | with |
//! |---|---|
//! | a task of any executor | `wait().await`; spawned elsewhere: `wait_owned()` |
//! | a thread | `wait_blocking()`, `wait_blocking_timeout(…)`, `wait_blocking_deadline(…)` |
//! | a loop in `poll`, `epoll`, `kqueue`, `select` | [`WaitableEvent`](crate::WaitableEvent) |
//! | a loop that can do none of these (a window's) | a [link](crate::Event::link) that posts a message to it |
//!
//! All but `WaitableEvent` are made by a `const fn`, and can stand in a `static`.
//!
//! # What they are not
//! None is a channel: several sets before anyone looks are one. Keep the data in a queue, and let the
//! event say "look"; the [worker's loop](super::worker_loop) shows in which order. None has a timer: a
//! task takes its timeout from its executor, a thread from `wait_blocking_timeout`.
//!
//! # The same in a few lines
//! ```
//! use reveille::{AsyncResult, Event, ThreadSafeFlag, ValueEvent};
//! use std::pin::pin;
//! use std::task::{Context, Waker};
//!
//! fn is_ready(wait: impl Future) -> bool {
//!     pin!(wait).poll(&mut Context::from_waker(Waker::noop())).is_ready()
//! }
//!
//! // An event stays set, for everyone.
//! let event = Event::new();
//! event.set();
//! assert!(is_ready(event.wait()) && is_ready(event.wait()));
//!
//! // A flag is taken, by one.
//! let flag = ThreadSafeFlag::new();
//! flag.set();
//! assert!(is_ready(flag.wait()) && !flag.is_set());
//!
//! // A result is there for good, and keeps its first value.
//! let result = AsyncResult::<u32, ()>::new();
//! result.set(1).unwrap();
//! assert_eq!(result.set(2).unwrap_err().into_inner(), 2);
//! assert_eq!(result.get(), Some(Ok(&1)));
//!
//! // A value event begins anew.
//! let news = ValueEvent::<u32, ()>::new();
//! news.send(1).unwrap();
//! assert!(news.reset());
//! news.send(2).unwrap();
//! assert_eq!(news.get(), Some(Ok(2)));
//! ```
