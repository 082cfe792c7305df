//! The courier: the thread that wakes tasks on behalf of signal handlers.
//!
//! A waker runs an executor's code, which may lock or allocate: in a signal handler that is a
//! deadlock waiting to happen. So a handler only leaves a note, and a thread that may do all that
//! delivers it.
//!
//! # How a `set` reaches a waiter
//! ```text
//! set(), anywhere                       the courier, one thread a process
//! 1 flag word: SET                      1 read(2): sleep until there is something,
//!   WAITERS? no: done                     and drain the descriptor
//! 2 slot.queued: swap 1                 2 take the stack
//!   was 1? done                         3 of each slot: queued: swap 0
//! 3 push the slot                       4   lock: take the head's waker; unlock
//! 4 write(2)                            5   wake it
//! ```
//!
//! # Why no wake-up is lost
//! - *Push, then write; drain, then take.* A push that the courier misses when it takes the stack (2)
//!   comes after that, so its write comes after the drain (1): the courier comes round again.
//! - *Queued, then look.* A setter that finds `queued` 1 leaves it to the courier, which looks for a
//!   waiter (4) after it has made it 0 (3). See [`slot`](crate::raw::slot).
//! - *The waiter is there.* A setter goes on only if it reads WAITERS. Whoever wrote that held the
//!   list's lock until the waiter was linked, and the courier gets the lock after that.
//!
//! A setter that a handler interrupts between 1 and 4 goes on when the handler has returned; the
//! handler's own `set` of the same flag has been content with SET, or with `queued`, until then.
//!
//! # Why a recycled slot is harmless
//! A slot may be in the stack when its flag is dropped, and another flag may get it. The courier then
//! finds an empty list, or wakes that flag's head, which looks, finds nothing, and parks again in its
//! place.
//!
//! # A slot's life
//! | it is          | `queued` | its list   | becomes        | by                                        |
//! |----------------|:--------:|------------|----------------|-------------------------------------------|
//! | pooled         |    0     | empty      | owned          | the first park of a flag                  |
//! | owned          |    0     | its flag's | owned, called  | a `set` that reads WAITERS                |
//! |                |          |            | pooled         | the drop of its flag                      |
//! | owned, called  |    1     | its flag's | owned          | the courier, before it looks for the head |
//! |                |          |            | pooled, called | the drop of its flag                      |
//! | pooled, called |    1     | empty      | pooled         | the courier, which finds nobody           |
//! |                |          |            | owned, called  | the first park of another flag            |
//!
//! # Who may touch what
//! | memory                          | handler | courier | waits, `set_direct` |
//! |---------------------------------|:-------:|:-------:|:-------------------:|
//! | flag word                       |    ×    |    –    |          ×          |
//! | `queued`, link, top of the stack |    ×    |    ×    |          –          |
//! | descriptor                      |  write  |  read   |          –          |
//! | wait list                       |    –    | locked  |       locked        |
//! | pool of slots, start of the thread |  –   |    –    |       locked        |
//!
//! # fork
//! A child has the parent's memory, but not its courier. All that belongs to a courier is therefore
//! kept together, as a [`Station`], with the [`Process`] that made it; a child makes one of its own, and
//! leaves the parent's alone, locks and all. A slot knows its station: a `set` whose slot is of another
//! process's station does not touch that.

use core::panic::AssertUnwindSafe;
use core::ptr;
use core::sync::atomic::Ordering::{Acquire, Release};
use std::io;
use std::panic;
#[cfg(not(all(test, reveille_loom)))]
use std::thread;

use crate::raw::fd::WakeFd;
use crate::raw::fork::Process;
use crate::raw::list::notify_front;
use crate::raw::slot::{Slot, Stack};
use crate::sync::{AtomicPtr, Lock, OnceLock};

/// One process's courier, and the slots that it serves. Never freed.
pub(crate) struct Station {
    process: Process,
    /// There once the courier has been started.
    bell: OnceLock<WakeFd>,
    stack: Stack,
    starting: Lock<()>,
    pool: Lock<Vec<&'static Berth>>,
}

/// A slot and its station.
pub(crate) struct Berth {
    pub(crate) slot: Slot,
    station: &'static Station,
}

/// This process's station; before its first use null, or in a child the parent's.
#[cfg(not(all(test, reveille_loom)))]
static STATION: AtomicPtr<Station> = AtomicPtr::new(ptr::null_mut());
#[cfg(all(test, reveille_loom))]
loom::lazy_static! {
    static ref STATION: AtomicPtr<Station> = AtomicPtr::new(ptr::null_mut());
}

/// The signals that a fault of the thread itself raises. All others the courier blocks: with an open
/// mask it would take them from a program that blocks them and `sigwait`s for them.
#[cfg(not(any(miri, all(test, reveille_loom))))]
const FAULTS: [libc::c_int; 6] =
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGTRAP, libc::SIGSYS];

/// Starts the courier, if it does not run yet.
///
/// # Errors
/// The system's, if there is no descriptor or no thread left. The next attempt tries again.
pub(crate) fn start() -> io::Result<&'static Station> {
    let station = Station::of_this_process()?;
    station.start()?;
    Ok(station)
}

// === impl Station ===

