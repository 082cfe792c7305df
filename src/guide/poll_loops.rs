//! Poll loops: a thread that sleeps in `select`, `poll` or `epoll` for its sockets, woken by an event.
//!
//! ```text
//!   other threads, tasks, handlers           the loop
//!   queue.push(task)                 ┌───► poll([socket, …, event])   asleep
//!   event.set() ── one write(2) ───► │     event is readable: event.clear()
//!                                    │     run what is in the queue, all of it
//!                                    └──── serve the sockets that are ready
//! ```
//! The order is that of the [worker's loop](super::worker_loop): poll, clear, look.
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
//!         // A signal may end it early: then nothing is ready.
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
//! # In each kind of loop
//! | loop | how it is put in | level or edge |
//! |---|---|---|
//! | `poll`, `select`, `epoll` | `as_fd()`, for reading only | level: reported until it is cleared |
//! | `mio` | `SourceFd(&event.as_raw_fd())` | edge: `clear` after every report, then do all there is |
//! | `polling` | `Poller::add(&event, polling::Event::readable(key))` | one-shot: ask anew after each report |
//! | tokio | `AsyncFd`, `readable().await`, `clear()`, `clear_ready()` | edge |
//! | smol | `Async::new(event)`, `readable().await`, `clear()` | one-shot, by itself |
//! | Windows | `WaitForMultipleObjects`, `RegisterWaitForSingleObject` with `as_handle()` | level |
//!
//! Each has a test in `tests/pollers.rs` or `tests/waitable_windows.rs` of the repository. A task that waits for
//! nothing but the event needs none of this: it awaits an [`Event`](crate::Event).
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
//! # An async event for such a loop
//! What is told by an [`Event`](crate::Event) or a result reaches the loop by a [link](crate::Event::link): a
//! callback that sets the loop's own event.
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
