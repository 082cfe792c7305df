//! Coming from other crates: `Notify`, `event-listener`, `CancellationToken`, manual-reset events.
//!
//! # tokio's `Notify`
//! A `Notify` is two things at once; here they are two types.
//!
//! | tokio | here | differences |
//! |---|---|---|
//! | `Notify::notify_waiters()` | [`Event::pulse`](crate::Event::pulse) | none that a waiter sees: both reach each `notified()`/`wait()` that was *created* before |
//! | – | [`Event::set`](crate::Event::set) | stays set, so whoever comes late goes on, too |
//! | `Notify::notify_one()` | [`ThreadSafeFlag::set_direct`](crate::ThreadSafeFlag::set_direct) | none that a waiter sees: one permit is kept, and is taken when a wait is *polled*. From a signal handler: `set` |
//! | `notified().await` | `wait().await` | |
//! | `notified_owned()` | `wait_owned()` | |
//! | `Notified::enable()` | – | not needed: a wait of an `Event` counts from its creation; one of a flag has a place from its first poll |
//! | – | `wait_blocking`, `wait_timeout` | threads stand in the same queue |
//!
//! ```
//! use reveille::{Event, ThreadSafeFlag};
//! use tokio::sync::Notify;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! // tokio                                // here
//! let notify = Notify::new();             let event = Event::new();
//! let notified = notify.notified();       let wait = event.wait();
//! notify.notify_waiters();                event.pulse();
//! notified.await;                         wait.await;
//!
//! let notify = Notify::new();             let flag = ThreadSafeFlag::new();
//! notify.notify_one();                    flag.set_direct();
//! notify.notified().await;                flag.wait().await;
//! # }
//! ```
//! A `notify_one` waiter that is dropped passes the permit on, and so does the flag's. `Notify` wakes its waiters
//! with no lock held, as we do.
//!
//! # `CancellationToken`
//! | tokio-util | here |
//! |---|---|
//! | `CancellationToken::new()` | `Arc::new(Event::new())`, never cleared |
//! | `cancel()` | [`set`](crate::Event::set) |
//! | `is_cancelled()` | [`is_set`](crate::Event::is_set) |
//! | `cancelled().await`, `cancelled_owned()` | `wait().await`, `wait_owned()` |
//! | `child_token()` | an event of its own, and a link that sets it: see [shutdown](super::shutdown#a-tree-of-them) |
//! | `run_until_cancelled(f)` | `select!`, or `futures_lite::future::or` |
//! | `DropGuard` | a struct of yours whose `drop` calls `set` |
//!
//! A token cannot be taken back, an event can: [`clear`](crate::Event::clear). Threads may wait for it.
//!
//! # `SetOnce`, `OnceCell`, `oneshot`, `Shared`
//! | there | here | differences |
//! |---|---|---|
//! | tokio `SetOnce::wait` | [`AsyncResult::wait`](crate::AsyncResult::wait) | value *or* error |
//! | tokio, async-lock `OnceCell::get_or_init` | [`resolve_with`](crate::AsyncResult::resolve_with) by whoever starts it, `wait` by all others | nobody is drafted to run the initialiser when the first one is dropped: the readers get [`Cancelled`](crate::Cancelled) |
//! | `oneshot::Receiver` | [`wait`](crate::AsyncResult::wait) | any number of readers, by reference; the sender's drop is `Cancelled`, by `resolve_with` |
//! | futures `Shared` | `resolve_with_owned` spawned, `wait_owned` for each | no reader runs the producer; no `Clone` |
//! | tokio `watch` | – | [`ValueEvent`](crate::ValueEvent) sends rounds, it does not keep a newest value |
//!
//! # `event-listener`
//! | event-listener | here | differences |
//! |---|---|---|
//! | `Event::listen()` | [`Event::wait`](crate::Event::wait) | never allocates, as its `listener!` does not; `listen()` does |
//! | `notify(usize::MAX)` | [`pulse`](crate::Event::pulse) | |
//! | `notify(1)`, `notify_additional(1)` | [`ThreadSafeFlag::set_direct`](crate::ThreadSafeFlag::set_direct) | is kept for the next if nobody listens |
//! | `listener.wait()`, `wait_timeout` | [`wait_blocking`](crate::Event::wait_blocking), `wait_timeout` | made at the call, not before: see [check, then wait](super::checking#the-same-in-a-thread) |
//! | check, listen, check again | check once, after `wait()` was made | |
//!
//! An `event_listener::Event` has no state, so each user keeps a flag beside it. Here the flag *is* the event.
//!
//! # Manual- and auto-reset events
//! | there | here |
//! |---|---|
//! | Windows `CreateEvent(manual)`, `SetEvent`, `ResetEvent` | [`Event`](crate::Event), `set`, `clear`; as an object of the system: [`WaitableEvent`](crate::WaitableEvent) |
//! | Windows `PulseEvent`, which misses whoever is away for a moment | [`pulse`](crate::Event::pulse), which does not |
//! | Windows auto-reset event, .NET `AutoResetEvent` | [`ThreadSafeFlag`](crate::ThreadSafeFlag) |
//! | .NET `ManualResetEventSlim`, futures-intrusive `ManualResetEvent` | [`Event`](crate::Event) |
//! | .NET `TaskCompletionSource` | [`AsyncResult`](crate::AsyncResult) |
//! | C++ `std::latch`, `std::barrier` | made of an `Event`: the example `latch` |
//! | `std::sync::Condvar` | [`Event`](crate::Event) beside the `Mutex`, `pulse` for `notify_all`; make the wait before unlocking |
//! | embassy `Signal<_, ()>` | [`ThreadSafeFlag`](crate::ThreadSafeFlag), for any number of waiters |
//! | eventfd, self-pipe, `mio::Waker` | [`WaitableEvent`](crate::WaitableEvent) |
//!
//! ```
//! use reveille::Event;
//! use std::sync::Mutex;
//!
//! // A condition variable for tasks: no lock is held while it waits, and no pulse is missed.
//! static QUEUE: Mutex<Vec<u32>> = Mutex::new(Vec::new());
//! static PUSHED: Event = Event::new();
//!
//! async fn pop() -> u32 {
//!     loop {
//!         let pushed = {
//!             let mut queue = QUEUE.lock().unwrap();
//!             if let Some(item) = queue.pop() {
//!                 return item;
//!             }
//!             PUSHED.wait()
//!         };
//!         pushed.await;
//!     }
//! }
//!
//! let popping = std::thread::spawn(|| pollster::block_on(pop()));
//! QUEUE.lock().unwrap().push(1);
//! PUSHED.pulse();
//! assert_eq!(popping.join().unwrap(), 1);
//! ```
