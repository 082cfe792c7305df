//! The descriptor of a [`WaitableEvent`].

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use super::WaitableEvent;

pub(super) use crate::raw::fd::Readable;

/// The field of `Debug`.
pub(super) const NAME: &str = "fd";

pub(super) fn raw(event: &WaitableEvent) -> RawFd {
    event.as_raw_fd()
}

/// The descriptor that polls readable while the event is set.
impl AsFd for WaitableEvent {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.readable.reader()
    }
}

/// The descriptor that polls readable while the event is set.
impl AsRawFd for WaitableEvent {
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}
