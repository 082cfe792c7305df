//! A manual-reset event object of Windows: signalled from `set` until `clear`.
//!
//! | operation | system call               | tells                                       |
//! |-----------|---------------------------|---------------------------------------------|
//! | `set`     | `SetEvent`                | nothing: it does not fail on a handle of ours |
//! | `clear`   | `NtResetEvent`            | whether the object was signalled            |
//! | `is_set`  | `WaitForSingleObject`, 0  | whether it is; a wait leaves it so          |
//! | a wait    | `WaitForSingleObject`, ms | as above, or that the time is over          |
//!
//! The state is the kernel's alone, as with the descriptors of `raw/fd.rs`, which has the same face.
//! The object has no name, and no child process inherits the handle.
//!
//! # Why `NtResetEvent`
//! `ResetEvent` does not tell the old state. To look first, and to reset then, would report one set to
//! each of several threads that clear it. The system call of the kernel's `KeResetEvent` tells it. All
//! versions of ntdll have it, but Microsoft's metadata, from which windows-sys is made, have only its
//! twin `NtSetEvent`, of the same signature. It stands in `ntexapi.h` of phnt, the headers of System
//! Informer, and Linux's `userspace-api/ntsync` says the same of it: the object is reset, and the old
//! state told.
//!
//! # Why nothing is lost
//! A `set` of a set event may do no more than read that it is: the kernel need not write for it. If that
//! read comes early, or the reset of a `clear` late, then the `clear` takes back the set without what
//! was done before it. Microsoft promises barriers for functions that signal objects and for those that
//! wait ("Synchronization and Multiprocessor Issues"), but says nothing of those that reset. So `set`
//! has a full fence before its call, and `clear` one after its own: if the `set` has read the event as
//! set before the `clear` reset it, what was done before the `set` can be seen after the `clear`.
//! [`kernel_fences`] has the fences, and loom sees them.
//!
//! # Invariants
//! **Open While Borrowed.** The handle in a [`Readable`] is open until that is dropped, which a borrow puts
//! off. (A program that closes it by its number gets errors, and nothing worse.)
//!
//! # When the system does not say
//! Where the program has closed our handle a wait pauses and looks again until its deadline: it does
//! not spin, and never says "set".

use core::ptr;
use core::time::Duration;
use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::thread;
use std::time::Instant;

use windows_sys::Win32::Foundation::{HANDLE, NTSTATUS, WAIT_FAILED, WAIT_OBJECT_0};
use windows_sys::Win32::System::Threading::{CreateEventW, SetEvent, WaitForSingleObject};

use crate::raw::kernel_fences;

/// An event object, signalled from `set` until `clear`.
#[derive(Debug)]
pub(crate) struct Readable(OwnedHandle);

/// How often a wait looks round if the handle is broken.
const BROKEN: Duration = Duration::from_millis(10);

/// The longest that the system is asked to wait at a time, a day: 50 days do not fit into its milliseconds,
/// the last of which means "for ever". (Little in the tests, which see a wait go on after that.)
const LONGEST: Duration = Duration::from_millis(if cfg!(test) { 5 } else { 86_400_000 });

#[link(name = "ntdll")]
unsafe extern "system" {
    /// Resets the event; writes whether it was signalled, unless `previous` is null.
    fn NtResetEvent(event: HANDLE, previous: *mut i32) -> NTSTATUS;
}

// === impl Readable ===

impl Readable {
    /// # Errors
    /// The system's, if there is no memory for another object.
    pub(crate) fn new() -> io::Result<Self> {
        const MANUAL: i32 = 1;
        const SIGNALLED: i32 = 0;
        // SAFETY: it may be told neither attributes nor a name.
        let handle = unsafe { CreateEventW(ptr::null(), MANUAL, SIGNALLED, ptr::null()) };
        if handle.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the handle is open, and nobody else's.
        Ok(Self(unsafe { OwnedHandle::from_raw_handle(handle) }))
    }

    /// The same through another handle.
    ///
    /// # Errors
    /// The system's, if there is no memory for another handle.
    pub(crate) fn try_clone(&self) -> io::Result<Self> {
        self.0.try_clone().map(Self)
    }

    #[inline]
    pub(crate) fn set(&self) {
        // To `clear`: see "Why nothing is lost".
        kernel_fences::before_signal();
        // SAFETY: Open While Borrowed.
        unsafe { SetEvent(self.raw()) };
    }

    /// Resets it; tells whether it was signalled.
    #[inline]
    pub(crate) fn clear(&self) -> bool {
        let mut previous = 0;
        // SAFETY: Open While Borrowed; `previous` is ours, and keeps its zero should it fail.
        unsafe { NtResetEvent(self.raw(), &mut previous) };
        // From each `set` that this takes back.
        kernel_fences::after_reset();
        previous != 0
    }

    pub(crate) fn is_set(&self) -> bool {
        self.look(Some(Duration::ZERO)).unwrap_or(false)
    }

    /// Waits until it is signalled, and leaves it so; false if `until` came first.
    pub(crate) fn wait(&self, until: Option<Instant>) -> bool {
        loop {
            // Anew after each look: the system counts by ticks, the clock decides.
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

    /// Whether it is signalled, or becomes so within this time, or [`LONGEST`]. A look at least.
    fn look(&self, within: Option<Duration>) -> io::Result<bool> {
        #[cfg(test)]
        tests::LOOKS.set(tests::LOOKS.get() + 1);
        // SAFETY: Open While Borrowed.
        match unsafe { WaitForSingleObject(self.raw(), milliseconds(within.unwrap_or(LONGEST))) } {
            WAIT_OBJECT_0 => Ok(true),
            WAIT_FAILED => Err(io::Error::last_os_error()),
            // WAIT_TIMEOUT; what is left, WAIT_ABANDONED, is of mutexes.
            _ => Ok(false),
        }
    }

    #[inline]
    fn raw(&self) -> HANDLE {
        self.0.as_raw_handle()
    }
}

/// Rounded up, so that a wait does not turn over for what is left of the last one.
fn milliseconds(within: Duration) -> u32 {
    within.min(LONGEST).as_nanos().div_ceil(1_000_000) as u32
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;

    use super::*;

    std::thread_local! {
        /// How often this thread has asked the system.
        pub(super) static LOOKS: Cell<u32> = const { Cell::new(0) };
    }

    #[test]
    fn wait_for_a_handle_that_is_broken_pauses_between_its_looks() {
        // SAFETY: nobody has so many handles, so that nothing is owned; and it is not dropped.
        let readable = Readable(unsafe { OwnedHandle::from_raw_handle(0x7fff_fff4 as HANDLE) });
        let begin = Instant::now();
        assert!(!readable.wait(Some(begin + 10 * BROKEN)));
        assert!(begin.elapsed() >= 10 * BROKEN);
        assert!((2..=12).contains(&LOOKS.get()), "{} looks", LOOKS.get());
        core::mem::forget(readable);
    }

    #[test]
    fn milliseconds_are_rounded_up_and_never_those_that_mean_for_ever() {
        let asked = [0, 1, 999_999, 1_000_000, 1_000_001].map(Duration::from_nanos);
        assert_eq!(asked.map(milliseconds), [0, 1, 1, 1, 2]);
        assert_eq!(u128::from(milliseconds(Duration::MAX)), LONGEST.as_millis());
    }

    #[test]
    fn wait_goes_on_when_the_system_has_waited_for_less() {
        let (readable, begin) = (Readable::new().unwrap(), Instant::now());
        let timeout = 4 * LONGEST;
        assert!(!readable.wait(Some(begin + timeout)));
        assert!(begin.elapsed() >= timeout);
    }
}
