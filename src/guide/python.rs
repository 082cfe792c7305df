//! Coming from Python: asyncio, threading, gevent, eventlet, BACpypes and MicroPython.
//!
//! Each table has the original on the left, its counterpart in this crate in the middle, and the
//! differences on the right. A search of this documentation for an original's name (`isSet`,
//! `rawlink`, `get_nowait`, `send_exception`) also finds its counterpart.
//!
//! Four differences apply to most of them:
//! - **Any thread may set any object.** The objects of asyncio, gevent and eventlet belong to
//!   one loop, and another thread sets them through `call_soon_threadsafe` or the hub. Here any
//!   thread calls `set`.
//! - **`set` itself wakes the waiters,** before it returns: it schedules tasks, and runs linked
//!   callbacks. In asyncio, gevent and eventlet, the loop does so later. (On Unix, the `set` of a
//!   flag leaves the wake-up to [the courier](super::signals#the-courier).)
//! - **A callback that fails affects the setter.** asyncio and gevent report the exception of a
//!   callback in the loop or the hub, after `set` has returned. Here a panic of a callback
//!   propagates out of `set`, after the rest of the waiters have been woken.
//! - **Python raises; Rust returns.** A stored exception is an `Err`, and a timeout is `false` or
//!   `None`.
//!
//! # asyncio
//! ## `asyncio.Event` → [`Event`](crate::Event)
//! | asyncio | here | differences |
//! |---|---|---|
//! | `Event()` | [`Event::new()`](crate::Event::new) | It may be a `static`. |
//! | `e.set()` | [`set`](crate::Event::set) | Any thread may call it. |
//! | `e.clear()` | [`clear`](crate::Event::clear) | It returns whether the event was set. |
//! | `e.is_set()` | [`is_set`](crate::Event::is_set) | |
//! | `await e.wait()` | `e.wait().await` | The wait begins when `wait()` is *called*. A coroutine begins when it is awaited. |
//! | `wait_for(e.wait(), 5)` | `tokio::time::timeout(…, e.wait())` | The executor provides the timeout. |
//! | `e.set(); e.clear()` | the same, or [`pulse`](crate::Event::pulse) | Both release all present waiters. |
//!
//! ```text
//! async def worker():                    async fn worker() {
//!     while True:                            loop {
//!         await event.wait()                     EVENT.wait().await;
//!         event.clear()                          EVENT.clear();
//!         for job in take():                     for job in take() {
//!             do(job)                                do_job(job);
//! ```
//!
//! ```
//! use reveille::Event;
//! # use std::sync::Mutex;
//! # static JOBS: Mutex<Vec<u32>> = Mutex::new(Vec::new());
//! # fn take() -> Vec<u32> { std::mem::take(&mut JOBS.lock().unwrap()) }
//!
//! static EVENT: Event = Event::new();
//!
//! async fn next_jobs() -> Vec<u32> {
//!     EVENT.wait().await;
//!     EVENT.clear();
//!     take()
//! }
//!
//! let producer = std::thread::spawn(|| {
//!     JOBS.lock().unwrap().push(7);
//!     EVENT.set(); // No `call_soon_threadsafe`.
//! });
//! assert_eq!(pollster::block_on(next_jobs()), [7]);
//! # producer.join().unwrap();
//! ```
//!
//! ## `asyncio.Future` → [`AsyncResult`](crate::AsyncResult)
//! | asyncio | here | differences |
//! |---|---|---|
//! | `f.set_result(x)`, `f.set_exception(e)` | [`set`](crate::AsyncResult::set), [`set_err`](crate::AsyncResult::set_err) | A second call returns the value in an error. There it raises `InvalidStateError`. |
//! | `f.result()`, `f.exception()` | [`get`](crate::AsyncResult::get) | It returns `None` if the result is not set. |
//! | `f.done()` | [`is_set`](crate::AsyncResult::is_set) | |
//! | `await f`, `await shield(f)` | `f.wait().await` | It returns a reference. If a task that awaits `f` is cancelled there, `f` is cancelled for all its readers, unless it is shielded. Here a reader that is dropped cancels nothing. |
//! | `f.add_done_callback(c)` | [`link_owned(c)`](crate::AsyncResult::link_owned) | The callback runs inside the setter, not in the loop. Dropping the handle unlinks it. |
//! | `f.cancel()` | `set_err(Cancelled)` | It ends only the waits. To stop the producer, abort its task. |
//! | `create_task(c)` with several readers | `spawn(f.set_from_owned(c))` | If the producer is aborted, the readers get [`Cancelled`](crate::Cancelled). |
//!
//! # threading
//! ## `threading.Event` → [`Event`](crate::Event)
//! | threading | here | differences |
//! |---|---|---|
//! | `e.wait()` | [`wait_blocking`](crate::Event::wait_blocking) | |
//! | `e.wait(5)` | [`wait_blocking_timeout`](crate::Event::wait_blocking_timeout) | Both return false after a timeout. |
//! | `e.set()`, `e.clear()`, `e.is_set()` | the same names | Tasks may wait for the same event. |
//! | `e.set()` in a signal handler | [`ThreadSafeFlag::set`](crate::ThreadSafeFlag::set) | A handler must not set an `Event` here. Python's handlers run in the interpreter, between two of its instructions. |
//!
//! ```
//! // stop = threading.Event()             // while not stop.wait(1.0): poll()
//! use reveille::Event;
//! use std::{thread, time::Duration};
//!
//! static STOP: Event = Event::new();
//! let polling = thread::spawn(|| {
//!     while !STOP.wait_blocking_timeout(Duration::from_secs(1)) { /* poll */ }
//! });
//! STOP.set();
//! polling.join().unwrap();
//! ```
//!
//! # gevent
//! ## `gevent.event.Event` → [`Event`](crate::Event)
//! | gevent | here | differences |
//! |---|---|---|
//! | `e.set()`, `e.clear()` | the same names | |
//! | `e.is_set()`, `e.isSet()`, `e.ready()` | [`is_set`](crate::Event::is_set) | |
//! | `e.wait(timeout)` | `wait().await`, [`wait_blocking_timeout`](crate::Event::wait_blocking_timeout) | |
//! | `e.rawlink(c)` | [`link(c)`](crate::Event::link), [`link_owned(c)`](crate::Event::link_owned) | The callback runs inside `set`, not in the hub, and has no argument. It runs once, as in gevent. |
//! | `e.rawlink(c)` twice | two links | Each link runs once. In gevent, `c` runs once in each notification, and the second link may stay for the next one. |
//! | `e.unlink(c)` | [`Link::unlink`](crate::Link::unlink), or drop the link | `unlink` returns whether it prevented the call. |
//!
//! ```
//! // event.rawlink(on_set)                // event.unlink(on_set)
//! let event = reveille::Event::new();
//! # let (sender, receiver) = std::sync::mpsc::channel();
//! let on_set = event.link(move || sender.send("set").unwrap());
//! event.set();
//! # assert_eq!(receiver.try_recv(), Ok("set"));
//! assert!(!on_set.unlink(), "the callback has run");
//! ```
//!
//! ## `gevent.event.AsyncResult` → [`AsyncResult`](crate::AsyncResult)
//! | gevent | here | differences |
//! |---|---|---|
//! | `r.set(x)`, `r.set_exception(e)` | [`set`](crate::AsyncResult::set), [`set_err`](crate::AsyncResult::set_err) | The first outcome stays. In gevent, a second value replaces the first, and a second exception the first. After one of each, `get` returns the value, whichever came first. |
//! | `r.get()`, `r.get(timeout=5)` | `wait().await`, [`wait_blocking`](crate::AsyncResult::wait_blocking), [`wait_blocking_timeout`](crate::AsyncResult::wait_blocking_timeout) | They return an `Err`, or `None` after a timeout. In gevent, `get` raises the exception, or `Timeout`. |
//! | `r.wait()`, `r.wait(timeout=5)` | the same as for `r.get()` | The error is returned. In gevent, `wait` never raises: it returns `None` for an exception, and for a timeout. |
//! | `r.get_nowait()` | [`get`](crate::AsyncResult::get) | It never blocks, and returns `None` if the result is not set. |
//! | `r.ready()`, `r.successful()` | [`is_set`](crate::AsyncResult::is_set), [`is_ok`](crate::AsyncResult::is_ok) | |
//! | `r.value`, `r.exception` | [`ok`](crate::AsyncResult::ok), [`err`](crate::AsyncResult::err) | |
//! | `r.rawlink(c)` | [`link_owned(c)`](crate::AsyncResult::link_owned) | The callback gets the outcome, not the result. It runs once, as in gevent. |
//! | `greenlet.link(r)` | [`set_from`](crate::AsyncResult::set_from) | A future that is dropped leaves an error. A greenlet that is killed leaves a `GreenletExit` as a *value*. |
//!
//! ```
//! // result = AsyncResult()               // gevent.spawn(fetch).link(result)
//! // try: page = result.get(timeout=5)    // except Timeout: …
//! use reveille::{AsyncResult, Cancelled};
//! use std::{sync::Arc, time::Duration};
//!
//! let result = Arc::new(AsyncResult::<&str, Cancelled>::new());
//! smol::spawn(result.clone().set_from_owned(async { Ok("page") })).detach();
//! match result.wait_blocking_timeout(Duration::from_secs(5)) {
//!     Some(Ok(page)) => assert_eq!(*page, "page"),
//!     Some(Err(Cancelled)) => panic!("the producer was dropped"),
//!     None => panic!("timed out"),
//! }
//! ```
//!
//! # eventlet
//! ## `eventlet.event.Event` → [`ValueEvent`](crate::ValueEvent)
//! | eventlet | here | differences |
//! |---|---|---|
//! | `e.send(x)` | [`send`](crate::ValueEvent::send) | A second call returns the value in an error. There it fails an assertion. |
//! | `e.send_exception(…)` | [`send_err`](crate::ValueEvent::send_err) | |
//! | `e.wait()`, `e.wait(timeout)` | `wait().await`, `wait_blocking`, [`wait_blocking_timeout`](crate::ValueEvent::wait_blocking_timeout) | A waiter gets a clone of the outcome, or `None` after a timeout. |
//! | `e.reset()` | [`reset`](crate::ValueEvent::reset) | If nothing was sent, it returns false. There it fails an assertion. |
//! | `e.ready()` | [`is_set`](crate::ValueEvent::is_set) | |
//! | `e.poll()`, `has_result()`, `has_exception()` | [`get`](crate::ValueEvent::get) | It returns `None`, `Some(Ok(…))` or `Some(Err(…))`. |
//!
//! A wait belongs to the round in which it was created. In eventlet, a value that was sent before a
//! `reset` can reach a wait that begins after it.
//!
//! ```
//! // evt.send(1); evt.wait()              // evt.reset(); evt.send(2)
//! let event = reveille::ValueEvent::<u32, ()>::new();
//! event.send(1).unwrap();
//! assert_eq!(event.wait_blocking(), Ok(1));
//! event.reset();
//! event.send(2).unwrap();
//! assert_eq!(event.wait_blocking(), Ok(2));
//! ```
//!
//! # BACpypes
//! ## `WaitableEvent` → [`WaitableEvent`](crate::WaitableEvent)
//! | BACpypes | here | differences |
//! |---|---|---|
//! | `WaitableEvent()` | [`new()?`](crate::WaitableEvent::new) | It is an eventfd or a pipe, and on Windows an event object. |
//! | – | `as_fd()`, `as_raw_fd()` | Poll it for reading only. BACpypes has no `e.fileno()`: `asyncore` holds the descriptor. |
//! | `e.set()` | [`set`](crate::WaitableEvent::set) | It is one `write(2)`, and signal handlers may call it. There it is a check and a write, not one atomic step. |
//! | `e.clear()` | [`clear`](crate::WaitableEvent::clear) | It never blocks. There it is a check and a read, which raises `BlockingIOError` if another thread reads first. |
//! | `e.isSet()` | [`is_set`](crate::WaitableEvent::is_set) | |
//! | `e.wait(timeout)` | [`wait_blocking_timeout`](crate::WaitableEvent::wait_blocking_timeout), [`wait_blocking`](crate::WaitableEvent::wait_blocking) | |
//!
//! In the repository, `examples/poll_loop.rs` is a complete task manager around such an event.
//! The chapter on [poll loops](super::poll_loops) shows the loop alone.
//!
//! # MicroPython
//! ## `asyncio.ThreadSafeFlag` → [`ThreadSafeFlag`](crate::ThreadSafeFlag)
//! | MicroPython | here | differences |
//! |---|---|---|
//! | `f.set()` | [`set`](crate::ThreadSafeFlag::set) | Interrupts may call it without std, and signal handlers with std. |
//! | `f.clear()` | [`clear`](crate::ThreadSafeFlag::clear) | It returns whether the flag was set. A waiter that has been woken but not polled waits again. There a waiter that the loop has already scheduled still completes. |
//! | `await f.wait()` | `f.wait().await` | It clears the flag, as there. Any number of tasks may wait; there only one. |
//! | `while True: await f.wait()` | [`stream`](crate::ThreadSafeFlag::stream) | It is a `Stream` that yields an item for each set. |
//! | `asyncio.Event` | [`Event`](crate::Event) | There only the loop's thread may set it. Here any thread may and, without std, an interrupt. |
//!
//! ```
//! // tsf = asyncio.ThreadSafeFlag()
//! // timer.init(period=1000, callback=lambda t: tsf.set())
//! // await tsf.wait()
//! use reveille::ThreadSafeFlag;
//!
//! static TICK: ThreadSafeFlag = ThreadSafeFlag::new();
//! let timer = std::thread::spawn(|| TICK.set());
//! pollster::block_on(TICK.wait());
//! # timer.join().unwrap();
//! ```
