//! A descriptor that is readable from `set` until it is read: an eventfd, or a pipe where there is
//! none.
//!
//! | back end | where                   | descriptors | `set` writes   | a read takes                  |
//! |----------|-------------------------|------------:|----------------|-------------------------------|
//! | eventfd  | Linux, Android, FreeBSD |           1 | 1 to a counter | the counter, and zeroes it    |
//! | pipe     | other Unix              |           2 | one byte       | all bytes in it, at most 512  |
//!
//! The kernel alone has the state. A flag beside it could be clear while the descriptor is
//! readable. The descriptors are closed on `exec`. `--cfg reveille_pipe` selects the pipe
//! everywhere, so that the tests run with both.
//!
//! Emscripten is a Unix here, too, and uses the pipe. The crate compiles for it, and nothing is
//! tested: where its `poll` does not sleep, a blocking wait polls in a loop.
//!
//! # What differs
//! |                                  | eventfd          | pipe                                   |
//! |----------------------------------|------------------|----------------------------------------|
//! | concurrent clears of one set     | one returns true | one or more return true                |
//! | `clear` costs                    | one `read(2)`    | one for each 512 sets                  |
//! | sets before a `clear`            | are added up     | fill the pipe, and then change nothing |
//! | `set` of a set event             | a new edge       | perhaps a new edge                     |
//! | a child that inherits the reader | can set it       | cannot: it needs the writer            |
//!
//! # Two kinds of reader
//! The reader of a `WaitableEvent` is non-blocking: its users poll it, and
//! [`clear`](Readable::clear) returns immediately. The courier is the only reader of its descriptor
//! and sleeps in `read(2)`: one system call where `poll(2)` and `read(2)` are two. Both are a
//! [`Readable`], set by the same code.
//!
//! # From any context
//! `set` is one `write(2)`, or more if a signal interrupts it. It takes no lock, allocates nothing
//! and cannot panic. It leaves `errno` unchanged, since the code that a signal handler interrupts
//! may be about to read it. The same holds for `clear` and its reads.
//!
//! | error of `write` | means                                               | then      |
//! |------------------|-----------------------------------------------------|-----------|
//! | EAGAIN           | the pipe, or the counter, is full: the event is set | return    |
//! | EINTR            | a signal came first                                 | try again |
//!
//! No other error occurs on a descriptor that is ours and open. (The courier's eventfd would block
//! at 2⁶⁴ − 1 sets.) Apple's kernel gives a pipe its buffer at the first write, which fails if
//! there is no memory for it. So [`open`](Readable::open) makes that write, and returns the error.
//!
//! # Synchronization
//! Writes before a `set` are visible to every thread that finds it. The kernel's locks see to that
//! where both sides take them, in `write` and `read`. But a `poll` that need not sleep reads the
//! word without a lock, and writes that precede the `write` may be delayed past its lock. So this
//! file relies on no more than that the kernel's word is one word, as if each access were relaxed:
//! a `set` has a releasing fence before its write, and every look at the word and every read has an
//! acquiring fence after it. (A thread that waits in a poller of its own has the fence of its
//! `clear`.) A `set` that finds the pipe full, or the counter, writes nothing: there the lock of the
//! pipe, or of the counter, which `write` and `read` take even then, orders it before the `read` that
//! makes room. On x86 these fences are no instructions. [`kernel_fences`](crate::raw::kernel_fences)
//! has them, and loom sees them.
//!
//! # Invariants
//! **Open While Borrowed.** The descriptors in [`Ends`] are open until it is dropped, and a borrow
//! delays the drop. A program that closes one of them by its number breaks this, and with it the
//! I/O safety of std: the number may name another file next, and `set` then writes to that file,
//! and `clear` reads from it.
//!
//! # If the system does not answer
//! Linux checks the number of descriptors given to `poll` against RLIMIT_NOFILE: with a limit of 0,
//! as sandboxes set it, `poll` fails immediately. `select` does not, so it is called then, with the
//! same timeout. A wait pauses and looks again until its deadline if `select` fails too, or if the
//! descriptor is not ours any more (the program has closed it, or has put a file in its place that
//! has hung up). It does not spin, and never reports a set.

mod errno;

#[cfg(all(
    any(target_os = "linux", target_os = "android", target_os = "freebsd"),
    not(reveille_pipe)
))]
#[path = "eventfd.rs"]
mod ends;
#[cfg(not(all(
    any(target_os = "linux", target_os = "android", target_os = "freebsd"),
    not(reveille_pipe)
)))]
#[path = "pipe.rs"]
mod ends;

use core::time::Duration;
use std::thread;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd, BorrowedFd};
use rustix::io::{self, Errno};

use self::ends::{Ends, READ, TOKEN};
use self::errno::KeepErrno;
use crate::raw::kernel_fences::descriptor as fences;

/// A descriptor that polls readable from `set` until `clear`.
#[derive(Debug)]
pub(crate) struct Readable(Ends);

/// How long a reader pauses between looks at a descriptor that is broken.
pub(crate) const BROKEN: Duration = Duration::from_millis(10);

/// The longest timeout that the system is given, a day: more than 24 days of milliseconds do not
/// fit into the `int` of `poll(2)`.
const LONGEST: Duration = Duration::from_secs(86_400);

// === impl Readable ===

impl Readable {
    /// Creates one whose `clear` returns immediately.
    ///
    /// # Errors
    /// The system's, if there are no descriptors left.
    pub(crate) fn new() -> std::io::Result<Self> {
        let nonblocking = true;
        Self::open(nonblocking)
    }

