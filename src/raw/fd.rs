//! The courier's bell: a descriptor on which it sleeps, and which any context may ring. An eventfd, or
//! a pipe where there is none.
//!
//! | back end | where                   | descriptors | `ring` writes  | `wait` reads                 |
//! |----------|-------------------------|------------:|----------------|------------------------------|
//! | eventfd  | Linux, Android, FreeBSD |           1 | 1 to a counter | the counter, and zeroes it   |
//! | pipe     | other Unix              |           2 | one byte       | what is there, 64 at a time  |
//!
//! The state is the kernel's alone. The descriptors are closed on `exec`. The reader blocks in
//! `read(2)`: one system call a wake-up, where `poll(2)` and `read(2)` are two, and none that a limit on
//! descriptors forbids (with RLIMIT_NOFILE 0, `poll` fails at once).
//!
//! # From any context
//! `ring` is one `write(2)`, or more if a signal interrupts it, and takes no lock, allocates nothing
//! and cannot panic. It leaves `errno` as it was: what a signal handler interrupts may be about to
//! read it.
//!
//! | error of `write` | means                                        | then  |
//! |------------------|----------------------------------------------|-------|
//! | EAGAIN           | the pipe is full, so the reader will come    | done  |
//! | EINTR            | a signal came first                          | again |
//!
//! An eventfd's counter would have to reach 2⁶⁴ − 1 for a write to block. Other errors do not happen to
//! a descriptor that is ours and open.

use core::time::Duration;

use rustix::io::{self, Errno};

use self::backend::Ends;

/// A descriptor that wakes whoever reads it.
#[derive(Debug)]
pub(crate) struct Bell(Ends);

/// Puts `errno` back where it was.
struct KeepErrno(libc::c_int);

/// How often a reader looks round if the descriptor is broken: a program may have closed it.
const BROKEN: Duration = Duration::from_millis(10);

// === impl Bell ===

impl Bell {
    /// # Errors
    /// The system's, if there are no descriptors left.
    pub(crate) fn new() -> std::io::Result<Self> {
        Ok(Self(Ends::new()?))
    }

    /// Wakes the reader, now or when it next waits. Callable from anywhere, signal handlers included.
    pub(crate) fn ring(&self) {
        let _kept = KeepErrno::now();
        while io::write(self.0.writer(), backend::TOKEN) == Err(Errno::INTR) {}
    }

    /// Sleeps until the bell is rung, and takes that back. May return for nothing.
    pub(crate) fn wait(&self) {
        if io::read(self.0.reader(), &mut [0; backend::READ]).is_err_and(|why| why != Errno::INTR) {
            std::thread::sleep(BROKEN);
        }
    }
}

// === impl KeepErrno ===

impl KeepErrno {
    fn now() -> Self {
        // SAFETY: `errno` is this thread's own.
        Self(unsafe { *errno() })
    }
}

impl Drop for KeepErrno {
    fn drop(&mut self) {
        // SAFETY: `errno` is this thread's own.
        unsafe { *errno() = self.0 };
    }
}

/// Where this thread's `errno` is.
fn errno() -> *mut libc::c_int {
    // SAFETY: it asks for nothing, and may be called from anywhere.
    #[cfg(any(target_os = "linux", target_os = "dragonfly", target_os = "hurd"))]
    return unsafe { libc::__errno_location() };
    // SAFETY: as above.
    #[cfg(any(target_vendor = "apple", target_os = "freebsd"))]
    return unsafe { libc::__error() };
    // SAFETY: as above.
    #[cfg(any(target_os = "android", target_os = "netbsd", target_os = "openbsd"))]
    return unsafe { libc::__errno() };
    // SAFETY: as above.
    #[cfg(any(target_os = "solaris", target_os = "illumos"))]
    return unsafe { libc::___errno() };
}

#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
mod backend {
    use rustix::event::{EventfdFlags, eventfd};
    use rustix::fd::OwnedFd;
    use rustix::io;

    /// Adds one to the counter.
    pub(super) const TOKEN: &[u8] = &1_u64.to_ne_bytes();
    pub(super) const READ: usize = 8;

    #[derive(Debug)]
    pub(super) struct Ends(OwnedFd);

    impl Ends {
        pub(super) fn new() -> io::Result<Self> {
            eventfd(0, EventfdFlags::CLOEXEC).map(Self)
        }

        pub(super) fn reader(&self) -> &OwnedFd {
            &self.0
        }

        pub(super) fn writer(&self) -> &OwnedFd {
            &self.0
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
mod backend {
    use rustix::fd::OwnedFd;
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    use rustix::io::{self, FdFlags, fcntl_setfd};
    use rustix::pipe::pipe;

    pub(super) const TOKEN: &[u8] = &[1];
    pub(super) const READ: usize = 64;

    #[derive(Debug)]
    pub(super) struct Ends {
        reader: OwnedFd,
        writer: OwnedFd,
    }

    impl Ends {
        pub(super) fn new() -> io::Result<Self> {
            let (reader, writer) = pipe()?;
            for end in [&reader, &writer] {
                fcntl_setfd(end, FdFlags::CLOEXEC)?;
            }
            fcntl_setfl(&writer, fcntl_getfl(&writer)? | OFlags::NONBLOCK)?;
            Ok(Self { reader, writer })
        }

        pub(super) fn reader(&self) -> &OwnedFd {
            &self.reader
        }

        pub(super) fn writer(&self) -> &OwnedFd {
            &self.writer
        }
    }
}
