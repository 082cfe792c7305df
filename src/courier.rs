//! [`Courier`]: the handle of the background thread. The mechanism is in `raw/courier`.

use std::io;

/// The background thread that wakes waiters of a [`ThreadSafeFlag`](crate::ThreadSafeFlag) on
/// behalf of signal handlers, on Unix.
///
/// See [the courier](crate::ThreadSafeFlag#the-courier) for what it does and what it costs.
///
/// # Examples
///
/// A program that reports at its start that no thread can be started:
///
/// ```
/// use reveille::Courier;
///
/// fn main() -> Result<(), String> {
///     Courier::start().map_err(|error| format!("no thread for signals: {error}"))?;
///     // Install signal handlers, and spawn tasks that wait for their flags.
///     Ok(())
/// }
/// ```
#[derive(Debug)]
pub struct Courier {
    _private: (),
}

// === impl Courier ===

impl Courier {
    /// Starts the courier's thread, if it does not run yet.
    ///
    /// The first wait that parks on a flag starts it anyway, and panics if that fails; this
    /// function returns the error early instead. Where there is no courier (all systems but Unix),
    /// it returns `Ok(())` immediately.
    ///
    /// # Errors
    /// The system's error, if there is no descriptor or no thread left. Nothing is leaked, and the
    /// next call tries again.
    ///
    /// # Callable from
    /// Tasks and threads.
    ///
    /// # Examples
    ///
    /// ```
    /// reveille::Courier::start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn start() -> io::Result<()> {
        crate::raw::courier::start()
    }
}
