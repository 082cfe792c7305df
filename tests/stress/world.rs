//! An executor, as a stress test sees it: it spawns, and it bounds a wait by a timeout of its own kind.

use std::future::Future;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use futures::future::BoxFuture;
use smol::future::or;
use tokio::runtime::Runtime;

pub(crate) type Task = BoxFuture<'static, ()>;

/// What tasks know of their executor.
#[derive(Clone)]
pub(crate) struct World {
    /// Gives back a future that ends with the task.
    spawn: Arc<dyn Fn(Task) -> Task + Send + Sync>,
    /// Looks at the wait first. False: it timed out.
    timeout: for<'a> fn(Duration, BoxFuture<'a, ()>) -> BoxFuture<'a, bool>,
    sleep: fn(Duration) -> Task,
}

/// Two threads of tokio.
pub(crate) struct Tokio {
    runtime: Runtime,
}

/// Two threads that run an executor of smol's.
pub(crate) struct Smol {
    executor: Arc<smol::Executor<'static>>,
    /// The threads run until this is closed.
    end: smol::channel::Sender<()>,
    threads: Vec<JoinHandle<()>>,
}

const THREADS: usize = 2;

async fn in_time(wait: impl Future<Output = ()>) -> bool {
    wait.await;
    true
}

// === impl World ===

impl World {
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> Task {
        (self.spawn)(Box::pin(task))
    }

    /// Whether `wait` ended in time.
    pub(crate) async fn timeout(
        &self,
        timeout: Duration,
        wait: impl Future<Output = ()> + Send,
    ) -> bool {
        (self.timeout)(timeout, Box::pin(wait)).await
    }

    /// The same, but when both are ready it has timed out: a wait is dropped after it was woken, unseen.
    pub(crate) async fn strict_timeout(
        &self,
        timeout: Duration,
        wait: impl Future<Output = ()> + Send,
    ) -> bool {
        let late = async {
            (self.sleep)(timeout).await;
            false
        };
        or(late, in_time(wait)).await
    }
}

// === impl Tokio ===

impl Tokio {
    /// Each of its threads begins with `on_start`.
    pub(crate) fn new(on_start: fn()) -> Self {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        runtime.worker_threads(THREADS).enable_all().on_thread_start(on_start);
        Self { runtime: runtime.build().unwrap() }
    }

    pub(crate) fn world(&self) -> World {
        let handle = self.runtime.handle().clone();
        World {
            spawn: Arc::new(move |task| {
                let task = handle.spawn(task);
                Box::pin(async { task.await.unwrap() })
            }),
            timeout: |timeout, wait| {
                Box::pin(async move { tokio::time::timeout(timeout, wait).await.is_ok() })
            },
            sleep: |time| Box::pin(tokio::time::sleep(time)),
        }
    }
}

// === impl Smol ===

impl Smol {
    /// Each of its threads begins with `on_start`.
    pub(crate) fn new(on_start: fn()) -> Self {
        let executor = Arc::new(smol::Executor::new());
        let (end, ended) = smol::channel::bounded::<()>(1);
        let threads = (0..THREADS)
            .map(|_| {
                let (executor, ended) = (executor.clone(), ended.clone());
                thread::spawn(move || {
                    on_start();
                    let _ = smol::block_on(executor.run(ended.recv()));
                })
            })
            .collect();
        Self { executor, end, threads }
    }

    pub(crate) fn world(&self) -> World {
        let executor = self.executor.clone();
        World {
            spawn: Arc::new(move |task| Box::pin(executor.spawn(task))),
            timeout: |timeout, wait| {
                let late = async move {
                    smol::Timer::after(timeout).await;
                    false
                };
                Box::pin(or(in_time(wait), late))
            },
            sleep: |time| {
                Box::pin(async move {
                    smol::Timer::after(time).await;
                })
            },
        }
    }
}

impl Drop for Smol {
    fn drop(&mut self) {
        self.end.close();
        for thread in self.threads.drain(..) {
            thread.join().unwrap();
        }
    }
}
