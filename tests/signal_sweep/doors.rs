//! One door to each public method: all operations step through the same code, however much of it the
//! compiler makes one with its caller.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use reveille::{FlagStream, FlagWait, ThreadSafeFlag};

/// A future or a stream that waits for a flag.
pub(crate) enum Wait<'a> {
    Future(Pin<Box<FlagWait<&'a ThreadSafeFlag>>>),
    Stream(Pin<Box<FlagStream<&'a ThreadSafeFlag>>>),
}

#[inline(never)]
pub(crate) fn set(flag: &ThreadSafeFlag) {
    flag.set();
}

#[inline(never)]
pub(crate) fn set_direct(flag: &ThreadSafeFlag) {
    flag.set_direct();
}

#[inline(never)]
pub(crate) fn clear(flag: &ThreadSafeFlag) -> bool {
    flag.clear()
}

#[inline(never)]
pub(crate) fn wait(flag: &ThreadSafeFlag) -> Wait<'_> {
    Wait::Future(Box::pin(flag.wait()))
}

#[inline(never)]
pub(crate) fn stream(flag: &ThreadSafeFlag) -> Wait<'_> {
    Wait::Stream(Box::pin(flag.stream()))
}

#[inline(never)]
pub(crate) fn is_set(flag: &ThreadSafeFlag) -> bool {
    flag.is_set()
}

#[inline(never)]
pub(crate) fn drop_wait(wait: Option<Wait<'_>>) {
    drop(wait);
}

#[inline(never)]
pub(crate) fn drop_flag(flag: Option<ThreadSafeFlag>) {
    drop(flag);
}

/// Tells whether it has taken a set.
pub(crate) fn poll(wait: &mut Wait<'_>, waker: &Waker) -> bool {
    match wait {
        Wait::Future(wait) => poll_future(wait.as_mut(), waker).is_ready(),
        Wait::Stream(stream) => poll_stream(stream.as_mut(), waker).is_ready(),
    }
}

#[inline(never)]
fn poll_future(wait: Pin<&mut FlagWait<&ThreadSafeFlag>>, waker: &Waker) -> Poll<()> {
    wait.poll(&mut Context::from_waker(waker))
}

#[inline(never)]
fn poll_stream(stream: Pin<&mut FlagStream<&ThreadSafeFlag>>, waker: &Waker) -> Poll<Option<()>> {
    futures_core::Stream::poll_next(stream, &mut Context::from_waker(waker))
}
