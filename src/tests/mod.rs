//! Tests that need to see inside: loom models, one file a type or layer, and the paths that must not
//! take the lock.
//!
//! A model runs every interleaving of its threads, and every value that a load may read. What its
//! threads hand over is Relaxed, so that only the orderings of the code under test can carry it;
//! the wakers count with std's atomics, which loom does not see, so that they carry nothing. Each
//! model's doc line names the mutations that it catches; they are kept in `verify/mutants/`.

#[cfg(reveille_loom)]
mod batch;
#[cfg(all(unix, reveille_loom))]
mod courier;
#[cfg(reveille_loom)]
mod event;
#[cfg(reveille_loom)]
mod flag;
#[cfg(all(unix, reveille_loom))]
mod kernel_fences;
#[cfg(all(feature = "alloc", reveille_loom))]
mod link;
#[cfg(reveille_loom)]
mod list;
#[cfg(all(unix, reveille_loom))]
pub(crate) mod mocks;
#[cfg(reveille_loom)]
mod result;
#[cfg(all(unix, reveille_loom))]
mod slot;
#[cfg(not(reveille_loom))]
mod unlocked;
#[cfg(all(feature = "alloc", reveille_loom))]
mod value;

#[cfg(reveille_loom)]
use {
    core::pin::Pin,
    core::sync::atomic::{AtomicUsize, Ordering::SeqCst},
    core::task::{Context, Poll, Waker},
    std::sync::Arc,
    std::task::Wake,
};

/// A waker that counts.
#[cfg(reveille_loom)]
#[derive(Default)]
struct Task {
    wakes: AtomicUsize,
}

#[cfg(reveille_loom)]
impl Task {
    fn new() -> Arc<Self> {
        Arc::default()
    }

    fn wakes(&self) -> usize {
        self.wakes.load(SeqCst)
    }
}

#[cfg(reveille_loom)]
impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.wakes.fetch_add(1, SeqCst);
    }
}

#[cfg(reveille_loom)]
fn poll<F: Future>(future: Pin<&mut F>, task: &Arc<Task>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(&Waker::from(Arc::clone(task))))
}

/// Explores with at most 3 preemptions, or `LOOM_MAX_PREEMPTIONS`. The bugs that the mutants plant
/// need up to 3. Prints how many executions there were, for `cargo xtask loom`.
#[cfg(reveille_loom)]
fn model(body: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound.get_or_insert(3);
    let executions = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&executions);
    builder.check(move || {
        counted.fetch_add(1, SeqCst);
        body();
    });
    println!("{} executions", executions.load(SeqCst));
}
