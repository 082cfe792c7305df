//! From a signal until a task that waits for it runs again.
//!
//! Each route has a signal, and a handler of its own, for good: two on one signal would both run. The
//! measuring thread raises it for itself, so the handler has run when `raise` returns, and all of it
//! is in the hop.
//!
//! Of ours there are two: the flag, whose courier wakes the task, and a `WaitableEvent` in the executor's own
//! reactor, which is how the peers do it.
//!
//! # On one processor
//! A wake-up on another processor that sleeps takes several times what all else takes, and whether a route
//! has none, one or two of them is the scheduler's choice, which differs from run to run. `taskset -c 0` takes
//! that out: what is left is the work that a route makes.

use std::mem::MaybeUninit;
use std::ptr;
use std::sync::LazyLock;

use async_signal::Signals;
use futures_lite::StreamExt;
use libc::c_int;
use reveille::{ThreadSafeFlag, WaitableEvent};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::flag::executor::Executor;
use crate::flag::hop::{self, Receiver};
use crate::report::Column;
use crate::rounds::Row;

/// One column of the table.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    pub column: Column,
    /// Nanoseconds of so many hops; none where it cannot be.
    pub run: fn(Executor, usize) -> Option<Vec<f64>>,
}

/// Ours first.
pub static ROUTES: [Route; 4] = [
    Route {
        column: Column { name: "flag", package: Some("reveille") },
        run: |executor, hops| {
            LazyLock::force(&FLAG_HANDLER);
            Some(hop::run(executor, hops, || Flag, || raise(libc::SIGUSR1)))
        },
    },
    Route {
        column: Column { name: "WaitableEvent", package: Some("reveille") },
        run: |executor, hops| {
            LazyLock::force(&EVENT_HANDLER);
            let fire = || raise(libc::SIGURG);
            Some(match executor {
                Executor::Smol => hop::run(executor, hops, InSmol::new, fire),
                _ => hop::run(executor, hops, InTokio::new, fire),
            })
        },
    },
    Route {
        column: Column { name: "async-signal", package: Some("async-signal") },
        run: |executor, hops| {
            let signals = || Signals::new([async_signal::Signal::Io]).expect("a handler of SIGIO");
            Some(hop::run(executor, hops, signals, || raise(libc::SIGIO)))
        },
    },
    Route {
        column: Column { name: "tokio::signal", package: Some("tokio") },
        run: |executor, hops| {
            let usr2 = || signal(SignalKind::user_defined2()).expect("a handler of SIGUSR2");
            (executor != Executor::Smol)
                .then(|| hop::run(executor, hops, usr2, || raise(libc::SIGUSR2)))
        },
    },
];

/// Hops of one run.
pub const HOPS: usize = 30;

static FLAG: ThreadSafeFlag = ThreadSafeFlag::new();

static EVENT: LazyLock<WaitableEvent> = LazyLock::new(|| WaitableEvent::new().expect("an event"));

/// Installs the flag's handler, once.
static FLAG_HANDLER: LazyLock<()> = LazyLock::new(|| {
    extern "C" fn on_signal(_: c_int) {
        FLAG.set();
    }
    // SAFETY: it is async-signal-safe: all that it does is `set`, which promises to be.
    unsafe { handle(libc::SIGUSR1, on_signal) };
});

/// Installs the event's handler, once. The event is there before.
static EVENT_HANDLER: LazyLock<()> = LazyLock::new(|| {
    extern "C" fn on_signal(_: c_int) {
        EVENT.set();
    }
    LazyLock::force(&EVENT);
    // SAFETY: it is async-signal-safe: a look at what is initialised, and `set`, which promises to be.
    unsafe { handle(libc::SIGURG, on_signal) };
});

/// Installs a handler.
///
/// # Safety
/// It is async-signal-safe.
unsafe fn handle(signal: c_int, handler: extern "C" fn(c_int)) {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: zeroed, it is a valid action with an empty mask.
    let action = unsafe { action.assume_init_mut() };
    action.sa_sigaction = handler as libc::sighandler_t;
    action.sa_flags = libc::SA_RESTART;
    // SAFETY: the handler may be one, by the caller's word.
    let result = unsafe { libc::sigaction(signal, action, ptr::null_mut()) };
    assert_eq!(result, 0, "a handler of signal {signal}");
}

struct Flag;

/// The event, in the reactor of tokio.
struct InTokio(AsyncFd<WaitableEvent>);

/// The event, in the reactor of smol.
struct InSmol(smol::Async<WaitableEvent>);

/// Both percentiles of the hops to one executor.
#[must_use]
pub fn rows(executor: Executor) -> Vec<Row> {
    let name = format!("signal to task, {executor}");
    vec![Row::p50(&name), Row::p99(&name)]
}

fn raise(signal: c_int) {
    // SAFETY: it may be called from anywhere, and each signal that is raised here has a handler.
    assert_eq!(unsafe { libc::raise(signal) }, 0);
}

// === the receivers ===

impl Receiver for Flag {
    fn receive(&mut self) -> impl Future<Output = ()> + Send {
        FLAG.wait()
    }
}

impl InTokio {
    fn new() -> Self {
        let event = EVENT.try_clone().expect("a descriptor");
        // SAFETY: an event's descriptor stays the same, and open, for as long as the event.
        let event = unsafe { AsyncFd::register_with_interest(event, Interest::READABLE) };
        Self(event.expect("a place in tokio's reactor"))
    }
}

impl Receiver for InTokio {
    async fn receive(&mut self) {
        // What is left of an earlier report has no set behind it.
        loop {
            let mut ready = self.0.readable().await.expect("a readable event");
            ready.clear_ready();
            if self.0.get_ref().clear() {
                return;
            }
        }
    }
}

impl InSmol {
    fn new() -> Self {
        let event = EVENT.try_clone().expect("a descriptor");
        Self(smol::Async::new(event).expect("a place in smol's reactor"))
    }
}

impl Receiver for InSmol {
    async fn receive(&mut self) {
        loop {
            self.0.readable().await.expect("a readable event");
            if self.0.get_ref().clear() {
                return;
            }
        }
    }
}

impl Receiver for Signals {
    async fn receive(&mut self) {
        self.next().await.expect("it never ends").expect("a signal");
    }
}

impl Receiver for Signal {
    async fn receive(&mut self) {
        self.recv().await.expect("it never ends");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::version;

    /// One test: two that raised at the same time would wake each other's tasks.
    #[test]
    fn every_route_arrives_at_every_executor() {
        for route in &ROUTES {
            assert!(route.column.package.and_then(version).is_some(), "{route:?}");
            for executor in Executor::ALL {
                if let Some(took) = (route.run)(executor, 3) {
                    assert_eq!(took.len(), 3);
                }
            }
        }
    }
}
