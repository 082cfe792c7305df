//! Coming from Python: asyncio, threading, gevent, eventlet, BACpypes and MicroPython, the original on the
//! left, ours on the right, and what differs.
//!
//! Searching this documentation for the original's name (`isSet`, `rawlink`, `get_nowait`,
//! `send_exception`) finds ours.
//!
//! Three things hold for all of them:
//! - **Any thread may call anything.** asyncio's, gevent's and eventlet's belong to one loop; to set them from
//!   another thread one goes through `call_soon_threadsafe` or the hub. Here `set` is called from wherever one is.
//! - **`set` itself wakes,** before it returns, and not a loop later: tasks are scheduled, linked callbacks run.
//!   (A flag's `set` on Unix leaves it to [the courier](super::signals#the-courier).)
//! - **What is raised there is returned here:** a stored exception is the `Err`, a timeout is `false` or `None`.
//!
//! # asyncio
//! ## `asyncio.Event` ► [`Event`](crate::Event)
//! | asyncio | here | differences |
//! |---|---|---|
//! | `Event()` | [`Event::new()`](crate::Event::new) | may be a `static` |
//! | `e.set()` | [`set`](crate::Event::set) | from any thread |
//! | `e.clear()` | [`clear`](crate::Event::clear) | tells whether it was set |
//! | `e.is_set()` | [`is_set`](crate::Event::is_set) | |
//! | `await e.wait()` | `e.wait().await` | counts from when `wait()` is *called*; a coroutine begins when it is awaited |
//! | `wait_for(e.wait(), 5)` | `tokio::time::timeout(…, e.wait())` | the executor's own |
//! | `e.set(); e.clear()` | the same, or [`pulse`](crate::Event::pulse) | both release everyone who waits |
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
//!     EVENT.set(); // no call_soon_threadsafe
//! });
//! assert_eq!(pollster::block_on(next_jobs()), [7]);
//! # producer.join().unwrap();
//! ```
//!
//! ## `asyncio.Future` ► [`AsyncResult`](crate::AsyncResult)
//! | asyncio | here | differences |
//! |---|---|---|
//! | `f.set_result(x)`, `f.set_exception(e)` | [`set`](crate::AsyncResult::set), [`set_err`](crate::AsyncResult::set_err) | the second is no `InvalidStateError`: it returns the value |
//! | `f.result()`, `f.exception()` | [`get`](crate::AsyncResult::get) | `None` if there is none yet |
//! | `f.done()` | [`is_set`](crate::AsyncResult::is_set) | |
//! | `await f` | `f.wait().await` | gives a reference |
//! | `f.add_done_callback(c)` | [`link_owned(c)`](crate::AsyncResult::link_owned) | runs inside the setter, there in the loop; unlinks when its handle is dropped |
//! | `f.cancel()` | `set_err(Cancelled)` | ends the waits alone: to end who produces it, abort that task |
//! | `create_task(c)`, awaited by many | `spawn(f.set_from_owned(c))` | an aborted producer is [`Cancelled`](crate::Cancelled) |
//!
//! # threading
//! ## `threading.Event` ► [`Event`](crate::Event)
//! | threading | here | differences |
//! |---|---|---|
//! | `e.wait()` | [`wait_blocking`](crate::Event::wait_blocking) | |
//! | `e.wait(5)` | [`wait_blocking_timeout`](crate::Event::wait_blocking_timeout) | false: timed out, as there |
//! | `e.set()`, `e.clear()`, `e.is_set()` | the same names | tasks may wait for the same event |
//! | `e.set()` in a signal handler | [`ThreadSafeFlag::set`](crate::ThreadSafeFlag::set) | an `Event` is not for handlers here; Python's handlers are run by the interpreter, between two instructions of its own |
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
//! ## `gevent.event.Event` ► [`Event`](crate::Event)
//! | gevent | here | differences |
//! |---|---|---|
//! | `e.set()`, `e.clear()` | the same names | |
//! | `e.is_set()`, `e.isSet()`, `e.ready()` | [`is_set`](crate::Event::is_set) | |
//! | `e.wait(timeout)` | `wait().await`, [`wait_blocking_timeout`](crate::Event::wait_blocking_timeout) | |
//! | `e.rawlink(c)` | [`link(c)`](crate::Event::link), [`link_owned(c)`](crate::Event::link_owned) | runs inside `set`, there in the hub; gets no argument; runs once, as there. Linked twice it runs twice; there once in each notification, and the second link may stay for the next |
//! | `e.unlink(c)` | [`Link::unlink`](crate::Link::unlink), or drop it | tells whether it was in time |
//!
//! ```
//! // event.rawlink(on_set)                // event.unlink(on_set)
//! let event = reveille::Event::new();
//! # let (told, told_to) = std::sync::mpsc::channel();
//! let on_set = event.link(move || told.send("set").unwrap());
//! event.set();
//! # assert_eq!(told_to.try_recv(), Ok("set"));
//! assert!(!on_set.unlink(), "it has run");
//! ```
//!
//! ## `gevent.event.AsyncResult` ► [`AsyncResult`](crate::AsyncResult)
//! | gevent | here | differences |
//! |---|---|---|
//! | `r.set(x)`, `r.set_exception(e)` | [`set`](crate::AsyncResult::set), [`set_err`](crate::AsyncResult::set_err) | the first stays; there a second of its kind replaces it, and a value is preferred to an exception, whichever came first |
//! | `r.get()`, `r.get(timeout=5)` | `wait().await`; [`wait_blocking`](crate::AsyncResult::wait_blocking), [`wait_blocking_timeout`](crate::AsyncResult::wait_blocking_timeout) | `Err` in place of raising, `None` in place of `Timeout` |
//! | `r.get_nowait()` | [`get`](crate::AsyncResult::get) | never blocks |
//! | `r.ready()`, `r.successful()` | [`is_set`](crate::AsyncResult::is_set), [`is_ok`](crate::AsyncResult::is_ok) | |
//! | `r.value`, `r.exception` | [`ok`](crate::AsyncResult::ok), [`err`](crate::AsyncResult::err) | |
//! | `r.rawlink(c)` | [`link_owned(c)`](crate::AsyncResult::link_owned) | gets the outcome, not the result; runs once, as there |
//! | `greenlet.link(r)` | [`set_from`](crate::AsyncResult::set_from) | a future that is dropped leaves an error; a killed greenlet leaves a `GreenletExit` as a *value* |
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
//!     Some(Err(Cancelled)) => panic!("the producer is gone"),
//!     None => panic!("timed out"),
//! }
//! ```
//!
//! # eventlet
//! ## `eventlet.event.Event` ► [`ValueEvent`](crate::ValueEvent)
//! | eventlet | here | differences |
//! |---|---|---|
//! | `e.send(x)` | [`send`](crate::ValueEvent::send) | a second one returns the value; there it fails an assertion |
//! | `e.send_exception(…)` | [`send_err`](crate::ValueEvent::send_err) | |
//! | `e.wait()`, `e.wait(timeout)` | `wait().await`, `wait_blocking`, [`wait_blocking_timeout`](crate::ValueEvent::wait_blocking_timeout) | a clone; `None` if it timed out |
//! | `e.reset()` | [`reset`](crate::ValueEvent::reset) | false if nothing was sent; there an assertion |
//! | `e.ready()` | [`is_set`](crate::ValueEvent::is_set) | |
//! | `e.poll()`, `has_result()`, `has_exception()` | [`get`](crate::ValueEvent::get) | `None`, `Some(Ok(…))`, `Some(Err(…))` |
//!
//! A wait belongs to the round in which it was created; there, a value that was sent before a `reset` can
//! reach a wait that begins after it.
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
//! ## `WaitableEvent` ► [`WaitableEvent`](crate::WaitableEvent)
//! | BACpypes | here | differences |
//! |---|---|---|
//! | `WaitableEvent()` | [`new()?`](crate::WaitableEvent::new) | an eventfd where there is one, else a pipe; on Windows an object |
//! | – | `as_fd()`, `as_raw_fd()` | for reading only; there is no `e.fileno()`, and `asyncore` holds the descriptor |
//! | `e.set()` | [`set`](crate::WaitableEvent::set) | one `write(2)`, atomic, from signal handlers, too; there a look and a write |
//! | `e.clear()` | [`clear`](crate::WaitableEvent::clear) | never blocks; there a look and a read, which raises `BlockingIOError` if another thread was quicker |
//! | `e.isSet()` | [`is_set`](crate::WaitableEvent::is_set) | |
//! | `e.wait(timeout)` | [`wait_blocking_timeout`](crate::WaitableEvent::wait_blocking_timeout), [`wait_blocking`](crate::WaitableEvent::wait_blocking) | |
//!
//! A whole task manager around it is `examples/poll_loop.rs` of the repository; the loop alone:
//! [poll loops](super::poll_loops).
//!
//! # MicroPython
//! ## `asyncio.ThreadSafeFlag` ► [`ThreadSafeFlag`](crate::ThreadSafeFlag)
//! | MicroPython | here | differences |
//! |---|---|---|
//! | `f.set()` | [`set`](crate::ThreadSafeFlag::set) | interrupts without std, signal handlers with it |
//! | `f.clear()` | [`clear`](crate::ThreadSafeFlag::clear) | tells whether it was set |
//! | `await f.wait()` | `f.wait().await` | clears the flag, as there; any number of tasks, there one |
//! | `while True: await f.wait()` | [`stream`](crate::ThreadSafeFlag::stream) | a `Stream` of sets |
//! | `asyncio.Event` | [`Event`](crate::Event) | there for the loop's own thread; here for any, and, without std, for interrupts |
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
