//! Signals awaited by tasks: the handlers set a flag, which is all that they may do, and do.
//!
//! `cargo run --example signal`

#[cfg(not(unix))]
fn main() {
    println!("there are no such signals here");
}

#[cfg(unix)]
fn main() -> std::io::Result<()> {
    unix::main()
}

#[cfg(unix)]
mod unix {
    use std::io;

    use reveille::ThreadSafeFlag;
    use signal_hook::low_level::{raise, register};
    use smol::future;

    /// How often the program sends itself SIGUSR1.
    const ROUNDS: u32 = 100;

    /// Set by SIGUSR1.
    static NEWS: ThreadSafeFlag = ThreadSafeFlag::new();

    /// Set by the task that has seen the news.
    static SEEN: ThreadSafeFlag = ThreadSafeFlag::new();

    /// Set by Ctrl-C and SIGTERM.
    static STOP: ThreadSafeFlag = ThreadSafeFlag::new();

    /// A handler may interrupt any code at any point, so it may not lock, nor allocate, nor print.
    extern "C" fn on_news(_signal: libc::c_int) {
        NEWS.set();
    }

    /// Installs a handler by hand.
    fn handle_news() -> io::Result<()> {
        // SAFETY: zeroes are a good `sigaction`: no flags, and no other signal blocked.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        action.sa_sigaction = on_news as *const () as libc::sighandler_t;
        // Calls that the handler interrupts go on after it.
        action.sa_flags = libc::SA_RESTART;
        // SAFETY: `on_news` only does what a handler may do.
        match unsafe { libc::sigaction(libc::SIGUSR1, &action, std::ptr::null_mut()) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// And by a crate.
    fn handle_stop() -> io::Result<()> {
        for signal in [libc::SIGINT, libc::SIGTERM] {
            // SAFETY: `set` only does what a handler may do.
            unsafe { register(signal, || STOP.set()) }?;
        }
        Ok(())
    }

    /// Counts the news until it is time to stop.
    async fn read_news() -> u32 {
        let mut count = 0;
        loop {
            let more = future::or(
                async {
                    STOP.wait().await;
                    false
                },
                async {
                    NEWS.wait().await;
                    true
                },
            );
            if !more.await {
                return count;
            }
            count += 1;
            SEEN.set();
        }
    }

    /// Signals that come faster than they are seen are one: each is sent when the last was seen.
    fn send_news() -> io::Result<()> {
        for _ in 0..ROUNDS {
            raise(libc::SIGUSR1)?;
            SEEN.wait_blocking();
        }
        Ok(())
    }

    pub(super) fn main() -> io::Result<()> {
        // So that a failure shows here, and not in the first task that waits.
        reveille::Courier::start()?;
        handle_news()?;
        handle_stop()?;

        let tokio = tokio::runtime::Runtime::new()?;
        let reading = tokio.spawn(read_news());
        send_news()?;
        // What Ctrl-C would do.
        raise(libc::SIGINT)?;
        let on_tokio = tokio.block_on(reading).unwrap();
        println!("tokio: {on_tokio} news, then Ctrl-C");

        let reading = smol::spawn(read_news());
        send_news()?;
        raise(libc::SIGTERM)?;
        let on_smol = smol::block_on(reading);
        println!("smol:  {on_smol} news, then SIGTERM");

        assert_eq!((on_tokio, on_smol), (ROUNDS, ROUNDS), "a signal was lost");
        Ok(())
    }
}
