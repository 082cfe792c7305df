//! [`WaitableEvent`]: an event that is a readable descriptor to a `poll` loop, and a signalled
//! handle to a program on Windows.
//!
//! The mechanism is in `raw/fd/mod.rs` and `raw/event_object.rs`.

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

/// An event for an I/O loop: its descriptor is readable from [`set`](WaitableEvent::set) until
/// [`clear`](WaitableEvent::clear).
///
/// A thread that sleeps in `poll`, `epoll`, `kqueue` or `select` for its sockets can sleep for the
/// event, too, and threads, tasks and **signal handlers** can wake it. On Windows, the event has a
/// handle that is signalled from `set` until `clear`, and threads and tasks can set it: see
/// [below](#on-windows).
///
/// It corresponds to the `WaitableEvent` of BACpypes. Use it wherever a descriptor is accepted:
/// `mio`'s `SourceFd`, `polling`, tokio's `AsyncFd`, `smol::Async`, or `poll(2)` itself.
///
/// - Poll the descriptor for reading only. Do not read it, or change its flags.
/// - Do not close it by its number: another file may get the number, and `set` then writes to that
///   file.
/// - It is non-blocking, closed on `exec`, and closed when the event is dropped.
/// - Only the kernel keeps the state, so the descriptor is readable if and only if the event is
///   set.
///
/// # The order of operations in a loop
/// Poll, then clear the event, and only then look for work:
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
///         // Sockets go into the same list. If a signal interrupts `poll`, it reports nothing.
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
/// A job that arrives after the `clear` sets the event again, so the next `poll` returns
/// immediately. A job that arrived before is found in this turn. In the opposite order, look and
/// then clear, the loop loses a job that arrives in between.
///
/// # Level-triggered, edge-triggered and one-shot pollers
/// - A level-triggered poller reports the event for as long as it is set. A loop that does not
///   `clear` it never sleeps again. Examples: `poll`, `select`, plain `epoll`, `polling` with
///   `PollMode::Level`.
/// - An edge-triggered poller reports once that the event *becomes* set, or that it is set when it
///   is registered. Call `clear` after each report, and then do all the work that there is: the
///   poller need not report work that is left over, or a `set` of a set event. Examples: `mio`,
///   tokio's `AsyncFd`, `EPOLLET`, `EV_CLEAR`.
/// - A one-shot poller must be armed again after each report, and then reports an event that is
///   set. Examples: `polling` by default, `EPOLLONESHOT`.
///
/// With `AsyncFd`, call `clear_ready` on the guard, too, before or after `clear`.
///
/// The `clear` adds one system call to each turn. On Linux, an edge-triggered loop can do without
/// it, as that of `mio::Waker` does, because each `set` of an eventfd is an edge. The event then
/// stays set for all other waiters, and another mechanism, such as a lock, must synchronize the
/// work.
///
/// # Differences between systems
/// | | Linux, Android, FreeBSD: an eventfd | other Unix: a pipe | Windows: a manual-reset event |
/// |---|---|---|---|
/// | descriptors or handles | one | two; `as_fd` returns the readable end | one |
/// | several threads `clear` one set | exactly one gets `true` | at least one gets `true` | exactly one gets `true` |
/// | `clear` after many sets | one system call | one for each 512 sets | one system call |
/// | `set` of a set event, edge-triggered poller | is reported | may be reported | – |
/// | a child process that has only the descriptor or handle | can set it | cannot set it | can set it, with `SetEvent` |
///
/// Apple's systems cannot create a pipe that is closed on `exec` in one step. A program that
/// another thread executes in between inherits the pipe.
///
/// # On Windows
/// The handle works wherever a thread waits for objects. `WaitForMultipleObjects` takes it along
/// with other objects, such as the `WSAEventSelect` event of a socket.
/// `RegisterWaitForSingleObject` takes it with a callback, which may wake a task.
///
/// The handle is not a socket, so `WSAPoll`, `select`, mio and tokio's reactor do not take it. For
/// a task that waits for nothing but an event, use an [`Event`](crate::Event).
///
/// Child processes do not inherit the handle, and it is closed when the event is dropped. Do not
/// reset or pulse the event through the handle: a thread that calls `clear` would miss a set.
///
/// # Child processes
/// On Unix, a parent and its child share the event after `fork`. A program that is executed does
/// not inherit it, unless the caller clears `FD_CLOEXEC`. Such a program sets an eventfd by writing
/// eight bytes to it: the number 1, as [`u64::to_ne_bytes`] returns it.
///
/// # Examples
///
/// With tokio, on Unix (with smol, use `smol::Async::new(event)`, `readable().await` and
/// `clear()`):
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
/// // SAFETY: an event has the same descriptor for as long as it lives.
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
    /// The system's error, with its code ([`io::Error::raw_os_error`]). On Unix it is `EMFILE` or
    /// `ENFILE` if there are no descriptors left, and nothing is left open. On Windows there is an
    /// error if there is no memory left for the object or its handle.
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

    /// Returns a second descriptor, or handle, of the same event.
    ///
    /// The clone is set if and only if this event is. It stays valid when this event is dropped.
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

    /// Sets the event: its descriptor is readable, or its handle signalled, until the event is
    /// cleared.
    ///
    /// What the caller did before is visible to every thread that finds the event set, and to every
    /// thread that clears it. A `set` of a set event changes nothing else.
    ///
    /// Costs one `write(2)`, or on Windows one `SetEvent`. It takes no lock, allocates nothing,
    /// does not panic, and keeps `errno`.
    ///
    /// # Callable from
    /// - On Unix, anywhere: tasks, threads and **signal handlers**. As with any `&self`, the event
    ///   must outlive the call in the handler. A `static OnceLock` that is filled before the
    ///   handler is installed satisfies that.
    /// - On Windows, tasks and threads. A handler of console events is a thread there.
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

    /// Clears the event; returns whether it was set.
    ///
    /// It never blocks. What was done before every `set` that it resets is visible to the caller.
    /// So a loop that clears the event and then looks for work misses nothing.
    ///
    /// If several threads clear one set, exactly one of them gets `true`. On a pipe, more than one
    /// may get `true`.
    ///
    /// Costs one `read(2)`; on a pipe, one for each 512 sets; on Windows, one `NtResetEvent`.
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

    /// Returns whether the event is set.
    ///
    /// If it is, what was done before the `set` is visible to the caller. Costs one `poll(2)`, or
    /// on Windows one `WaitForSingleObject`.
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

