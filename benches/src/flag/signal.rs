//! From a signal until a task that waits for it runs again.
//!
//! Each route has a signal, and a handler of its own, for good: two on one signal would both run. The
//! measuring thread raises it for itself, so the handler has run when `raise` returns, and all of it
//! is in the hop.

use std::mem::MaybeUninit;
use std::ptr;
use std::sync::LazyLock;

use async_signal::Signals;
use futures_lite::StreamExt;
use libc::c_int;
use reveille::ThreadSafeFlag;
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
pub static ROUTES: [Route; 3] = [
    Route {
        column: Column { name: "reveille", package: Some("reveille") },
        run: |executor, hops| {
            LazyLock::force(&HANDLER);
            Some(hop::run(executor, hops, || Ours, || raise(libc::SIGUSR1)))
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

/// Installs our handler, once.
static HANDLER: LazyLock<()> = LazyLock::new(|| {
    extern "C" fn on_signal(_: c_int) {
        FLAG.set();
    }
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    let handler: extern "C" fn(c_int) = on_signal;
    // SAFETY: zeroed, it is a valid action with an empty mask.
    let action = unsafe { action.assume_init_mut() };
    action.sa_sigaction = handler as libc::sighandler_t;
    action.sa_flags = libc::SA_RESTART;
    // SAFETY: the handler is async-signal-safe: all that it does is `set`, which promises to be.
    let result = unsafe { libc::sigaction(libc::SIGUSR1, action, ptr::null_mut()) };
    assert_eq!(result, 0, "a handler of SIGUSR1");
});

struct Ours;

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

impl Receiver for Ours {
    fn receive(&mut self) -> impl Future<Output = ()> + Send {
        FLAG.wait()
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
