//! Coming from other crates: `Notify`, `event-listener`, `CancellationToken`, manual-reset events.
//!
//! # tokio's `Notify`
//! A `Notify` combines two primitives. Here they are two types.
//!
//! | tokio | here | differences |
//! |---|---|---|
//! | `Notify::notify_waiters()` | [`Event::pulse`](crate::Event::pulse) | none for a waiter: both release each `notified()` or `wait()` that was *created* before |
//! | – | [`Event::set`](crate::Event::set) | It stays set, so later waiters complete immediately. |
//! | `Notify::notify_one()` | [`ThreadSafeFlag::set_direct`](crate::ThreadSafeFlag::set_direct) | Both keep one permit. Two calls before a poll release two waiters there, and [one here](#two-notifications-before-a-poll). From a signal handler, call `set`. |
//! | `notified().await` | `wait().await` | |
//! | `notified_owned()` | `wait_owned()` | |
//! | `Notified::enable()` | – | Not needed: a wait of an `Event` counts from its creation. A wait of a flag registers at its first poll, and the flag keeps a set that comes before. |
//! | – | `wait_blocking`, `wait_blocking_timeout` | Threads wait in the same queue. |
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
//! In both crates, a waiter that is dropped passes its permit on, and wakers run with no lock held.
//!
//! # Two notifications before a poll
//! `notify_one` takes the first waiter out of the queue immediately, so a second call releases the
//! second waiter. A flag holds at most one set, and its first waiter keeps its place until it is
//! polled and consumes that set. A second `set` before that poll adds nothing.
//!
//! In event-listener, `notify_additional(1)` behaves like `notify_one`, and `notify(1)` like the
//! flag.
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
//! A pool that calls `set_direct` once for each returned item therefore cannot rely on one released
//! waiter for each item: a task could sleep beside an idle item. Instead, a task that takes an item
//! checks whether more items are left, and if so sets the flag again for the next waiter:
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
//!             RETURNED.set_direct(); // Hands the set on to the next waiter.
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
//! tokio::task::yield_now().await; // Now both tasks wait.
//! give_back(1);
//! give_back(2); // Neither task has been polled since the first `set_direct`.
//! for taker in takers {
//!     taker.await.unwrap(); // Both tasks get a connection.
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
//! | `child_token()` | another event, and a link that sets it; [two points differ](super::shutdown#a-tree-of-shutdown-events) |
//! | `run_until_cancelled(f)` | `select!`, or `futures_lite::future::or` |
//! | `DropGuard` | a struct of your own whose `drop` calls `set` |
//!
//! A token stays cancelled. An event can be reset by [`clear`](crate::Event::clear), and threads
//! can wait for it, too.
//!
//! # `SetOnce`, `OnceCell`, `oneshot`, `Shared`
//! | original | here | differences |
//! |---|---|---|
//! | tokio `SetOnce::wait` | [`AsyncResult::wait`](crate::AsyncResult::wait) | a value *or* an error |
//! | `OnceCell::get_or_init` of tokio and async-lock | [`set_from`](crate::AsyncResult::set_from) in one task, `wait` in the others | If the initializer is dropped there, a waiter runs its own. Here the readers get [`Cancelled`](crate::Cancelled). |
//! | `oneshot::Receiver` | [`wait`](crate::AsyncResult::wait) | Any number of readers, by reference. With `set_from`, a dropped producer sets `Cancelled`. |
//! | futures `Shared` | a spawned `set_from_owned`, and `wait_owned` in each reader | No reader runs the producer. The output need not be `Clone`. |
//! | tokio `watch` | – | A [`ValueEvent`](crate::ValueEvent) sends one value in each round. It does not keep the newest value. |
//!
//! # `event-listener`
//! | event-listener | here | differences |
//! |---|---|---|
//! | `Event::listen()` | [`Event::wait`](crate::Event::wait) | It never allocates. `listen()` does, and `listener!` does not. |
//! | `notify(usize::MAX)` | [`pulse`](crate::Event::pulse) | |
//! | `notify(1)` | [`ThreadSafeFlag::set_direct`](crate::ThreadSafeFlag::set_direct) | If there is no listener, the flag keeps the set for the next one. |
//! | `notify_additional(1)` | [`set_direct`](crate::ThreadSafeFlag::set_direct) | The flag keeps the set, too. Each call releases one more listener there, but [not here](#two-notifications-before-a-poll). |
//! | `listener.wait()`, `wait_timeout` | [`wait_blocking`](crate::Event::wait_blocking), `wait_blocking_timeout` | The wait is created by the call, not before: see [checking before waiting](super::checking#in-a-thread). |
//! | check, listen, check again | create the wait, check once | |
//!
//! An `event_listener::Event` has no state, so its users keep a flag beside it. Here the event
//! itself is the flag.
//!
//! # Manual-reset and auto-reset events
//! | original | here |
//! |---|---|
//! | Windows `CreateEvent` (manual), `SetEvent`, `ResetEvent` | [`Event`](crate::Event), `set`, `clear`; as a kernel object: [`WaitableEvent`](crate::WaitableEvent) |
//! | Windows `PulseEvent`, which misses a thread that the kernel has briefly taken out of its wait | [`pulse`](crate::Event::pulse), which misses no waiter |
//! | Windows auto-reset event, .NET `AutoResetEvent` | [`ThreadSafeFlag`](crate::ThreadSafeFlag) |
//! | .NET `ManualResetEventSlim`, futures-intrusive `ManualResetEvent` | [`Event`](crate::Event) |
//! | .NET `TaskCompletionSource` | [`AsyncResult`](crate::AsyncResult) |
//! | C++ `std::latch`, `std::barrier` | an `Event` and a counter: see the example `latch` |
//! | `std::sync::Condvar` | an [`Event`](crate::Event) beside the `Mutex`, with `pulse` for `notify_all`; create the wait before you unlock |
//! | embassy `Signal<_, ()>` | [`ThreadSafeFlag`](crate::ThreadSafeFlag), for any number of waiters |
//! | eventfd, self-pipe, `mio::Waker` | [`WaitableEvent`](crate::WaitableEvent) |
//!
//! ```
//! use reveille::Event;
//! use std::sync::Mutex;
//!
//! // A condition variable for tasks: `pop` holds no lock while it waits, and misses no pulse.
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
//!             PUSHED.wait() // Created before the queue is unlocked.
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
