//! Signals: what a handler may do, the courier, and `set_direct`.
//!
//! # What may a signal handler do?
//! A POSIX signal handler interrupts a thread between any two instructions. The thread may be
//! inside the allocator, or may hold the lock that the handler would take. So a handler may call
//! only functions that are async-signal-safe.
//!
//! | function | in a signal handler |
//! |---|---|
//! | [`ThreadSafeFlag::set`](crate::ThreadSafeFlag::set), [`clear`](crate::ThreadSafeFlag::clear), [`is_set`](crate::ThreadSafeFlag::is_set) | yes; the flag must outlive the call, so put it into a `static`, or leak it |
//! | [`WaitableEvent::set`](crate::WaitableEvent::set), [`clear`](crate::WaitableEvent::clear) | yes, on Unix; the event must outlive the call, too |
//! | [`Event::clear`](crate::Event::clear), [`Event::is_set`](crate::Event::is_set) | yes: one atomic operation |
//! | [`Event::set`](crate::Event::set), [`pulse`](crate::Event::pulse), the setters of a result, [`ThreadSafeFlag::set_direct`](crate::ThreadSafeFlag::set_direct) | **no**: they run wakers |
//! | waiting, linking, dropping a flag or a wait | **no**: they take locks |
//!
//! ```
//! # #[cfg(unix)] {
//! use reveille::ThreadSafeFlag;
//! use signal_hook::{consts::SIGHUP, low_level};
//!
//! static RELOAD: ThreadSafeFlag = ThreadSafeFlag::new();
//!
//! // Returns an error early if there is no thread or descriptor left for the courier.
//! reveille::Courier::start().unwrap();
//! // SAFETY: `ThreadSafeFlag::set` may be called from a signal handler.
//! unsafe { low_level::register(SIGHUP, || RELOAD.set()) }.unwrap();
//!
//! low_level::raise(SIGHUP).unwrap();
//! pollster::block_on(RELOAD.wait());
//! // Reload the configuration.
//! # }
//! ```
//!
//! # The courier
//! ```text
//!  handler                   kernel          courier (a thread)      executor
//!  flag.set()
//!    atomics; if there is    eventfd,
//!    a waiter, write(2) ───► or a pipe ────► takes the first waker
//!  returns                                   wake() ───────────────► polls the task,
//!                                                                    which consumes the set
//! ```
//! A [`Waker`](core::task::Waker) runs an executor's code, which may lock and allocate, so a signal
//! handler must not call it. On Unix, a background thread of the crate, the *courier*, calls it
//! instead. Each process has one courier. It starts when the first waiter registers with a flag, or
//! when the program calls [`Courier::start`](crate::Courier::start). It sleeps until a `set` has a
//! waiter to wake, and blocks all signals except those that a fault raises.
//!
//! The wakers that the courier runs must not block: while one does, the courier wakes no other
//! waiter.
//!
//! The thread is named `reveille-courier`. Linux keeps 15 characters of a name, so `ps -L` and
//! `top -H` show `reveille-courie`.
//!
//! The courier never ends. Returning from `main` and calling `exit` end the process as usual. If
//! the main thread calls `pthread_exit`, the courier keeps the process alive after the last other
//! thread has ended. SIGTERM and SIGINT do not end the process then, because the courier blocks
//! them.
//!
//! # What the courier inherits
//! Like any thread, the courier inherits attributes from the thread that starts it. On Linux they
//! are these:
//!
//! | attribute of the starting thread | effect on the courier |
//! |---|---|
//! | CPU affinity | The courier runs only on the same CPUs, even if these are isolated or busy. |
//! | scheduling policy, priority, nice value | Wake-ups through the courier have the urgency of the starting thread. A thread with `SCHED_RESET_ON_FORK` passes on no real-time policy and no negative nice value. A `SCHED_DEADLINE` thread without it cannot start the courier: the error is `EAGAIN`. |
//! | seccomp filters | They must allow the start of a thread, `read(2)`, and the system calls of the wakers. A filter that another thread installs later applies to the courier only with `SECCOMP_FILTER_FLAG_TSYNC`. |
//! | namespaces, capabilities | If another thread calls `unshare` or `capset` later, the courier keeps its own. The C library's `setuid` applies to all threads, including the courier. |
//!
//! The first waiter may register on any thread of the program or of an executor. So call
//! [`Courier::start`](crate::Courier::start) on a thread that has the attributes that the courier
//! needs, before a task or a thread waits for a flag.
//!
//! # `set` or `set_direct`?
//! | | [`set`](crate::ThreadSafeFlag::set) | [`set_direct`](crate::ThreadSafeFlag::set_direct) |
//! |---|---|---|
//! | may be called from a signal handler | yes | no |
//! | wakes the waiter | on the courier | on the calling thread |
//! | takes a lock and runs a waker | no | yes |
//! | use it in | signal handlers; code that may run in one; threads that must not block | all other code: it avoids the switch to the courier |
//!
//! Where there is no courier (no std, Windows, wasm) they are the same.
//!
//! # Coalesced signals
//! The kernel keeps at most one pending signal of each kind, except for real-time signals. A flag
//! keeps at most one set. Both mean "at least one", so they cannot count signals. To count, use an
//! atomic beside the flag:
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
//! // SAFETY: the handler uses only an atomic and `ThreadSafeFlag::set`.
//! unsafe { low_level::register(SIGUSR1, handler) }.unwrap();
//! (0..3).for_each(|_| low_level::raise(SIGUSR1).unwrap());
//! SEEN.wait_blocking();
//! assert_eq!(RUNS.swap(0, Ordering::Acquire), 3);
//! assert!(!SEEN.is_set());
//! # }
//! ```
//! This counts runs of the handler. Signals that the kernel coalesces run it once.
//!
//! # Signals in a poll loop
//! A [`WaitableEvent`](crate::WaitableEvent) replaces a "self-pipe", and needs no courier. It owns
//! a descriptor, so put it into a `static` before you install the handler:
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
//! // SAFETY: `news` is never dropped, and its `set` may be called from a signal handler.
//! unsafe { low_level::register(SIGUSR2, || news.set()) }.unwrap();
//! low_level::raise(SIGUSR2).unwrap();
//! assert!(news.clear());
//! # }
//! ```
//!
//! For flags in a child process, see [`fork`](super::faq#what-about-fork).
