//! The back end of systems that have no eventfd.

use rustix::fd::OwnedFd;
use rustix::io;

pub(super) const TOKEN: &[u8] = &[1];

pub(super) const READ: usize = 512;

#[derive(Debug)]
pub(super) struct Ends {
    reader: OwnedFd,
    writer: OwnedFd,
}

impl Ends {
    pub(super) fn new(nonblocking: bool) -> io::Result<Self> {
        let (reader, writer) = pipe()?;
        // Apple's kernel allocates the buffer now.
        io::retry_on_intr(|| io::write(&writer, TOKEN))?;
        io::retry_on_intr(|| io::read(&reader, &mut [0; READ]))?;
        if !nonblocking {
            io::ioctl_fionbio(&reader, false)?;
        }
        Ok(Self { reader, writer })
    }

    pub(super) fn try_clone(&self) -> std::io::Result<Self> {
        Ok(Self { reader: self.reader.try_clone()?, writer: self.writer.try_clone()? })
    }

    pub(super) fn reader(&self) -> &OwnedFd {
        &self.reader
    }

    pub(super) fn writer(&self) -> &OwnedFd {
        &self.writer
    }
}

/// Creates a non-blocking pipe that is closed on `exec`.
#[cfg(not(any(
    target_vendor = "apple",
    target_os = "aix",
    target_os = "haiku",
    target_os = "horizon",
    target_os = "nto"
)))]
fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    use rustix::pipe::{PipeFlags, pipe_with};
    pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)
}

/// Creates a non-blocking pipe that is closed on `exec`, except one by another thread in between.
#[cfg(any(
    target_vendor = "apple",
    target_os = "aix",
    target_os = "haiku",
    target_os = "horizon",
    target_os = "nto"
))]
fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let (reader, writer) = rustix::pipe::pipe()?;
    for end in [&reader, &writer] {
        io::fcntl_setfd(end, io::FdFlags::CLOEXEC)?;
        io::ioctl_fionbio(end, true)?;
    }
    Ok((reader, writer))
}
