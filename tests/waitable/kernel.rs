//! What the kernel says of an event, past the crate; and waiting for others to wait.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use reveille::WaitableEvent;

use crate::common::until;

/// Whether it is two descriptors here, or one, or a handle.
pub(crate) const IS_PIPE: bool = cfg!(all(
    unix,
    any(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")), reveille_pipe)
));

/// No test runs into it; what waits for so long is lost.
pub(crate) const LONG: Duration = Duration::from_secs(3600);

pub(crate) fn event() -> WaitableEvent {
    WaitableEvent::new().unwrap()
}

/// That it is so, as it says itself, and as the kernel does.
#[track_caller]
pub(crate) fn assert_is_set(event: &WaitableEvent, is_set: bool) {
    assert_eq!((event.is_set(), kernel_says_set(event)), (is_set, is_set));
}

/// What `poll(2)` says of the descriptor.
#[cfg(unix)]
fn kernel_says_set(event: &WaitableEvent) -> bool {
    use std::os::fd::AsRawFd;

    let mut asked = libc::pollfd { fd: event.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: it is one `pollfd`, and ours.
    let found = unsafe { libc::poll(&mut asked, 1, 0) };
    assert!(found >= 0, "{}", io::Error::last_os_error());
    assert_eq!(asked.revents & !libc::POLLIN, 0);
    asked.revents == libc::POLLIN
}

/// What `WaitForSingleObject` says of the handle.
#[cfg(windows)]
fn kernel_says_set(event: &WaitableEvent) -> bool {
    use std::os::windows::io::AsRawHandle;
    use windows_sys::Win32::Foundation::{WAIT_OBJECT_0, WAIT_TIMEOUT};
    use windows_sys::Win32::System::Threading::WaitForSingleObject;

    // SAFETY: the handle is open.
    match unsafe { WaitForSingleObject(event.as_raw_handle(), 0) } {
        WAIT_OBJECT_0 => true,
        WAIT_TIMEOUT => false,
        _ => panic!("{}", io::Error::last_os_error()),
    }
}

/// Waits until something is about to be waited for by other threads, and gives them time to do so.
pub(crate) fn until_waiting(waiting: &AtomicUsize, threads: usize) {
    until("all are about to wait", || waiting.load(SeqCst) == threads);
    thread::sleep(Duration::from_millis(10));
}
