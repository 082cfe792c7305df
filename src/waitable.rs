//! An event that a `select`, `poll` or `epoll` loop sees as a readable descriptor, and one that waits
//! for objects of Windows as a signalled handle.
//!
//! This page is the contract; `raw/fd/mod.rs` and `raw/handle.rs` have the mechanism.

#[cfg(unix)]
#[path = "waitable/unix.rs"]
mod os;
#[cfg(windows)]
#[path = "waitable/windows.rs"]
mod os;

use core::fmt;
use core::time::Duration;
use std::io;
use std::time::Instant;

use self::os::Readable;

/// An event for an I/O loop: from [`set`](WaitableEvent::set) until [`clear`](WaitableEvent::clear) its
/// descriptor is readable, so a thread that sleeps in `poll`, `epoll`, `kqueue` or `select` for its
/// sockets sleeps for the event too, and threads, tasks and **signal handlers** can wake it. On Windows
/// it has a handle, signalled for as long, and threads and tasks can set it: see [below](#on-windows).
///
/// The `WaitableEvent` of BACpypes. It goes wherever a descriptor goes: `mio`'s `SourceFd`, `polling`,
/// tokio's `AsyncFd`, `smol::Async`, or `poll(2)` itself. Poll it for reading only, and neither read it
/// nor change its flags: it is non-blocking, closed on `exec`, and closed when it is dropped. A program
/// must not close it by its number: another file may get the number, and `set` then writes to that file.
///
/// The state is the kernel's alone, so the descriptor is readable if and only if the event is set.
///
/// # The loop that loses nothing
/// Poll, then clear, and only then look for work:
///
#[cfg_attr(unix, doc = "```")]
#[cfg_attr(not(unix), doc = "```ignore")]
/// use reveille::WaitableEvent;
/// use rustix::event::{PollFd, PollFlags, poll};
/// use std::sync::Mutex;
/// use std::thread;
///
/// static JOBS: Mutex<Vec<u32>> = Mutex::new(Vec::new());
///
/// let wake = WaitableEvent::new()?;
/// let mut done = 0;
/// thread::scope(|threads| {
///     threads.spawn(|| {
///         for job in 1..=3 {
///             JOBS.lock().unwrap().push(job);
///             wake.set();
///         }
///     });
///     while done < 6 {
///         // Sockets stand beside it in the list. If a signal comes first, nothing is reported.
///         let mut descriptors = [PollFd::new(&wake, PollFlags::IN)];
///         let _ = poll(&mut descriptors, None);
///         if descriptors[0].revents().contains(PollFlags::IN) {
///             wake.clear();
///             for job in std::mem::take(&mut *JOBS.lock().unwrap()) {
///                 done += job;
///             }
///         }
///     }
/// });
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// A job that comes after the `clear` sets the event anew, so the next `poll` returns at once; one
/// that came before is seen by this turn. The other way round, look and then clear, loses the job that
/// comes in between.
///
/// # Level and edge
/// A level-triggered poller (`poll`, `select`, plain `epoll`, `polling` with `PollMode::Level`) reports
/// the event for as long as it is set: a loop that forgets to `clear` does not sleep any more.
///
/// An edge-triggered one (`mio`, tokio's `AsyncFd`, `EPOLLET`, `EV_CLEAR`) reports that it *becomes*
/// readable, once; an event that is set when it is registered is reported, too. So `clear` after every
/// report, and then do all the work that there is: what is left over is not reported again, nor need
/// be a `set` of an event that is set. With `AsyncFd`, call `clear_ready` on the guard as well, before
/// or after.
///
/// The `clear` is one system call more in each turn. On Linux alone an edge-triggered loop can do without,
/// as that of `mio::Waker` does: of an eventfd each `set` is an edge. The event is then set for ever to all
/// others, and the work has to be handed over by other means, a lock for one.
///
/// A one-shot poller (`polling` as it comes, `EPOLLONESHOT`) wants to be asked anew after each report,
/// and then reports an event that is set.
///
/// # What differs between systems
/// | | Linux, Android, FreeBSD: an eventfd | other Unix: a pipe | Windows: a manual-reset event |
/// |---|---|---|---|
/// | descriptors, handles | one | two; `as_fd` is the readable end | one |
/// | several threads `clear` one set | exactly one gets true | at least one gets true | exactly one gets true |
/// | `clear` after many sets | one system call | one for each 512 | one |
/// | edge-triggered, a `set` of what is set | is reported | may be reported | – |
/// | a child process that has only the descriptor | can set it | cannot | can set it, with `SetEvent` |
///
/// Apple's systems cannot make a pipe that is closed on `exec` in one step: a program that another thread
/// executes just then inherits it.
///
/// # On Windows
/// The handle goes wherever a thread waits for objects: into `WaitForMultipleObjects` beside others, a
/// socket among them by its `WSAEventSelect`, or into `RegisterWaitForSingleObject`, whose callback may
/// wake a task. It is no socket, so neither `WSAPoll` nor `select` takes it, nor do mio and tokio's
/// reactor; a task that waits for nothing but an event wants an [`Event`](crate::Event). Child processes
/// do not inherit the handle, it is closed when it is dropped, and others must not use it to reset or to
/// pulse the event behind the back of those that `clear` it.
///
/// # Children
/// On Unix, after `fork`, parent and child share the event. A program that is executed does not have it,
/// unless the caller clears `FD_CLOEXEC`. It then sets an eventfd by writing eight bytes to it: a one, as
/// [`u64::to_ne_bytes`] has it.
///
/// # Examples
///
/// In tokio, on Unix (with smol: `smol::Async::new(event)`, `readable().await`, `clear()`):
///
#[cfg_attr(unix, doc = "```")]
#[cfg_attr(not(unix), doc = "```ignore")]
/// use reveille::WaitableEvent;
/// use tokio::io::{Interest, unix::AsyncFd};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let event = WaitableEvent::new()?;
/// let setter = event.try_clone()?;
/// std::thread::spawn(move || setter.set());
///
/// // SAFETY: an event has one descriptor, for as long as it lives.
/// let event = unsafe { AsyncFd::register_with_interest(event, Interest::READABLE) }?;
/// let mut guard = event.readable().await?;
/// event.get_ref().clear();
/// guard.clear_ready();
/// // Look for work.
/// # Ok(())
/// # }
/// ```
#[doc(alias = "eventfd")]
#[doc(alias = "self-pipe")]
#[doc(alias = "Waker")]
pub struct WaitableEvent {
    readable: Readable,
}

