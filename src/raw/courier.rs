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
//! A setter that a handler interrupts between 2 and 4 writes when the handler has returned; the
//! handler's own `set` of the same flag has been content with `queued` until then.
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
use core::sync::atomic::AtomicBool;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::io;
use std::panic;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

use crate::raw::fd::Bell;
use crate::raw::fork::Process;
use crate::raw::list::call_front;
use crate::raw::slot::{Slot, Stack};
use crate::sync::AtomicPtr;

/// One process's courier, and the slots that it serves. Never freed.
pub(crate) struct Station {
    process: Process,
    bell: OnceLock<Bell>,
    stack: Stack,
    has_courier: AtomicBool,
    starting: Mutex<()>,
    pool: Mutex<Vec<&'static Berth>>,
}

/// A slot and its station.
pub(crate) struct Berth {
    pub(crate) slot: Slot,
    station: &'static Station,
}

/// This process's station; before its first use null, or in a child the parent's.
static STATION: AtomicPtr<Station> = AtomicPtr::new(ptr::null_mut());

/// The signals that a fault of the thread itself raises. All others the courier blocks: with an open
/// mask it would take them from a program that blocks them and `sigwait`s for them.
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
            has_courier: AtomicBool::new(false),
            starting: Mutex::new(()),
            pool: Mutex::new(Vec::new()),
        }));
        // ORDERING: Release gives the station to those who read the pointer; Acquire, if another
        // thread was first, gets us theirs.
        match STATION.compare_exchange(found, fresh, AcqRel, Acquire) {
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
        // ORDERING: Acquire: whoever knows of the courier can ring its bell.
        if self.has_courier.load(Acquire) {
            return Ok(());
        }
        let _starting = self.starting.lock().unwrap_or_else(PoisonError::into_inner);
        // ORDERING: Relaxed. It is stored under this lock.
        if self.has_courier.load(Relaxed) {
            return Ok(());
        }
        // If no thread can be had after this, the bell stays for the next attempt.
        if self.bell.get().is_none() {
            let _ = self.bell.set(Bell::new()?);
        }
        let _mask = Mask::close()?;
        thread::Builder::new().name("reveille-courier".into()).spawn(move || self.run())?;
        // ORDERING: Release, for the load above.
        self.has_courier.store(true, Release);
        Ok(())
    }

    fn run(&self) {
        // A waker that forks on this thread goes on in the child, where nothing here is ours: neither
        // the bell nor the slots that were taken already.
        let here = || self.process.is_this();
        // The bell is there since before this thread was.
        while let (true, Some(bell)) = (here(), self.bell.get()) {
            self.stack.round(
                || bell.wait(),
                |slot| {
                    if here() {
                        deliver(slot);
                    }
                },
            );
        }
    }
}

/// Wakes the head of a slot's waiters; contains its panic.
fn deliver(slot: &'static Slot) {
    // The panic hook has reported it; there is nobody to pass it on to.
    if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(|| call_front(&slot.list))) {
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
        let mut pool = station.pool.lock().unwrap_or_else(PoisonError::into_inner);
        let pooled = pool.pop();
        drop(pool);
        Ok(pooled.unwrap_or_else(|| Box::leak(Box::new(Self { slot: Slot::new(), station }))))
    }

    /// Back to the pool. Its list is empty.
    pub(crate) fn give_back(&'static self) {
        if self.is_of_this_process() {
            let mut pool = self.station.pool.lock().unwrap_or_else(PoisonError::into_inner);
            pool.push(self);
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

/// This thread's mask, closed but for faults; put back on drop. A thread inherits its maker's.
struct Mask {
    before: libc::sigset_t,
}

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

impl Drop for Mask {
    fn drop(&mut self) {
        // SAFETY: the set is initialised, and nobody asks for the old one.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.before, ptr::null_mut()) };
    }
}
