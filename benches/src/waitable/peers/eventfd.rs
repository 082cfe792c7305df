//! The floor: an eventfd and three system calls, without a word around them.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd};
use std::sync::Arc;

use crate::waitable::peer::Peer;

/// The eventfd, in `poll(2)`.
pub(crate) struct Floor(Arc<File>);

impl Peer for Floor {
    type Waker = Arc<File>;

    fn new() -> (Self, Self::Waker) {
        // SAFETY: it takes no pointer.
        let fd = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
        assert!(fd >= 0, "a descriptor");
        // SAFETY: it is new, and ours.
        let file = Arc::new(unsafe { File::from_raw_fd(fd) });
        (Self(Arc::clone(&file)), file)
    }

    #[inline]
    fn wake(waker: &Self::Waker) {
        let _ = (&**waker).write(&1_u64.to_ne_bytes());
    }

    #[inline]
    fn sleep(&mut self) -> bool {
        poll(self.0.as_fd())
    }

    #[inline]
    fn reset(&mut self) {
        Self::clear(&self.0);
    }

    #[inline]
    fn clear(waker: &Self::Waker) -> Option<bool> {
        Some((&**waker).read(&mut [0; 8]).is_ok())
    }
}

/// Sleeps until the descriptor is readable; false: a signal came.
#[inline]
pub(crate) fn poll(fd: BorrowedFd<'_>) -> bool {
    let mut asked = libc::pollfd { fd: fd.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: it is one `pollfd`, and ours.
    unsafe { libc::poll(&mut asked, 1, -1) == 1 }
}
