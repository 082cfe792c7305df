//! Whether what a thread finds was made by this process, or by one that `fork` copied it from.
//!
//! A child of `fork` has the memory of its parent, but of its threads only the one that forked: a
//! lock that another thread held stays locked, what another thread was to do is never done, and the
//! stacks of other threads, with the waits on them, are reused by the C library. So the courier's
//! station, through it each flag's slot, and a thread's parker note their [`Process`], and are left
//! alone in a child.
//!
//! The list of an event, a result or a value event notes nothing. A child must neither use nor drop
//! one that another thread was using or waiting for; [`Event`](crate::Event#after-fork) has the
//! condition.
//!
//! The C library's `fork` runs our handler in the child, which counts. Two processes with one count
//! never meet in one memory: a child's is more than its parent's. What runs in the child before our
//! handler (another handler of `pthread_atfork`) takes it for the parent still. What forks without the C
//! library (`_Fork`, a bare `clone`) is not noticed; POSIX allows little but `exec` after those.

/// A process, as one of a line of parents and children.
#[derive(Clone, Copy)]
pub(crate) struct Process {
    #[cfg(all(unix, any(not(miri), reveille_courier)))]
    forks: usize,
}

#[cfg(all(unix, any(not(miri), reveille_courier)))]
mod imp {
    use core::sync::atomic::Ordering::Relaxed;
    use core::sync::atomic::{AtomicBool, AtomicUsize};
    use std::io;

    use super::Process;

    /// How many forks lie between the first process of this line and this one.
    static FORKS: AtomicUsize = AtomicUsize::new(0);

    // === impl Process ===

    impl Process {
        /// This process.
        ///
        /// # Errors
        /// The system's, if it has no memory for the handler.
        pub(crate) fn this() -> io::Result<Self> {
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

    fn count_in_a_child() -> io::Result<()> {
        static REGISTERED: AtomicBool = AtomicBool::new(false);

        extern "C" fn in_the_child() {
            // ORDERING: Relaxed. The child has one thread.
            FORKS.fetch_add(1, Relaxed);
        }

        // ORDERING: Relaxed. The registry is the C library's, with a lock of its own.
        if REGISTERED.load(Relaxed) {
            return Ok(());
        }
        // SAFETY: the handler does nothing but add to an atomic.
        match unsafe { libc::pthread_atfork(None, None, Some(in_the_child)) } {
            0 => {
                // ORDERING: Relaxed. Registered twice, it counts by two: as good.
                REGISTERED.store(true, Relaxed);
                Ok(())
            }
            error => Err(io::Error::from_raw_os_error(error)),
        }
    }
}

/// No `fork` here. (Miri has none either.)
#[cfg(not(all(unix, any(not(miri), reveille_courier))))]
impl Process {
    pub(crate) fn this() -> std::io::Result<Self> {
        Ok(Self {})
    }

    pub(crate) fn is_this(self) -> bool {
        true
    }
}
