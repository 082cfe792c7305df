//! Detects memory that was inherited through `fork`.
//!
//! A child of `fork` has the memory of its parent, but of its threads only the one that forked: a
//! lock that another thread held stays locked, the work of other threads is never finished, and the
//! C library may reuse the stacks of other threads, with the waits on them. So the courier's station,
//! through it each flag's slot, and a thread's parker note their [`Process`], and a child leaves
//! its parent's alone.
//!
//! The list of an event, a result or a value event notes nothing, nor does that of a flag without
//! std. A child must neither use nor drop
//! one that another thread was using or waiting for; [`Event`](crate::Event#after-fork) has the
//! condition.
//!
//! The C library's `fork` runs our handler in the child, which counts. Two processes with the same
//! count never meet in one memory: a child's count is higher than its parent's. Code that runs in
//! the child before our handler (another handler of `pthread_atfork`) still finds the parent's
//! count. A fork that bypasses the C library (`_Fork`, a bare `clone`) is not noticed; POSIX allows
//! little but `exec` after it. Systems other than Unix have no `fork`.
//!
//! # Invariants
//! **The Handler Only Counts.** The function given to `pthread_atfork` adds to an atomic, which is
//! allowed in the child of a process with several threads, and lives as long as the program.

use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::Relaxed;
use std::io;

/// One process of a line of parents and children.
#[derive(Clone, Copy)]
pub(crate) struct Process {
    forks: usize,
}

/// How many forks lie between the first process of this line and this one.
static FORKS: AtomicUsize = AtomicUsize::new(0);

// === impl Process ===

impl Process {
    /// Returns this process.
    ///
    /// # Errors
    /// The system's, if it has no memory for the handler.
    pub(crate) fn this() -> io::Result<Self> {
        #[cfg(unix)]
        count_in_a_child()?;
        // ORDERING: Relaxed. It changes in a child that has one thread, and never again there.
        Ok(Self { forks: FORKS.load(Relaxed) })
    }

    /// Callable from signal handlers.
    pub(crate) fn is_this(self) -> bool {
        // ORDERING: Relaxed. As in `this`.
        FORKS.load(Relaxed) == self.forks
    }
}

#[cfg(unix)]
fn count_in_a_child() -> io::Result<()> {
    use core::sync::atomic::AtomicBool;

    static REGISTERED: AtomicBool = AtomicBool::new(false);

    extern "C" fn in_the_child() {
        // ORDERING: Relaxed. The child has one thread.
        FORKS.fetch_add(1, Relaxed);
    }

    // ORDERING: Relaxed. The registry is the C library's, with a lock of its own.
    if REGISTERED.load(Relaxed) {
        return Ok(());
    }
    // SAFETY: The Handler Only Counts.
    match unsafe { libc::pthread_atfork(None, None, Some(in_the_child)) } {
        0 => {
            // ORDERING: Relaxed. A handler that is registered twice counts by two, which is as
            // good.
            REGISTERED.store(true, Relaxed);
            Ok(())
        }
        error => Err(io::Error::from_raw_os_error(error)),
    }
}
