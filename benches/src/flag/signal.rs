//! From a signal until a task that waits for it runs again; and a signal that nobody waits for.
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
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Release;
use std::time::Instant;

use async_signal::Signals;
use futures_lite::StreamExt;
use libc::c_int;
use reveille::{ThreadSafeFlag, WaitableEvent};
use signal_hook_tokio::Signals as HookSignals;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::executor::{self, Executor};
use crate::flag::hop::{self, Receiver};
use crate::report::Column;
use crate::rounds::Row;

/// One column of the table.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    pub column: Column,
    /// Nanoseconds of so many hops; none where it cannot be.
    pub run: fn(Executor, usize) -> Option<Vec<f64>>,
    /// Nanoseconds of raising a signal for which nobody waits, so often: the handler is in it. A peer's is
    /// another signal than that of the hops: its driver may still be telling of it when those begin.
    pub idle: fn(usize) -> f64,
}

/// Ours first, the peers by name, the floor last: a handler that stores to a word.
pub static ROUTES: [Route; 6] = [
    Route {
        column: Column { name: "flag", package: Some("reveille") },
        run: |executor, hops| {
            LazyLock::force(&FLAG_HANDLER);
            Some(hop::run(executor, hops, || Flag, || raise(libc::SIGUSR1)))
        },
        idle: |times| {
            LazyLock::force(&FLAG_HANDLER);
            let took = raise_often(libc::SIGUSR1, times);
            assert!(FLAG.clear(), "a set was lost");
            took
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
        idle: |times| {
            LazyLock::force(&EVENT_HANDLER);
            let took = raise_often(libc::SIGURG, times);
            assert!(EVENT.clear(), "a set was lost");
            took
        },
    },
    Route {
        column: Column { name: "async-signal", package: Some("async-signal") },
        run: |executor, hops| {
            let signals = || Signals::new([async_signal::Signal::Io]).expect("a handler of SIGIO");
            Some(hop::run(executor, hops, signals, || raise(libc::SIGIO)))
        },
        idle: |times| {
            let _quit = Signals::new([async_signal::Signal::Quit]).expect("a handler of SIGQUIT");
            raise_often(libc::SIGQUIT, times)
        },
    },
    Route {
        column: Column { name: "signal-hook-tokio", package: Some("signal-hook-tokio") },
        run: |executor, hops| {
            let winch = || HookSignals::new([libc::SIGWINCH]).expect("a handler of SIGWINCH");
            (executor != Executor::Smol)
                .then(|| hop::run(executor, hops, winch, || raise(libc::SIGWINCH)))
        },
        idle: |times| {
            let _tokio = executor::enter_tokio();
            let _prof = HookSignals::new([libc::SIGPROF]).expect("a handler of SIGPROF");
            raise_often(libc::SIGPROF, times)
        },
    },
    Route {
        column: Column { name: "tokio::signal", package: Some("tokio") },
        run: |executor, hops| {
            let usr2 = || signal(SignalKind::user_defined2()).expect("a handler of SIGUSR2");
            (executor != Executor::Smol)
                .then(|| hop::run(executor, hops, usr2, || raise(libc::SIGUSR2)))
        },
        idle: |times| {
            let _tokio = executor::enter_tokio();
            let _alarm = signal(SignalKind::alarm()).expect("a handler of SIGALRM");
            raise_often(libc::SIGALRM, times)
        },
    },
    Route {
        column: Column { name: "a store", package: None },
        run: |_, _| None,
        idle: |times| {
            LazyLock::force(&STORE_HANDLER);
            raise_often(libc::SIGVTALRM, times)
        },
    },
];

/// Hops of one run.
pub const HOPS: usize = 30;

/// Signals of one run that nobody waits for.
pub const IDLE: usize = 200;

static STORED: AtomicBool = AtomicBool::new(false);

/// Installs the handler of the floor, once.
static STORE_HANDLER: LazyLock<()> = LazyLock::new(|| {
    extern "C" fn on_signal(_: c_int) {
        // ORDERING: Release, as whoever tells of something would.
        STORED.store(true, Release);
    }
    // SAFETY: it is async-signal-safe: a store.
    unsafe { handle(libc::SIGVTALRM, on_signal) };
});

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
    let about = "A thread raises a signal for itself, and the clock runs until the task that waited runs; \
                 everybody was asleep.";
    Row::percentiles(&format!("signal to task, {executor}"), about).into()
}

/// The row of a signal that nobody waits for.
#[must_use]
pub fn idle_rows() -> Vec<Row> {
    let about = "A thread raises a signal for itself, for which nobody waits: the handler, and what the kernel does \
                 around it. The floor: a handler that stores to a word.";
    vec![Row::midmean("a signal, nobody waits: raise, and the handler".into(), about, IDLE as u64)]
}

fn raise_often(signal: c_int, times: usize) -> f64 {
    let begin = Instant::now();
    for _ in 0..times {
        raise(signal);
    }
    begin.elapsed().as_secs_f64() * 1e9 / times as f64
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

impl Receiver for HookSignals {
    async fn receive(&mut self) {
        self.next().await.expect("it never ends");
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
            let version = route.column.package.map(version);
            assert!(version.is_none_or(|version| version.is_some()), "{route:?}");
            assert!((route.idle)(3) > 0.0);
            for executor in Executor::ALL {
                if let Some(took) = (route.run)(executor, 3) {
                    assert_eq!(took.len(), 3);
                }
            }
        }
    }
}
