//! Signals: what a handler may do, the courier, and `set_direct`.
//!
//! # What a handler may do
//! A POSIX signal handler interrupts a thread between any two instructions: perhaps inside the allocator,
//! or while it holds the very lock that the handler would take. So it may call what is
//! async-signal-safe, and nothing else.
//!
//! | in a handler | |
//! |---|---|
//! | [`ThreadSafeFlag::set`](crate::ThreadSafeFlag::set), [`clear`](crate::ThreadSafeFlag::clear), [`is_set`](crate::ThreadSafeFlag::is_set) | yes; the flag must outlive the call, so it is a `static`, or leaked |
//! | [`WaitableEvent::set`](crate::WaitableEvent::set), [`clear`](crate::WaitableEvent::clear) | yes, on Unix; likewise |
//! | [`Event::clear`](crate::Event::clear), [`Event::is_set`](crate::Event::is_set) | yes: one atomic operation |
//! | [`Event::set`](crate::Event::set), [`pulse`](crate::Event::pulse), the setters of a result, [`set_direct`](crate::ThreadSafeFlag::set_direct) | **no**: wakers run in there |
//! | waiting, linking, dropping a flag or a wait | **no**: locks |
//!
//! ```
//! # #[cfg(unix)] {
//! use reveille::ThreadSafeFlag;
//! use signal_hook::{consts::SIGHUP, low_level};
//!
//! static RELOAD: ThreadSafeFlag = ThreadSafeFlag::new();
//!
//! // Tells early if there is no thread or descriptor left for the courier.
//! reveille::Courier::start().unwrap();
//! // SAFETY: `ThreadSafeFlag::set` may be called from a signal handler.
//! unsafe { low_level::register(SIGHUP, || RELOAD.set()) }.unwrap();
//!
//! low_level::raise(SIGHUP).unwrap();
//! pollster::block_on(RELOAD.wait());
//! // Read the configuration anew.
//! # }
//! ```
//!
//! # The courier
//! ```text
//!  handler                   kernel          courier (a thread)      executor
//!  flag.set()
//!    atomics; if somebody    eventfd,
//!    waits, one write(2) ──► or a pipe ────► takes the head's waker
//!  returns                                   wake() ───────────────► polls the task,
//!                                                                    which takes the set
//! ```
//! A [`Waker`](core::task::Waker) runs an executor's code, which may lock and allocate. So on Unix
//! the handler does not call it: a background thread of the crate, the courier, does. Each process
//! has one. It starts when the first waiter parks on a flag, or by
//! [`Courier::start`](crate::Courier::start), and sleeps until a `set` has a waiter. It blocks all
//! signals except those that a fault raises. The wakers that it runs must not block: while one
//! does, the courier wakes no other waiter.
//!
//! The thread is named `reveille-courier`. Linux keeps 15 characters of a name, so `ps -L` and
//! `top -H` show `reveille-courie`.
//!
//! The courier never ends. Returning from `main` and `exit` end the process as usual. If the main
//! thread ends by `pthread_exit`, the courier keeps the process alive after the last thread of the
//! program has ended. SIGTERM and SIGINT do not end it then, since the courier blocks them.
//!
//! # What the courier inherits
//! As any thread, the courier inherits the attributes of the thread that starts it. On Linux they
//! are these:
//!
//! | attribute of the starting thread | what it means for the courier |
//! |---|---|
//! | CPU affinity | It runs on the same CPUs alone, even if these are isolated or busy. |
//! | scheduling policy, priority, nice value | Wake-ups through it are as urgent as that thread was. A thread with `SCHED_RESET_ON_FORK` passes on no real-time policy and no negative nice value. A `SCHED_DEADLINE` thread without it cannot start the courier: the error is `EAGAIN`. |
//! | seccomp filters | They must allow a thread to start, `read(2)`, and the system calls of the wakers. A filter that another thread installs later applies to the courier with `SECCOMP_FILTER_FLAG_TSYNC` alone. |
//! | namespaces, capabilities | Other threads that `unshare` or `capset` later do not change the courier's. `setuid` of the C library applies to all threads, the courier included. |
//!
//! The first waiter may park on any thread of the program or of an executor. So call
//! [`Courier::start`](crate::Courier::start) from a thread that has the attributes that the courier
//! needs, before a task or a thread waits for a flag.
//!
//! # `set` or `set_direct`
//! | | [`set`](crate::ThreadSafeFlag::set) | [`set_direct`](crate::ThreadSafeFlag::set_direct) |
//! |---|---|---|
//! | from a signal handler | yes | no |
//! | wakes | by the courier | here and now, on this thread |
//! | takes a lock, runs foreign code | no | yes |
//! | for | handlers; code that may run in one; threads that must not block | all else: it spares the way over the courier |
//!
//! Where there is no courier (no std, Windows, wasm) they are the same.
//!
//! # Signals that come faster than they are seen
//! The kernel keeps one pending signal of a kind (but for real-time signals), and a flag keeps one set: both
//! say "at least one". Do not count signals by them. What has to be counted goes beside the flag, into an atomic:
//!
//! ```
//! # #[cfg(unix)] {
//! # use reveille::ThreadSafeFlag;
//! # use signal_hook::{consts::SIGUSR1, low_level};
//! use std::sync::atomic::{AtomicU32, Ordering};
//!
//! static RUNS: AtomicU32 = AtomicU32::new(0);
//! static SEEN: ThreadSafeFlag = ThreadSafeFlag::new();
//!
//! let handler = || {
//!     RUNS.fetch_add(1, Ordering::Release);
//!     SEEN.set();
//! };
//! // SAFETY: an atomic and `ThreadSafeFlag::set` are all that it touches.
//! unsafe { low_level::register(SIGUSR1, handler) }.unwrap();
//! (0..3).for_each(|_| low_level::raise(SIGUSR1).unwrap());
//! SEEN.wait_blocking();
//! assert_eq!(RUNS.swap(0, Ordering::Acquire), 3);
//! assert!(!SEEN.is_set());
//! # }
//! ```
//! These are runs of the handler: of signals that coalesce in the kernel it hears once.
//!
//! # A signal that a poll loop waits for
//! The descriptor of a [`WaitableEvent`](crate::WaitableEvent) takes the place of the "self-pipe", and needs
//! no courier. It owns a descriptor, so it is put into a `static` before the handler is installed:
//!
//! ```
//! # #[cfg(unix)] {
//! use reveille::WaitableEvent;
//! use signal_hook::{consts::SIGUSR2, low_level};
//! use std::sync::OnceLock;
//!
//! static NEWS: OnceLock<WaitableEvent> = OnceLock::new();
//!
//! let news = NEWS.get_or_init(|| WaitableEvent::new().unwrap());
//! // SAFETY: `news` lives for ever; its `set` may be called from a signal handler.
//! unsafe { low_level::register(SIGUSR2, || news.set()) }.unwrap();
//! low_level::raise(SIGUSR2).unwrap();
//! assert!(news.clear());
//! # }
//! ```
//!
//! After `fork`, and in children: see the [questions](super::faq#what-about-fork).