// === impl WaitableEvent ===

impl WaitableEvent {
    /// Creates an event that is not set.
    ///
    /// # Callable from
    /// Tasks and threads.
    ///
    /// # Errors
    /// The system's, with its code ([`io::Error::raw_os_error`]), if there are no descriptors left: `EMFILE`,
    /// `ENFILE`. Nothing is left open then. On Windows, if there is no memory left for the object or its
    /// handle.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = reveille::WaitableEvent::new()?;
    /// assert!(!event.is_set());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn new() -> io::Result<Self> {
        Readable::new().map(|readable| Self { readable })
    }

    /// The same event through another descriptor, or handle: it is set if this one is, and the other way
    /// round. It lives on when this one is dropped.
    ///
    /// # Callable from
    /// Tasks and threads.
    ///
    /// # Errors
    /// As [`new`](WaitableEvent::new).
    ///
    /// # Examples
    ///
    /// ```
    /// let event = reveille::WaitableEvent::new()?;
    /// let other = event.try_clone()?;
    /// other.set();
    /// assert!(event.clear());
    /// assert!(!other.is_set());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_clone(&self) -> io::Result<Self> {
        self.readable.try_clone().map(|readable| Self { readable })
    }

    /// Sets the event: its descriptor is readable, its handle signalled, until somebody clears it.
    ///
    /// What the caller did before can be seen by whoever finds the event set, and by whoever clears it.
    /// A `set` of a set event changes nothing else.
    ///
    /// Costs one `write(2)`; `errno` is kept. No lock, no allocation, no panic. On Windows one
    /// `SetEvent`.
    ///
    /// # Callable from
    /// On Unix, anywhere: tasks, threads and **signal handlers**. The event must outlive the handler's
    /// call, as any `&self`; a `static OnceLock` that was filled before the handler was installed will
    /// do. On Windows, tasks and threads; a handler of console events is a thread there.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = reveille::WaitableEvent::new()?;
    /// event.set();
    /// event.set();
    /// assert!(event.is_set());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[cfg_attr(reveille_rtsan, sanitize(realtime = "nonblocking"))]
    #[inline]
    pub fn set(&self) {
        self.readable.set();
    }

    /// Makes the event not set; tells whether it was. Returns at once in either case.
    ///
    /// What was done before every `set` that this takes back can be seen after it. So a loop that clears
    /// first and looks for work after it loses nothing.
    ///
    /// If several threads clear one set, at least one of them gets true; exactly one, but for a pipe.
    ///
    /// Costs one `read(2)`; on a pipe, one for each 512 sets; on Windows one `NtResetEvent`.
    ///
    /// # Callable from
    /// On Unix, anywhere: tasks, threads and signal handlers. On Windows, tasks and threads.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = reveille::WaitableEvent::new()?;
    /// event.set();
    /// assert!(event.clear());
    /// assert!(!event.clear());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[inline]
    pub fn clear(&self) -> bool {
        self.readable.clear()
    }

    /// Whether the event is set.
    ///
    /// If it is, what was done before the `set` can be seen. Costs one `poll(2)`, or
    /// `WaitForSingleObject`.
    ///
    /// # Callable from
    /// Tasks and threads.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = reveille::WaitableEvent::new()?;
    /// event.set();
    /// assert!(event.is_set());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[doc(alias = "isSet")]
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.readable.is_set()
    }
}

