//! The executors of tasks.

use std::fmt;
use std::future::pending;
use std::sync::LazyLock;
use std::thread;

use tokio::runtime::{Builder, EnterGuard, Handle, Runtime};

/// All live until the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Executor {
    /// Two workers.
    TokioMulti,
    /// On a thread of its own.
    TokioCurrent,
    /// smol's global one, on its one thread.
    Smol,
}

static MULTI: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().expect("a runtime with two workers")
});

static CURRENT: LazyLock<Handle> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let handle = runtime.handle().clone();
    thread::spawn(move || runtime.block_on(pending::<()>()));
    handle
});

/// Lets this thread create tokio's resources until the guard is dropped.
pub(crate) fn enter_tokio() -> EnterGuard<'static> {
    MULTI.enter()
}

// === impl Executor ===

impl Executor {
    pub const ALL: [Self; 3] = [Self::TokioMulti, Self::TokioCurrent, Self::Smol];

    pub(crate) fn spawn(self, task: impl Future<Output = ()> + Send + 'static) {
        match self {
            Self::TokioMulti => drop(MULTI.spawn(task)),
            Self::TokioCurrent => drop(CURRENT.spawn(task)),
            Self::Smol => smol::spawn(task).detach(),
        }
    }
}

impl fmt::Display for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TokioMulti => "tokio multi-thread (2 workers)",
            Self::TokioCurrent => "tokio current-thread",
            Self::Smol => "smol",
        })
    }
}