/// Blocking waits, for threads that wait for nothing else.
///
/// A wait leaves the event set. A signal handler that interrupts it neither ends nor prolongs it.
/// Deadlines are measured by the monotonic clock.
impl WaitableEvent {
    /// Blocks the calling thread until the event is set.
    ///
    /// # Callable from
    /// Threads. In a task it blocks the executor's thread.
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

    /// Blocks the calling thread until the event is set, or until `timeout` has elapsed; returns
    /// whether the event was set in time.
    ///
    /// With [`Duration::ZERO`] it never blocks; a timeout too large for the clock never elapses.
    ///
    /// # Callable from
    /// Threads. In a task it blocks the executor's thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let event = reveille::WaitableEvent::new()?;
    /// assert!(!event.wait_blocking_timeout(Duration::from_millis(1)));
    /// event.set();
    /// assert!(event.wait_blocking_timeout(Duration::ZERO));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[doc(alias = "WaitableEvent.wait")]
    #[must_use = "unused result: `false` means the wait timed out"]
    pub fn wait_blocking_timeout(&self, timeout: Duration) -> bool {
        if timeout.is_zero() {
            return self.is_set();
        }
        self.readable.wait(Instant::now().checked_add(timeout))
    }

    /// Blocks the calling thread until the event is set, or until `deadline`; returns whether the
    /// event was set in time.
    ///
    /// With a deadline that has passed it never blocks.
    ///
    /// # Callable from
    /// Threads. In a task it blocks the executor's thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    ///
    /// let event = reveille::WaitableEvent::new()?;
    /// assert!(!event.wait_blocking_deadline(Instant::now() + Duration::from_millis(1)));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use = "unused result: `false` means the wait timed out"]
    pub fn wait_blocking_deadline(&self, deadline: Instant) -> bool {
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
