//! A manual-reset event object of Windows: signalled from `set` until `clear`.
//!
//! | operation | system call               | returns                                      |
//! |-----------|---------------------------|----------------------------------------------|
//! | `set`     | `SetEvent`                | nothing: it does not fail on a handle of ours |
//! | `clear`   | `NtResetEvent`            | whether the object was signalled             |
//! | `is_set`  | `WaitForSingleObject`, 0  | whether it is signalled; it stays so         |
//! | a wait    | `WaitForSingleObject`, ms | the same, or that the time is over           |
//!
//! The kernel alone has the state, as with the descriptors of `raw/fd/mod.rs`, which has the same
//! interface. The object has no name, and no child process inherits the handle.
//!
//! # Why `NtResetEvent`
//! `ResetEvent` does not return the old state. To look first and reset then would report one set to
//! each of several threads that clear it. The system call of the kernel's `KeResetEvent` returns
//! it. All versions of ntdll have it, but Microsoft's metadata, from which windows-sys is
//! generated, have only its twin `NtSetEvent`, of the same signature. It is in `ntexapi.h` of phnt,
//! the headers of System Informer, and Linux's `userspace-api/ntsync` documents the same behaviour:
//! the object is reset, and the old state returned.
//!
//! # Why nothing is lost
//! A `set` of a set event may do no more than read the state: the kernel need not write for it. If
//! that read comes early, or the reset of a `clear` late, the `clear` resets the set without the
//! writes that precede it. Microsoft promises barriers for functions that signal objects and for
//! those that wait ("Synchronization and Multiprocessor Issues"), but none for those that reset. So
//! `set` has a full fence before its call, and `clear` one after its own: if the `set` has read the
//! event as set before the `clear` reset it, the writes before the `set` are visible after the
//! `clear`. [`kernel_fences`](crate::raw::kernel_fences) has the fences, and loom sees them.
//!
//! # Invariants
//! **Open While Borrowed.** The handle in a [`Readable`] is open until it is dropped, and a borrow
//! delays the drop. A program that closes it by its number breaks this, and with it the I/O safety
//! of std: the number may name another object next. If that is an event, `set` then signals it,
//! `clear` resets it, and a wait waits for it.
//!
//! # If the system does not answer
//! If the program has closed our handle, a wait pauses and looks again until its deadline: it does
//! not spin, and never reports a set.

use core::ptr;
use core::time::Duration;
use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::thread;
use std::time::Instant;

use windows_sys::Win32::Foundation::{HANDLE, NTSTATUS, WAIT_FAILED, WAIT_OBJECT_0};
use windows_sys::Win32::System::Threading::{CreateEventW, SetEvent, WaitForSingleObject};

use crate::raw::kernel_fences::object as fences;

/// An event object, signalled from `set` until `clear`.
#[derive(Debug)]
pub(crate) struct Readable(OwnedHandle);

/// How long a wait pauses between looks at a handle that is broken.
const BROKEN: Duration = Duration::from_millis(10);

/// The longest timeout that the system is given, a day: 50 days do not fit into its milliseconds,
/// the last of which means "for ever". (Short in the tests, which check that a wait continues after
/// that.)
const LONGEST: Duration = Duration::from_millis(if cfg!(test) { 5 } else { 86_400_000 });

#[link(name = "ntdll")]
unsafe extern "system" {
    /// Resets the event, and writes whether it was signalled, unless `previous` is null.
    fn NtResetEvent(event: HANDLE, previous: *mut i32) -> NTSTATUS;
}

// === impl Readable ===

impl Readable {
    /// # Errors
    /// The system's, if there is no memory for another object.
    pub(crate) fn new() -> io::Result<Self> {
        const MANUAL: i32 = 1;
        const SIGNALLED: i32 = 0;
        // SAFETY: Open While Borrowed needs no handle yet; attributes and name may be null.
        let handle = unsafe { CreateEventW(ptr::null(), MANUAL, SIGNALLED, ptr::null()) };
        if handle.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: Open While Borrowed begins here: the handle is open, and ours alone.
        Ok(Self(unsafe { OwnedHandle::from_raw_handle(handle) }))
    }

