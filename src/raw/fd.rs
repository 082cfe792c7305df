//! A descriptor that is readable from `set` until it is read: an eventfd, or a pipe where there is none.
//!
//! | back end | where                   | descriptors | `set` writes   | a read takes                |
//! |----------|-------------------------|------------:|----------------|-----------------------------|
//! | eventfd  | Linux, Android, FreeBSD |           1 | 1 to a counter | the counter, and zeroes it  |
//! | pipe     | other Unix              |           2 | one byte       | what is there, up to 512    |
//!
//! The state is the kernel's alone, with no flag beside it: that could say "clear" of a descriptor
//! that is readable. The descriptors are closed on `exec`. `--cfg reveille_pipe` picks the pipe
//! everywhere, so that the tests run with both.
//!
//! # What differs
//! |                                  | eventfd          | pipe                                   |
//! |----------------------------------|------------------|----------------------------------------|
//! | concurrent clears of one set     | one returns true | one or more return true                |
//! | `clear` costs                    | one `read(2)`    | one for each 512 sets                  |
//! | sets before a `clear`            | are added up     | fill the pipe, and then change nothing |
//! | `set` of what is set             | a new edge       | perhaps a new edge                     |
//! | a child that inherits the reader | can set it       | cannot: it needs the writer            |
//!
//! # Two kinds of reader
//! A [`Readable`], which is a `WaitableEvent`, is non-blocking: its users poll it, and
//! [`clear`](Readable::clear) returns at once. A [`WakeFd`] is a `Readable` made with the other kind of
//! reader: the courier, alone with it, sleeps in `read(2)`. It is set by the same code; only its wait is
//! another, one system call where `poll(2)` and `read(2)` are two.
//!
//! # From any context
//! `set` is one `write(2)`, or more if a signal interrupts it, and takes no lock, allocates nothing
//! and cannot panic. It leaves `errno` as it was: what a signal handler interrupts may be about to
//! read it. The same holds of `clear` and its reads.
//!
//! | error of `write` | means                                     | then  |
//! |------------------|-------------------------------------------|-------|
//! | EAGAIN           | the pipe, or the counter, is full: is set | done  |
//! | EINTR            | a signal came first                       | again |
//!
//! Other errors do not happen to a descriptor that is ours and open. (A `WakeFd`'s eventfd would block
//! at 2⁶⁴ − 1 sets.) Apple's kernel gives a pipe its buffer at the first write, which fails if there is
//! no memory for it: so [`new`](Readable::new) makes that write, where the error can be told.
//!
//! # What is handed over
//! What was done before a `set` can be seen by whoever finds it. The kernel's locks see to that where
//! both sides take them, in `write` and `read`; but a `poll` that need not sleep looks at the word
//! without, and the lock of a `write` keeps nothing that came before out of itself. So all that is asked
//! of the kernel is that its word be one word, as if each access were relaxed: a `set` has a releasing
//! fence before its write, and whoever finds it an acquiring one behind the look. (Who waits in a poller
//! of others has it from the `clear`.) On x86 that is no instruction. [`kernel_fences`] has the fences, and loom
//! sees them.
//!
//! # Invariants
//! **Errno Is The Thread's Own.** The place that the C library names is there for as long as the thread,
//! and no other thread, nor anything that interrupts this one, uses it at the same time: a handler puts
//! back what it finds. Nobody here keeps the pointer.
//!
//! **Open While Borrowed.** The descriptors in [`Ends`] are open until that is dropped, which a borrow
//! puts off. (A program that closes them by their numbers gets errors, and nothing worse.)
//!
//! # When the system does not say
//! Linux counts the descriptors that `poll` is asked about against RLIMIT_NOFILE: with a limit of 0,
//! as sandboxes set it, `poll` fails at once. `select` does not, so it is asked then, for as long.
//! Where that fails too, or there is nothing to poll since the program has closed our descriptor, or
//! put another in its place that has hung up, a wait pauses and looks again until its deadline: it does
//! not spin, and never says "set".

use core::time::Duration;
use std::thread;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::io::{self, Errno};

use self::backend::Ends;
use crate::raw::kernel_fences;

/// A descriptor that polls readable from `set` until `clear`: what a `WaitableEvent` is.
#[derive(Debug)]
pub(crate) struct Readable(Ends);

/// A descriptor whose only reader sleeps in it until it is set.
#[cfg(any(not(miri), reveille_courier))]
#[derive(Debug)]
pub(crate) struct WakeFd(Readable);

/// What a reader does when there is nothing to read.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Reader {
    Returns,
    #[cfg(any(not(miri), reveille_courier))]
    Sleeps,
}

/// Puts `errno` back where it was.
struct KeepErrno(libc::c_int);

/// How often a reader looks round if the descriptor is broken.
const BROKEN: Duration = Duration::from_millis(10);