/// Blocking waits, for threads that have nothing else to wait for.
///
/// A wait leaves the event set. A signal handler that interrupts it neither ends nor prolongs it: the
/// deadline is one of the monotonic clock.
impl WaitableEvent {
    /// Blocks this thread until the event is set.
    ///
    /// # Callable from
    /// Threads. In a task it would hold up the executor.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = reveille::WaitableEvent::new()?;
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| event.set());
    ///     event.wait_blocking();
    /// });
    /// assert!(event.is_set());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[doc(alias = "WaitableEvent.wait")]
    pub fn wait_blocking(&self) {
        self.readable.wait(None);
    }

    /// Blocks this thread until the event is set, or for `timeout`; false if it timed out.
    ///
    /// With [`Duration::ZERO`] it never blocks; with one too large for the clock it never times out.
    ///
    /// # Callable from
    /// Threads. In a task it would hold up the executor.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let event = reveille::WaitableEvent::new()?;
    /// assert!(!event.wait_timeout(Duration::from_millis(1)));
    /// event.set();
    /// assert!(event.wait_timeout(Duration::ZERO));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[doc(alias = "WaitableEvent.wait")]
    #[must_use = "false says that it timed out"]
    pub fn wait_timeout(&self, timeout: Duration) -> bool {
        if timeout.is_zero() {
            return self.is_set();
        }
        self.readable.wait(Instant::now().checked_add(timeout))
    }

    /// Blocks this thread until the event is set, or until `deadline`; false if it timed out.
    ///
    /// With a deadline that has passed it never blocks.
    ///
    /// # Callable from
    /// Threads. In a task it would hold up the executor.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    ///
    /// let event = reveille::WaitableEvent::new()?;
    /// assert!(!event.wait_deadline(Instant::now() + Duration::from_millis(1)));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use = "false says that it timed out"]
    pub fn wait_deadline(&self, deadline: Instant) -> bool {
        self.readable.wait(Some(deadline))
    }
}

impl fmt::Debug for WaitableEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitableEvent")
            .field("is_set", &self.is_set())
            .field(os::NAME, &os::raw(self))
            .finish()
    }
}
