//! The handle of a [`WaitableEvent`].

use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, RawHandle};

use super::WaitableEvent;

pub(super) use crate::raw::event_object::Readable;

/// The field of `Debug`.
pub(super) const NAME: &str = "handle";

pub(super) fn raw(event: &WaitableEvent) -> RawHandle {
    event.as_raw_handle()
}

/// The handle that is signalled while the event is set.
impl AsHandle for WaitableEvent {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.readable.handle()
    }
}

/// The handle that is signalled while the event is set.
impl AsRawHandle for WaitableEvent {
    fn as_raw_handle(&self) -> RawHandle {
        self.as_handle().as_raw_handle()
    }
}
