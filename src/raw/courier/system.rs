//! What a loom model replaces, by `src/tests/mocks.rs`: the courier's thread, the signal mask of
//! that thread, the descriptor on which it sleeps, and the process that it belongs to.
//!
//! # Invariants
//! **A Mask Is Written Before It Is Read.** libc reads a `sigset_t` of ours, and Rust assumes that it
//! is initialised, only after `sigfillset` or `pthread_sigmask` has written it. No thread shares it.

use core::mem::MaybeUninit;
use core::ptr;
use std::{io, thread};

use rustix::io::Errno;

use crate::raw::fd::{BROKEN, Readable};

pub(crate) use crate::raw::fork::Process;

/// A descriptor whose only reader sleeps in it until it is set.
#[derive(Debug)]
pub(crate) struct WakeFd(Readable);

/// This thread's signal mask, which is put back on drop.
struct Mask {
    before: libc::sigset_t,
}

/// The signals that a fault of the thread itself raises. The courier blocks all others: with an
/// open mask it would take them from a program that blocks them and `sigwait`s for them.
const FAULTS: [libc::c_int; 6] =
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGTRAP, libc::SIGSYS];

/// Runs `courier` on a thread of its own.
///
/// # Errors
/// The system's, if there is no thread left.
pub(crate) fn spawn(courier: impl FnOnce() + Send + 'static) -> io::Result<()> {
    // A thread inherits the mask of its creator.
    let _mask = Mask::close()?;
    thread::Builder::new().name("reveille-courier".into()).spawn(courier)?;
    Ok(())
}

// === impl WakeFd ===

impl WakeFd {
    /// # Errors
    /// The system's, if there are no descriptors left.
    pub(crate) fn new() -> io::Result<Self> {
        let nonblocking = false;
        Readable::open(nonblocking).map(Self)
    }

    /// Wakes the reader, now or when it next waits. Callable from anywhere, signal handlers
    /// included.
    #[inline]
    pub(crate) fn wake(&self) {
        self.0.set();
    }

    /// Sleeps until the descriptor is set, and clears it. May return without a set. Writes before
    /// each set that it clears are visible after it, by the fence of `read`.
    pub(crate) fn wait(&self) {
        match self.0.read() {
            Ok(1..) | Err(Errno::INTR) => {}
            // The program has closed the descriptor, or put another file in its place. (A read that
            // sleeps in a descriptor that is then closed does not return at all.)
            Ok(0) | Err(_) => thread::sleep(BROKEN),
        }
    }
}

// === impl Mask ===

impl Mask {
    /// Blocks all signals but [`FAULTS`]. Returns `None` in Miri, which has no signals.
    fn close() -> io::Result<Option<Self>> {
        if cfg!(miri) {
            return Ok(None);
        }
        let mut closed = MaybeUninit::uninit();
        let mut before = MaybeUninit::uninit();
        // SAFETY: A Mask Is Written Before It Is Read: this writes it.
        unsafe { libc::sigfillset(closed.as_mut_ptr()) };
        for fault in FAULTS {
            // SAFETY: A Mask Is Written Before It Is Read; the number is one of a signal.
            unsafe { libc::sigdelset(closed.as_mut_ptr(), fault) };
        }
        // SAFETY: A Mask Is Written Before It Is Read: the first is, and this writes the second.
        let error = unsafe {
            libc::pthread_sigmask(libc::SIG_SETMASK, closed.as_ptr(), before.as_mut_ptr())
        };
        match error {
            // SAFETY: A Mask Is Written Before It Is Read: `pthread_sigmask` has written it.
            0 => Ok(Some(Self { before: unsafe { before.assume_init() } })),
            error => Err(io::Error::from_raw_os_error(error)),
        }
    }
}

impl Drop for Mask {
    fn drop(&mut self) {
        // SAFETY: A Mask Is Written Before It Is Read; the old one is not asked for.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.before, ptr::null_mut()) };
    }
}

#[cfg(all(test, not(miri)))]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn courier_does_not_spin_on_a_file_in_the_place_of_its_descriptor() {
        let wake_fd = WakeFd::new().unwrap();
        wake_fd.0.replace_with_nothing();
        let begin = Instant::now();
        for _ in 0..3 {
            wake_fd.wait();
        }
        assert!(begin.elapsed() >= 3 * BROKEN);
    }

    #[test]
    fn two_wakes_end_one_wait() {
        let wake_fd = WakeFd::new().unwrap();
        wake_fd.wake();
        wake_fd.wake();
        wake_fd.wait();
        assert!(!wake_fd.0.is_set());
    }
}
