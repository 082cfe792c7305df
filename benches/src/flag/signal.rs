//! From a signal until a task that waits for it runs; and a signal for which no task waits.
//!
//! Each column has its own signals and handlers, which stay installed: two handlers of one signal
//! would both run. The measuring thread raises the signal for itself, so that the handler has run
//! when `raise` returns, and is part of the hop.
//!
//! Two columns are ours: the flag, whose courier wakes the task, and a `WaitableEvent` in the
//! executor's own reactor, which is how the peers work.
//!
//! # On one processor
//! Waking a thread on another processor that sleeps takes several times as long as everything else,
//! and the scheduler chooses, differently in each run, whether a hop has none, one or two such
//! wake-ups. With `taskset -c 0` there are none: what remains is the work of each column.

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

use crate::compare::Subject;
use crate::executor::{self, Executor};
use crate::hop::{self, Receiver};
use crate::rounds::{self, Row, Took, nanoseconds};

/// Something that is run as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// So many signals for which no task waits: the handler, and the kernel's part. A peer has
    /// another signal for it than for the hops, since its driver may still be reporting when those
    /// begin.
    Idle,
    /// From a signal to a task.
    Hop(Executor),
}

/// In the order of the tables.
pub const CASES: [Case; 4] = [
    Case::Idle,
    Case::Hop(Executor::TokioMulti),
    Case::Hop(Executor::TokioCurrent),
    Case::Hop(Executor::Smol),
];

/// Ours first, the peers by name, the floor last: a handler that stores to a word.
pub static SUBJECTS: [Subject<Case>; 6] = [
    Subject::new("flag", Some("reveille"), |case, times| {
        LazyLock::force(&HANDLERS);
        let Case::Hop(executor) = case else {
            let took = raise_often(libc::SIGUSR1, times);
            assert!(FLAG.clear(), "a set was lost");
            return took;
        };
        hops(executor, times, || Flag, libc::SIGUSR1)
    }),
    Subject::new("WaitableEvent", Some("reveille"), |case, times| {
        LazyLock::force(&HANDLERS);
        match case {
            Case::Idle => {
                let took = raise_often(libc::SIGURG, times);
                assert!(EVENT.clear(), "a set was lost");
                took
            }
            Case::Hop(Executor::Smol) => hops(Executor::Smol, times, InSmol::new, libc::SIGURG),
            Case::Hop(tokio) => hops(tokio, times, InTokio::new, libc::SIGURG),
        }
    }),
    Subject::new("async-signal", Some("async-signal"), |case, times| match case {
        Case::Idle => {
            let _quit = Signals::new([async_signal::Signal::Quit]).expect("a handler of SIGQUIT");
            raise_often(libc::SIGQUIT, times)
        }
        Case::Hop(executor) => {
            let io = || Signals::new([async_signal::Signal::Io]).expect("a handler of SIGIO");
            hops(executor, times, io, libc::SIGIO)
        }
    }),
    Subject::new("signal-hook-tokio", Some("signal-hook-tokio"), |case, times| match case {
        Case::Idle => {
            let _tokio = executor::enter_tokio();
            let _prof = HookSignals::new([libc::SIGPROF]).expect("a handler of SIGPROF");
            raise_often(libc::SIGPROF, times)
        }
        Case::Hop(Executor::Smol) => None,
        Case::Hop(tokio) => {
            let winch = || HookSignals::new([libc::SIGWINCH]).expect("a handler of SIGWINCH");
            hops(tokio, times, winch, libc::SIGWINCH)
        }
    }),
    Subject::new("tokio::signal", Some("tokio"), |case, times| match case {
        Case::Idle => {
            let _tokio = executor::enter_tokio();
            let _alarm = signal(SignalKind::alarm()).expect("a handler of SIGALRM");
            raise_often(libc::SIGALRM, times)
        }
        Case::Hop(Executor::Smol) => None,
        Case::Hop(tokio) => {
            let usr2 = || signal(SignalKind::user_defined2()).expect("a handler of SIGUSR2");
            hops(tokio, times, usr2, libc::SIGUSR2)
        }
    }),
    Subject::new("a store", None, |case, times| {
        LazyLock::force(&HANDLERS);
        (case == Case::Idle).then(|| raise_often(libc::SIGVTALRM, times)).flatten()
    }),
];

static STORED: AtomicBool = AtomicBool::new(false);

static FLAG: ThreadSafeFlag = ThreadSafeFlag::new();

static EVENT: LazyLock<WaitableEvent> = LazyLock::new(|| WaitableEvent::new().expect("an event"));

/// Installs the handlers of the floor and of ours, once, after it has created the event.
static HANDLERS: LazyLock<()> = LazyLock::new(|| {
    extern "C" fn store(_: c_int) {
        // ORDERING: Release, as in a handler that publishes data.
        STORED.store(true, Release);
    }
    extern "C" fn set_flag(_: c_int) {
        FLAG.set();
    }
    extern "C" fn set_event(_: c_int) {
        EVENT.set();
    }
    LazyLock::force(&EVENT);
    let ours: [(_, extern "C" fn(c_int)); 3] =
        [(libc::SIGVTALRM, store), (libc::SIGUSR1, set_flag), (libc::SIGURG, set_event)];
    for (signal, handler) in ours {
        // SAFETY: each is async-signal-safe: a store, or a `set`, which is documented to be, of a
        // flag or of an event that is initialised.
        unsafe { handle(signal, handler) };
    }
});

/// Installs a handler.
///
/// # Safety
/// The handler is async-signal-safe.
unsafe fn handle(signal: c_int, handler: extern "C" fn(c_int)) {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: zeroed, it is a valid action with an empty mask.
    let action = unsafe { action.assume_init_mut() };
    action.sa_sigaction = handler as libc::sighandler_t;
    action.sa_flags = libc::SA_RESTART;
    // SAFETY: the caller promises that the handler is async-signal-safe.
    let result = unsafe { libc::sigaction(signal, action, ptr::null_mut()) };
    assert_eq!(result, 0, "a handler of signal {signal}");
}

struct Flag;

/// The event, in the reactor of tokio.
struct InTokio(AsyncFd<WaitableEvent>);

/// The event, in the reactor of smol.
struct InSmol(smol::Async<WaitableEvent>);

// === impl Case ===

impl rounds::Case for Case {
    fn rows(self) -> Vec<Row> {
        match self {
            Case::Idle => vec![Row::midmean(
                "a signal, no task waits: raise, and the handler".into(),
                "A thread raises a signal for itself, and no task waits: the handler, and the \
                 kernel's part. The floor: a handler that stores to a word.",
                self.iterations(),
            )],
            Case::Hop(executor) => Row::percentiles(
                &format!("signal to task, {executor}"),
                "A thread raises a signal for itself; until the task that waited runs. All threads \
                 of the executor slept.",
            )
            .into(),
        }
    }

    fn iterations(self) -> u64 {
        match self {
            Case::Idle => 200,
            Case::Hop(_) => 30,
        }
    }
}

// === the rows ===

fn hops<R: Receiver>(
    executor: Executor,
    hops: u64,
    receiver: impl FnOnce() -> R + Send + 'static,
    signal: c_int,
) -> Took {
    Some(vec![hop::run(executor, hops as usize, receiver, || raise(signal))])
}

fn raise_often(signal: c_int, times: u64) -> Took {
    let begin = Instant::now();
    for _ in 0..times {
        raise(signal);
    }
    Some(vec![vec![nanoseconds(begin.elapsed(), times)]])
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
        // A report of an earlier set may be left.
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
