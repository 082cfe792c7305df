//! Poll loops: waking a thread that sleeps in `select`, `poll` or `epoll`.
//!
//! ```text
//!   other threads, tasks, handlers           the loop
//!   queue.push(task)                 ┌───► poll([socket, …, event])   asleep
//!   event.set() ── one write(2) ───► │     if the event is readable: event.clear()
//!                                    │     run all tasks in the queue
//!                                    └──── serve the sockets that are ready
//! ```
//! The order is that of a [worker loop](super::worker_loop): poll, clear, look.
//!
//! # poll(2)
//! ```
//! # #[cfg(unix)] {
//! use reveille::WaitableEvent;
//! use rustix::event::{PollFd, PollFlags, poll};
//! use std::net::UdpSocket;
//! use std::sync::Mutex;
//! use std::thread;
//!
//! static TASKS: Mutex<Vec<u32>> = Mutex::new(Vec::new());
//!
//! let wake = WaitableEvent::new().unwrap();
//! let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
//! thread::scope(|threads| {
//!     threads.spawn(|| {
//!         TASKS.lock().unwrap().push(7);
//!         wake.set();
//!     });
//!     let mut done = Vec::new();
//!     while done.is_empty() {
//!         let mut both =
//!             [PollFd::new(&wake, PollFlags::IN), PollFd::new(&socket, PollFlags::IN)];
//!         // A signal may interrupt `poll`, which then reports nothing.
//!         let _ = poll(&mut both, None);
//!         if wake.clear() {
//!             done.append(&mut TASKS.lock().unwrap());
//!         }
//!     }
//!     assert_eq!(done, [7]);
//! });
//! # }
//! ```
//!
//! # Registration in each kind of loop
//! Here, `wake` is a [`WaitableEvent`](crate::WaitableEvent).
//!
//! | loop | how to register and wait | trigger |
//! |---|---|---|
//! | `poll`, `select`, plain `epoll` | `wake.as_fd()`, for reading only | level: reports until it is cleared |
//! | `mio` | `SourceFd(&wake.as_raw_fd())` | edge: call `clear` after every report, then do all the work |
//! | `polling` | `poller.add(&wake, polling::Event::readable(key))`, where `polling::Event` is that crate's own type | one-shot: call `poller.modify` after each report |
//! | tokio | `AsyncFd`: `readable().await`, `clear()`, `clear_ready()` | edge |
//! | smol | `Async::new(wake)`: `readable().await`, `clear()` | one-shot, armed again by smol |
//! | Windows | `wake.as_handle()` in `WaitForMultipleObjects` or `RegisterWaitForSingleObject` | level |
//!
//! In the repository, `tests/pollers.rs` and `tests/waitable_windows.rs` test each of them. A task
//! that waits for nothing but an event needs no descriptor: it awaits an [`Event`](crate::Event).
//!
//! # mio
//! ```
//! # #[cfg(unix)] {
//! use mio::{Events, Interest, Poll, Token, unix::SourceFd};
//! use reveille::WaitableEvent;
//! use std::os::fd::AsRawFd;
//!
//! let wake = WaitableEvent::new().unwrap();
//! let mut poll = Poll::new().unwrap();
//! let readable = Interest::READABLE;
//! poll.registry().register(&mut SourceFd(&wake.as_raw_fd()), Token(0), readable).unwrap();
//!
//! wake.set();
//! let mut events = Events::with_capacity(8);
//! poll.poll(&mut events, None).unwrap();
//! assert!(events.iter().any(|event| event.token() == Token(0)));
//! assert!(wake.clear());
//! # }
//! ```
//!
//! # Events and results in a poll loop
//! An [`Event`](crate::Event) or an [`AsyncResult`](crate::AsyncResult) can wake a poll loop
//! through a [link](crate::Event::link): a callback that sets the `WaitableEvent` of the loop.
//!
//! ```
//! use reveille::{Event, WaitableEvent};
//! use std::sync::Arc;
//!
//! let loaded = Event::new();
//! let wake = Arc::new(WaitableEvent::new().unwrap());
//! let link = loaded.link({
//!     let wake = wake.clone();
//!     move || wake.set()
//! });
//! loaded.set();
//! assert!(wake.is_set());
//! # drop(link);
//! ```