    /// Duplicates the handle.
    ///
    /// # Errors
    /// The system's, if there is no memory for another handle.
    pub(crate) fn try_clone(&self) -> io::Result<Self> {
        self.0.try_clone().map(Self)
    }

    #[inline]
    pub(crate) fn set(&self) {
        // Pairs with the fence of `clear`: see "Why nothing is lost".
        fences::before_signal();
        // SAFETY: Open While Borrowed.
        unsafe { SetEvent(self.raw()) };
    }

    /// Resets it; returns whether it was signalled.
    #[inline]
    pub(crate) fn clear(&self) -> bool {
        let mut previous = 0;
        // SAFETY: Open While Borrowed; `previous` is ours, and keeps its zero should it fail.
        unsafe { NtResetEvent(self.raw(), &mut previous) };
        // Pairs with the fence of each `set` that this resets.
        fences::after_reset();
        previous != 0
    }

    pub(crate) fn is_set(&self) -> bool {
        self.look(Some(Duration::ZERO)).unwrap_or(false)
    }

    /// Waits until it is signalled, and leaves it so; returns false if `until` came first.
    pub(crate) fn wait(&self, until: Option<Instant>) -> bool {
        loop {
            // Computed again after each look: the system counts ticks, but the clock decides.
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            let is_over = left == Some(Duration::ZERO);
            match self.look(left) {
                Ok(true) => return true,
                _ if is_over => return false,
                Ok(false) => {}
                Err(_) => thread::sleep(left.map_or(BROKEN, |left| left.min(BROKEN))),
            }
        }
    }

    pub(crate) fn handle(&self) -> BorrowedHandle<'_> {
        self.0.as_handle()
    }

    /// Returns whether it is signalled, or becomes so within this time, or within [`LONGEST`].
    /// Looks at least once.
    fn look(&self, within: Option<Duration>) -> io::Result<bool> {
        #[cfg(test)]
        tests::LOOKS.set(tests::LOOKS.get() + 1);
        // SAFETY: Open While Borrowed.
        match unsafe { WaitForSingleObject(self.raw(), milliseconds(within.unwrap_or(LONGEST))) } {
            WAIT_OBJECT_0 => Ok(true),
            WAIT_FAILED => Err(io::Error::last_os_error()),
            // WAIT_TIMEOUT; WAIT_ABANDONED is for mutexes alone.
            _ => Ok(false),
        }
    }

    #[inline]
    fn raw(&self) -> HANDLE {
        self.0.as_raw_handle()
    }
}

/// Rounds up, so that a wait does not loop for the rest of its last millisecond.
fn milliseconds(within: Duration) -> u32 {
    within.min(LONGEST).as_nanos().div_ceil(1_000_000) as u32
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;

    use super::*;

    std::thread_local! {
        /// How often this thread has looked.
        pub(super) static LOOKS: Cell<u32> = const { Cell::new(0) };
    }

    #[test]
    fn wait_for_a_handle_that_is_broken_pauses_between_its_looks() {
        // SAFETY: no process has so many handles, so it owns nothing; and it is not dropped.
        let readable = Readable(unsafe { OwnedHandle::from_raw_handle(0x7fff_fff4 as HANDLE) });
        let begin = Instant::now();
        assert!(!readable.wait(Some(begin + 10 * BROKEN)));
        assert!(begin.elapsed() >= 10 * BROKEN);
        assert!((2..=12).contains(&LOOKS.get()), "{} looks", LOOKS.get());
        core::mem::forget(readable);
    }

    #[test]
    fn milliseconds_are_rounded_up_and_never_mean_for_ever() {
        let asked = [0, 1, 999_999, 1_000_000, 1_000_001].map(Duration::from_nanos);
        assert_eq!(asked.map(milliseconds), [0, 1, 1, 1, 2]);
        assert_eq!(u128::from(milliseconds(Duration::MAX)), LONGEST.as_millis());
    }

    #[test]
    fn wait_continues_when_the_system_has_waited_for_less() {
        let (readable, begin) = (Readable::new().unwrap(), Instant::now());
        let timeout = 4 * LONGEST;
        assert!(!readable.wait(Some(begin + timeout)));
        assert!(begin.elapsed() >= timeout);
    }
}