impl Station {
    fn of_this_process() -> io::Result<&'static Self> {
        // ORDERING: Acquire, from whoever published it.
        let found = STATION.load(Acquire);
        // SAFETY: it is null, or a station that is never freed.
        if let Some(station) = unsafe { found.as_ref() }.filter(|it| it.process.is_this()) {
            return Ok(station);
        }
        let fresh = Box::into_raw(Box::new(Self {
            process: Process::this()?,
            bell: OnceLock::new(),
            stack: Stack::new(),
            starting: Lock::new(()),
            pool: Lock::new(Vec::new()),
        }));
        // ORDERING: Release gives the station to those who read the pointer. No Acquire on success:
        // of what was there nothing is used. Acquire on failure: another thread was first, and we use
        // theirs.
        match STATION.compare_exchange(found, fresh, Release, Acquire) {
            // SAFETY: it has just been leaked, and is never freed.
            Ok(_) => Ok(unsafe { &*fresh }),
            Err(other) => {
                // SAFETY: it was not published, so it is ours alone.
                drop(unsafe { Box::from_raw(fresh) });
                // SAFETY: a published station is never freed.
                Ok(unsafe { &*other })
            }
        }
    }

    fn start(&'static self) -> io::Result<()> {
        if self.bell.get().is_some() {
            return Ok(());
        }
        self.starting.with(|()| {
            // Looked at again: whoever has started it meanwhile did so under this lock.
            if self.bell.get().is_some() {
                return Ok(());
            }
            let bell = WakeFd::new()?;
            self.spawn()?;
            // Last: whoever finds the bell need not look for the courier.
            let _ = self.bell.set(bell);
            Ok(())
        })
    }

    #[cfg(not(all(test, reveille_loom)))]
    fn spawn(&'static self) -> io::Result<()> {
        let _mask = Mask::close()?;
        thread::Builder::new().name("reveille-courier".into()).spawn(move || self.run())?;
        Ok(())
    }

    /// A model is the courier itself; see `attend`.
    #[cfg(all(test, reveille_loom))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as the other")]
    fn spawn(&'static self) -> io::Result<()> {
        Ok(())
    }

    #[cfg(not(all(test, reveille_loom)))]
    fn run(&self) {
        // Whoever started this thread holds the lock until the bell is in its place.
        self.starting.with(|()| ());
        while let (true, Some(bell)) = (self.process.is_this(), self.bell.get()) {
            self.round(bell);
        }
    }

    fn round(&self, bell: &WakeFd) {
        self.stack.round(
            || bell.wait(),
            |slot| {
                // A waker that forks on this thread goes on in the child, where nothing here is ours:
                // neither the bell nor the slots that were taken already.
                if self.process.is_this() {
                    deliver(slot);
                }
            },
        );
    }

    /// What the courier does if its bell has been rung.
    #[cfg(all(test, reveille_loom))]
    pub(crate) fn attend(&self) {
        if let Some(bell) = self.bell.get().filter(|bell| bell.was_rung()) {
            self.round(bell);
        }
    }
}

/// Wakes the head of a slot's waiters; contains its panic.
fn deliver(slot: &'static Slot) {
    // The panic hook has reported it; there is nobody to pass it on to.
    if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(|| notify_front(&slot.list))) {
        core::mem::forget(payload);
    }
}

// === impl Berth ===

impl Berth {
    /// A slot, with a courier that serves it.
    ///
    /// # Errors
    /// Those of [`start`].
    pub(crate) fn take() -> io::Result<&'static Self> {
        let station = start()?;
        let pooled = station.pool.with(Vec::pop);
        Ok(pooled.unwrap_or_else(|| Box::leak(Box::new(Self { slot: Slot::new(), station }))))
    }

    /// Back to the pool. Its list is empty.
    pub(crate) fn give_back(&'static self) {
        if self.is_of_this_process() {
            self.station.pool.with(|pool| pool.push(self));
        }
    }

    /// Sends the courier to the head of the slot's waiters. Callable from signal handlers.
    pub(crate) fn send_courier(&'static self) {
        // The bell is there since before the slot was.
        if let (true, Some(bell)) = (self.is_of_this_process(), self.station.bell.get()) {
            self.station.stack.send(&self.slot, || bell.ring());
        }
    }

    /// Whether it is not one that a parent left us.
    pub(crate) fn is_of_this_process(&self) -> bool {
        self.station.process.is_this()
    }
}

// === the signal mask ===

/// Miri has no signals.
#[cfg(miri)]
struct Mask;

#[cfg(miri)]
impl Mask {
    fn close() -> io::Result<Self> {
        Ok(Self)
    }
}

/// This thread's mask, closed but for faults; put back on drop. A thread inherits its maker's.
#[cfg(not(any(miri, all(test, reveille_loom))))]
struct Mask {
    before: libc::sigset_t,
}

#[cfg(not(any(miri, all(test, reveille_loom))))]
impl Mask {
    fn close() -> io::Result<Self> {
        let mut closed = core::mem::MaybeUninit::uninit();
        let mut before = core::mem::MaybeUninit::uninit();
        // SAFETY: it initialises the set.
        unsafe { libc::sigfillset(closed.as_mut_ptr()) };
        for fault in FAULTS {
            // SAFETY: the set is initialised, the number one of a signal.
            unsafe { libc::sigdelset(closed.as_mut_ptr(), fault) };
        }
        // SAFETY: both sets are ours; the first is initialised, the second will be.
        let error = unsafe {
            libc::pthread_sigmask(libc::SIG_SETMASK, closed.as_ptr(), before.as_mut_ptr())
        };
        match error {
            // SAFETY: `pthread_sigmask` has written it.
            0 => Ok(Self { before: unsafe { before.assume_init() } }),
            error => Err(io::Error::from_raw_os_error(error)),
        }
    }
}

#[cfg(not(any(miri, all(test, reveille_loom))))]
impl Drop for Mask {
    fn drop(&mut self) {
        // SAFETY: the set is initialised, and nobody asks for the old one.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.before, ptr::null_mut()) };
    }
}
