//! Coming from other crates: `Notify`, `event-listener`, `CancellationToken`, manual-reset events.
//!
//! # tokio's `Notify`
//! A `Notify` is two things at once; here they are two types.
//!
//! | tokio | here | differences |
//! |---|---|---|
//! | `Notify::notify_waiters()` | [`Event::pulse`](crate::Event::pulse) | none that a waiter sees: both reach each `notified()`/`wait()` that was *created* before |
//! | – | [`Event::set`](crate::Event::set) | stays set, so whoever comes late goes on, too |
//! | `Notify::notify_one()` | [`ThreadSafeFlag::set_direct`](crate::ThreadSafeFlag::set_direct) | one permit is kept, as there. Two calls before a poll release two waiters there, and [one here](#two-notifications-before-a-poll). From a signal handler: `set` |
//! | `notified().await` | `wait().await` | |
//! | `notified_owned()` | `wait_owned()` | |
//! | `Notified::enable()` | – | not needed: a wait of an `Event` counts from its creation; one of a flag has a place from its first poll |
//! | – | `wait_blocking`, `wait_blocking_timeout` | threads stand in the same queue |
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
//! # Two notifications before a poll
//! `notify_one` takes the first waiter out of the queue immediately, so a second call releases the
//! second waiter. A flag holds one set at most, and its first waiter keeps its place until it is
//! polled and consumes that set; a second `set` before then adds nothing. (event-listener's
//! `notify_additional(1)` is like `notify_one` here, and its `notify(1)` like the flag.)
//!
//! ```
//! use reveille::ThreadSafeFlag;
//! use std::pin::{Pin, pin};
//! use std::task::{Context, Waker};
//! use tokio::sync::Notify;
//!
//! fn is_ready(wait: Pin<&mut impl Future>) -> bool {
//!     wait.poll(&mut Context::from_waker(Waker::noop())).is_ready()
//! }
//!
//! let notify = Notify::new();
//! let (mut first, mut second) = (pin!(notify.notified()), pin!(notify.notified()));
//! assert!(!is_ready(first.as_mut()) && !is_ready(second.as_mut()));
//! notify.notify_one();
//! notify.notify_one();
//! assert!(is_ready(first) && is_ready(second));
//!
//! let flag = ThreadSafeFlag::new();
//! let (mut first, mut second) = (pin!(flag.wait()), pin!(flag.wait()));
//! assert!(!is_ready(first.as_mut()) && !is_ready(second.as_mut()));
//! flag.set_direct();
//! flag.set_direct();
//! assert!(is_ready(first) && !is_ready(second));
//! ```
//!
//! So a pool that calls `set_direct` once for each item that is returned must not rely on one
//! released waiter for each: a task would sleep beside an idle item. Have each task that takes an
//! item look for more, and hand the set on:
//!
//! ```
//! use reveille::ThreadSafeFlag;
//! use std::sync::Mutex;
//!
//! static IDLE: Mutex<Vec<u32>> = Mutex::new(Vec::new());
//! static RETURNED: ThreadSafeFlag = ThreadSafeFlag::new();
//!
//! async fn take() -> u32 {
//!     loop {
//!         let (connection, more) = {
//!             let mut idle = IDLE.lock().unwrap();
//!             (idle.pop(), !idle.is_empty())
//!         };
//!         if more {
//!             RETURNED.set_direct(); // for the next waiter
//!         }
//!         match connection {
//!             Some(connection) => return connection,
//!             None => RETURNED.wait().await,
//!         }
//!     }
//! }
//!
//! fn give_back(connection: u32) {
//!     IDLE.lock().unwrap().push(connection);
//!     RETURNED.set_direct();
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let takers = [tokio::spawn(take()), tokio::spawn(take())];
//! tokio::task::yield_now().await; // both wait
//! give_back(1);
//! give_back(2); // before either has been polled again
//! for taker in takers {
//!     taker.await.unwrap();
//! }
//! # }
//! ```
//!
//! # `CancellationToken`
//! | tokio-util | here |
//! |---|---|
//! | `CancellationToken::new()` | `Arc::new(Event::new())`, never cleared |
//! | `cancel()` | [`set`](crate::Event::set) |
//! | `is_cancelled()` | [`is_set`](crate::Event::is_set) |
//! | `cancelled().await`, `cancelled_owned()` | `wait().await`, `wait_owned()` |
//! | `child_token()` | an event of its own, and a link that sets it: see [shutdown](super::shutdown#a-tree-of-them), also for what differs |
//! | `run_until_cancelled(f)` | `select!`, or `futures_lite::future::or` |
//! | `DropGuard` | a struct of yours whose `drop` calls `set` |
//!
//! A token cannot be taken back, an event can: [`clear`](crate::Event::clear). Threads may wait for it.
//!
//! # `SetOnce`, `OnceCell`, `oneshot`, `Shared`
//! | there | here | differences |
//! |---|---|---|
//! | tokio `SetOnce::wait` | [`AsyncResult::wait`](crate::AsyncResult::wait) | value *or* error |
//! | tokio, async-lock `OnceCell::get_or_init` | [`set_from`](crate::AsyncResult::set_from) by whoever starts it, `wait` by all others | nobody is drafted to run the initialiser when the first one is dropped: the readers get [`Cancelled`](crate::Cancelled) |
//! | `oneshot::Receiver` | [`wait`](crate::AsyncResult::wait) | any number of readers, by reference; the sender's drop is `Cancelled`, by `set_from` |
//! | futures `Shared` | `set_from_owned` spawned, `wait_owned` for each | no reader runs the producer; no `Clone` |
//! | tokio `watch` | – | [`ValueEvent`](crate::ValueEvent) sends rounds, it does not keep a newest value |
//!
//! # `event-listener`
//! | event-listener | here | differences |
//! |---|---|---|
//! | `Event::listen()` | [`Event::wait`](crate::Event::wait) | never allocates, as its `listener!` does not; `listen()` does |
//! | `notify(usize::MAX)` | [`pulse`](crate::Event::pulse) | |
//! | `notify(1)` | [`ThreadSafeFlag::set_direct`](crate::ThreadSafeFlag::set_direct) | is kept for the next if nobody listens |
//! | `notify_additional(1)` | [`set_direct`](crate::ThreadSafeFlag::set_direct) | is kept likewise; releases one more listener each time there, and [not here](#two-notifications-before-a-poll) |
//! | `listener.wait()`, `wait_timeout` | [`wait_blocking`](crate::Event::wait_blocking), `wait_blocking_timeout` | made at the call, not before: see [check, then wait](super::checking#the-same-in-a-thread) |
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