/// The longest that the system is asked to wait at a time, a day: more than 24 days of milliseconds do not
/// fit into the `int` of `poll(2)`.
const LONGEST: Duration = Duration::from_secs(86_400);

// === impl Readable ===

impl Readable {
    /// # Errors
    /// The system's, if there are no descriptors left.
    pub(crate) fn new() -> std::io::Result<Self> {
        Ok(Self(Ends::new(Reader::Returns)?))
    }

    /// The same through other descriptors.
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
        // To `clear` and `look`, over the word of the kernel.
        kernel_fences::before_write();
        while io::write(self.0.writer(), backend::TOKEN) == Err(Errno::INTR) {}
    }

    /// Reads all that is there; tells whether there was anything. Callable from anywhere.
    #[inline]
    pub(crate) fn clear(&self) -> bool {
        let _kept = KeepErrno::now();
        let mut buffer = [0; backend::READ];
        let mut was_set = false;
        loop {
            match io::read(self.0.reader(), &mut buffer) {
                // It may hold more. An eventfd's counter never fills the buffer.
                Ok(backend::READ) => was_set = true,
                Ok(bytes) => {
                    was_set |= bytes > 0;
                    break;
                }
                Err(Errno::INTR) => {}
                Err(_) => break,
            }
        }
        // From each `set` that this takes back.
        kernel_fences::after_look();
        was_set
    }

    pub(crate) fn is_set(&self) -> bool {
        io::retry_on_intr(|| self.look(Some(Duration::ZERO))).unwrap_or(false)
    }

    /// Waits until it is readable, and leaves it so; false if `until` came first.
    pub(crate) fn wait(&self, until: Option<Instant>) -> bool {
        loop {
            // Anew after each interruption.
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

    /// The end that polls readable.
    pub(crate) fn reader(&self) -> BorrowedFd<'_> {
        self.0.reader().as_fd()
    }

    /// Whether it is readable, or becomes so within this time, or [`LONGEST`]. A look at least.
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
            #[cfg(any(target_os = "linux", target_os = "android"))]
            Err(Errno::INVAL) => select(self.reader(), within.as_ref()),
            Err(error) => Err(error),
        };
        // From the `set` that is found.
        kernel_fences::after_look();
        found
    }
}

/// What `poll` does not tell under RLIMIT_NOFILE 0. Descriptors above 1024 are welcome here, too.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn select(reader: BorrowedFd<'_>, within: Option<&Timespec>) -> io::Result<bool> {
    use rustix::event::{FdSetElement, fd_set_insert, fd_set_num_elements};
    use std::os::fd::AsRawFd;

    let fd = reader.as_raw_fd();
    let mut asked = std::vec![FdSetElement::default(); fd_set_num_elements(1, fd + 1)];
    fd_set_insert(&mut asked, fd);
    // SAFETY: Open While Borrowed.
    let found = unsafe { rustix::event::select(fd + 1, Some(&mut asked), None, None, within) };
    found.map(|found| found > 0)
}

// === impl WakeFd ===

#[cfg(any(not(miri), reveille_courier))]
impl WakeFd {
    /// # Errors
    /// The system's, if there are no descriptors left.
    pub(crate) fn new() -> std::io::Result<Self> {
        Ok(Self(Readable(Ends::new(Reader::Sleeps)?)))
    }

    /// Wakes the reader, now or when it next waits. Callable from anywhere, signal handlers included.
    #[inline]
    pub(crate) fn ring(&self) {
        self.0.set();
    }

    /// Sleeps until the bell is rung, and takes that back. May return for nothing.
    pub(crate) fn wait(&self) {
        match io::read(self.0.reader(), &mut [0; backend::READ]) {
            Ok(1..) | Err(Errno::INTR) => {}
            // It is not ours any more: the program has closed it, or put a file in its place. (If it
            // was closed while we sleep in it, nobody tells us.)
            Ok(0) | Err(_) => thread::sleep(BROKEN),
        }
    }
}

// === impl KeepErrno ===

impl KeepErrno {
    #[inline]
    fn now() -> Self {
        // SAFETY: Errno Is The Thread's Own.
        Self(unsafe { *errno() })
    }
}

impl Drop for KeepErrno {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: Errno Is The Thread's Own.
        unsafe { *errno() = self.0 };
    }
}