    /// Creates one; unless `nonblocking`, its [`read`](Readable::read) sleeps until it is set.
    ///
    /// # Errors
    /// The system's, if there are no descriptors left.
    pub(crate) fn open(nonblocking: bool) -> std::io::Result<Self> {
        Ok(Self(Ends::new(nonblocking)?))
    }

    /// Duplicates the descriptors.
    ///
    /// # Errors
    /// The system's, if there are no descriptors left.
    pub(crate) fn try_clone(&self) -> std::io::Result<Self> {
        self.0.try_clone().map(Self)
    }

    /// Makes it readable. Callable from anywhere, signal handlers included.
    #[inline]
    pub(crate) fn set(&self) {
        let _kept = KeepErrno::now();
        // Pairs with the fences of `read` and `look`, over the word of the kernel.
        fences::before_write();
        while io::write(self.0.writer(), TOKEN) == Err(Errno::INTR) {}
    }

    /// Reads everything that is there; returns whether there was anything. Callable from anywhere.
    #[inline]
    pub(crate) fn clear(&self) -> bool {
        let _kept = KeepErrno::now();
        let mut was_set = false;
        loop {
            match self.read() {
                // There may be more. An eventfd's counter never fills the buffer.
                Ok(READ) => was_set = true,
                Ok(bytes) => return was_set || bytes > 0,
                Err(Errno::INTR) => {}
                Err(_) => return was_set,
            }
        }
    }

    /// Reads up to [`READ`] bytes of what is there; returns how many.
    #[inline]
    pub(crate) fn read(&self) -> io::Result<usize> {
        let bytes = io::read(self.0.reader(), &mut [0; READ]);
        // Pairs with the fence of each `set` that this takes.
        fences::after_look();
        bytes
    }

    pub(crate) fn is_set(&self) -> bool {
        io::retry_on_intr(|| self.look(Some(Duration::ZERO))).unwrap_or(false)
    }

    /// Waits until it is readable, and leaves it so; returns false if `until` came first.
    pub(crate) fn wait(&self, until: Option<Instant>) -> bool {
        loop {
            // Computed again after each interruption.
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            let is_over = left == Some(Duration::ZERO);
            match self.look(left) {
                Ok(true) => return true,
                Err(Errno::INTR) => {}
                _ if is_over => return false,
                Ok(false) => {}
                Err(_) => thread::sleep(left.map_or(BROKEN, |left| left.min(BROKEN))),
            }
        }
    }

    /// Returns the end that polls readable.
    pub(crate) fn reader(&self) -> BorrowedFd<'_> {
        self.0.reader().as_fd()
    }

    /// Returns whether it is readable, or becomes so within this time, or within [`LONGEST`]. Looks
    /// at least once.
    fn look(&self, within: Option<Duration>) -> io::Result<bool> {
        let within = within.map(|within| {
            let within = within.min(LONGEST);
            Timespec { tv_sec: within.as_secs() as _, tv_nsec: within.subsec_nanos() as _ }
        });
        let mut asked = [PollFd::new(self.0.reader(), PollFlags::IN)];
        let found = match poll(&mut asked, within.as_ref()) {
            Ok(0) => Ok(false),
            Ok(_) if asked[0].revents().contains(PollFlags::IN) => Ok(true),
            // NVAL, or HUP or ERR alone: it is not ours any more.
            Ok(_) => Err(Errno::BADF),
            // RLIMIT_NOFILE is 0. `select` takes descriptors above 1024 here, too.
            #[cfg(any(target_os = "linux", target_os = "android"))]
            Err(Errno::INVAL) => {
                use rustix::event::{FdSetElement, fd_set_insert, fd_set_num_elements, select};
                use std::os::fd::AsRawFd;

                let fd = self.reader().as_raw_fd();
                let mut asked = std::vec![FdSetElement::default(); fd_set_num_elements(1, fd + 1)];
                fd_set_insert(&mut asked, fd);
                // SAFETY: Open While Borrowed.
                let found =
                    unsafe { select(fd + 1, Some(&mut asked), None, None, within.as_ref()) };
                found.map(|found| found > 0)
            }
            Err(error) => Err(error),
        };
        // Pairs with the fence of each `set` that this finds.
        fences::after_look();
        found
    }
}

#[cfg(all(test, not(miri)))]
mod tests {
    use std::os::fd::AsRawFd;

    use super::*;

    impl Readable {
        /// Puts a file at its end in the place of what is read.
        pub(crate) fn replace_with_nothing(&self) {
            let nothing = std::fs::File::open("/dev/null").unwrap();
            // SAFETY: both are open, and the second stays ours.
            let fd = unsafe { libc::dup2(nothing.as_raw_fd(), self.reader().as_raw_fd()) };
            assert_eq!(fd, self.reader().as_raw_fd());
        }

        /// Writes until it holds no more, and another `write` fails.
        fn fill(&self) {
            let most = (u64::MAX - 1).to_ne_bytes();
            let token = if TOKEN.len() == most.len() { &most } else { TOKEN };
            while io::write(self.0.writer(), token).is_ok() {}
        }
    }

    #[test]
    fn clear_of_a_file_in_the_place_of_an_event_returns_false() {
        let readable = Readable::new().unwrap();
        readable.replace_with_nothing();
        assert!(!readable.clear());
    }

    #[test]
    fn set_that_finds_it_full_leaves_it_set_and_errno_unchanged() {
        let readable = Readable::new().unwrap();
        readable.fill();
        // SAFETY: closes nothing; it is here to make `errno` EBADF.
        unsafe { libc::close(-1) };
        readable.set();
        assert_eq!(std::io::Error::last_os_error().raw_os_error(), Some(libc::EBADF));
        assert!(readable.clear());
        assert!(!readable.is_set());
    }
}
