//! The back end of systems that have an eventfd.

use rustix::event::{EventfdFlags, eventfd};
use rustix::fd::OwnedFd;
use rustix::io;

/// Adds one to the counter.
pub(super) const TOKEN: &[u8] = &1_u64.to_ne_bytes();

/// Twice the size of the counter, which therefore never fills the buffer.
pub(super) const READ: usize = 16;

#[derive(Debug)]
pub(super) struct Ends(OwnedFd);

impl Ends {
    pub(super) fn new(nonblocking: bool) -> io::Result<Self> {
        let mut flags = EventfdFlags::CLOEXEC;
        flags.set(EventfdFlags::NONBLOCK, nonblocking);
        eventfd(0, flags).map(Self)
    }

    pub(super) fn try_clone(&self) -> std::io::Result<Self> {
        self.0.try_clone().map(Self)
    }

    pub(super) fn reader(&self) -> &OwnedFd {
        &self.0
    }

    pub(super) fn writer(&self) -> &OwnedFd {
        &self.0
    }
}