/// The function of each system's C library that says where this thread's `errno` is.
macro_rules! errno_is_at {
    ($($systems:meta => $function:ident,)*) => {
        $(#[cfg($systems)] use libc::$function as place;)*

        #[cfg(not(any($($systems),*)))]
        compile_error!("reveille does not know where this Unix keeps `errno`: see `raw/fd.rs`");
    };
}

/// Where this thread's `errno` is.
#[inline]
fn errno() -> *mut libc::c_int {
    errno_is_at! {
        any(
            target_os = "linux",
            target_os = "dragonfly",
            target_os = "emscripten",
            target_os = "fuchsia",
            target_os = "hurd",
            target_os = "l4re",
            target_os = "redox"
        ) => __errno_location,
        any(target_vendor = "apple", target_os = "freebsd") => __error,
        any(
            target_os = "android",
            target_os = "netbsd",
            target_os = "openbsd",
            target_os = "horizon",
            target_os = "nuttx",
            target_os = "vita"
        ) => __errno,
        any(target_os = "solaris", target_os = "illumos") => ___errno,
        target_os = "nto" => __get_errno_ptr,
        target_os = "aix" => _Errno,
        target_os = "haiku" => _errnop,
    }
    // SAFETY: Errno Is The Thread's Own; to ask where it is may be done from anywhere.
    unsafe { place() }
}

#[cfg(all(test, not(miri)))]
mod tests {
    use std::os::fd::AsRawFd;

    use super::*;

    /// Puts a file at its end in the place of what is read.
    fn replace_with_nothing(readable: &Readable) {
        let nothing = std::fs::File::open("/dev/null").unwrap();
        // SAFETY: both are open, and the second stays ours.
        let fd = unsafe { libc::dup2(nothing.as_raw_fd(), readable.reader().as_raw_fd()) };
        assert_eq!(fd, readable.reader().as_raw_fd());
    }

    #[test]
    fn courier_does_not_spin_on_a_file_in_the_place_of_its_bell() {
        let bell = WakeFd::new().unwrap();
        replace_with_nothing(&bell.0);
        let begin = Instant::now();
        for _ in 0..3 {
            bell.wait();
        }
        assert!(begin.elapsed() >= 3 * BROKEN);
    }

    #[test]
    fn clear_of_a_file_in_the_place_of_an_event_returns_false() {
        let readable = Readable::new().unwrap();
        replace_with_nothing(&readable);
        assert!(!readable.clear());
    }

    /// Puts all into it that it holds: another `write` fails.
    fn fill(readable: &Readable) {
        let most = (u64::MAX - 1).to_ne_bytes();
        let token = if backend::TOKEN.len() == most.len() { &most } else { backend::TOKEN };
        while io::write(readable.0.writer(), token).is_ok() {}
    }

    #[test]
    fn set_that_finds_it_full_leaves_it_set_and_errno_alone() {
        let readable = Readable::new().unwrap();
        fill(&readable);
        // SAFETY: closes nothing; it is here to make `errno` EBADF.
        unsafe { libc::close(-1) };
        readable.set();
        assert_eq!(std::io::Error::last_os_error().raw_os_error(), Some(libc::EBADF));
        assert!(readable.clear());
        assert!(!readable.is_set());
    }

    #[test]
    fn rung_bell_wakes_its_reader_once() {
        let bell = WakeFd::new().unwrap();
        bell.ring();
        bell.ring();
        bell.wait();
        assert!(!bell.0.is_set());
    }
}

#[cfg(all(
    any(target_os = "linux", target_os = "android", target_os = "freebsd"),
    not(reveille_pipe)
))]
mod backend {
    use super::{OwnedFd, Reader, io};
    use rustix::event::{EventfdFlags, eventfd};

    /// Adds one to the counter.
    pub(super) const TOKEN: &[u8] = &1_u64.to_ne_bytes();

    /// Twice the counter.
    pub(super) const READ: usize = 16;

    #[derive(Debug)]
    pub(super) struct Ends(OwnedFd);

    impl Ends {
        pub(super) fn new(reader: Reader) -> io::Result<Self> {
            let mut flags = EventfdFlags::CLOEXEC;
            flags.set(EventfdFlags::NONBLOCK, reader == Reader::Returns);
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
}

#[cfg(not(all(
    any(target_os = "linux", target_os = "android", target_os = "freebsd"),
    not(reveille_pipe)
)))]
mod backend {
    use super::{OwnedFd, Reader, io};

    pub(super) const TOKEN: &[u8] = &[1];

    pub(super) const READ: usize = 512;

    #[derive(Debug)]
    pub(super) struct Ends {
        reader: OwnedFd,
        writer: OwnedFd,
    }

    impl Ends {
        pub(super) fn new(reads: Reader) -> io::Result<Self> {
            let (reader, writer) = pipe()?;
            // Now it has its buffer.
            io::retry_on_intr(|| io::write(&writer, TOKEN))?;
            io::retry_on_intr(|| io::read(&reader, &mut [0; READ]))?;
            if reads != Reader::Returns {
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

    /// A non-blocking pipe that is closed on `exec`.
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

    /// A non-blocking pipe that is closed on `exec`, but for one by another thread in between.
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
}
