//! The executors, each started so that tasks can be spawned from outside.

use crate::{by_hand, inbox::Inbox};
use futures::{
    executor::{LocalPool, ThreadPool},
    future::{self, BoxFuture},
    task::LocalSpawnExt,
};
use std::thread;

/// Spawns a task on the executor, from any thread.
pub(crate) type Spawn = Box<dyn Fn(BoxFuture<'static, ()>) + Send + Sync>;

/// One of them; the name is a word of the command line, and a row of the table in README.md.
pub(crate) struct Executor {
    pub(crate) name: &'static str,
    /// The crate that it is of; none if it is ours.
    pub(crate) package: Option<&'static str>,
    /// Starts it, for the rest of the process; or why the system does not allow it.
    pub(crate) start: fn() -> Result<Spawn, String>,
}

/// The number of threads of executors that can have several.
const THREADS: usize = 2;

pub(crate) const EXECUTORS: &[Executor] = &[
    Executor { name: "tokio-multi-thread", package: Some("tokio"), start: tokio_multi_thread },
    Executor { name: "tokio-current-thread", package: Some("tokio"), start: tokio_current_thread },
    Executor { name: "smol", package: Some("smol"), start: smol },
    Executor { name: "async-executor", package: Some("async-executor"), start: async_executor },
    Executor { name: "futures-thread-pool", package: Some("futures"), start: futures_thread_pool },
    Executor { name: "futures-local-pool", package: Some("futures"), start: futures_local_pool },
    Executor { name: "pollster", package: Some("pollster"), start: pollster },
    Executor { name: "embassy-executor", package: Some("embassy-executor"), start: embassy },
    #[cfg(target_os = "linux")]
    Executor { name: "monoio", package: Some("monoio"), start: monoio },
    Executor { name: "compio", package: Some("compio"), start: compio },
    #[cfg(target_os = "linux")]
    Executor { name: "glommio", package: Some("glommio"), start: glommio },
    Executor { name: "polls-in-wake", package: None, start: || Ok(Box::new(by_hand::spawn)) },
];

fn tokio_multi_thread() -> Result<Spawn, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    Ok(Box::new(move |task| drop(runtime.spawn(task))))
}

fn tokio_current_thread() -> Result<Spawn, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let handle = runtime.handle().clone();
    thread::spawn(move || runtime.block_on(future::pending::<()>()));
    Ok(Box::new(move |task| drop(handle.spawn(task))))
}

fn smol() -> Result<Spawn, String> {
    Ok(Box::new(|task| smol::spawn(task).detach()))
}

fn async_executor() -> Result<Spawn, String> {
    let executor: &'static _ = Box::leak(Box::new(async_executor::Executor::new()));
    for _ in 0..THREADS {
        thread::spawn(|| smol::block_on(executor.run(future::pending::<()>())));
    }
    Ok(Box::new(|task| executor.spawn(task).detach()))
}

fn futures_thread_pool() -> Result<Spawn, String> {
    let pool = ThreadPool::builder().pool_size(THREADS).create();
    let pool = pool.map_err(|error| error.to_string())?;
    Ok(Box::new(move |task| pool.spawn_ok(task)))
}

fn futures_local_pool() -> Result<Spawn, String> {
    Ok(on_its_own_thread(|inbox| {
        let mut pool = LocalPool::new();
        let spawner = pool.spawner();
        let spawn = move |task| spawner.spawn_local(task).expect("the pool is there");
        pool.run_until(inbox.serve(spawn));
    }))
}

/// It blocks on one future, so each task has a thread.
fn pollster() -> Result<Spawn, String> {
    Ok(Box::new(|task| drop(thread::spawn(|| pollster::block_on(task)))))
}

#[embassy_executor::task]
async fn embassy_inbox(inbox: &'static Inbox, spawner: embassy_executor::Spawner) {
    inbox
        .serve(|task| spawner.spawn(embassy_task(task).expect("the pool of tasks is large enough")))
        .await;
}

/// As many as the largest case has, and some whose memory is not yet free again.
#[embassy_executor::task(pool_size = 128)]
async fn embassy_task(task: BoxFuture<'static, ()>) {
    task.await;
}

fn embassy() -> Result<Spawn, String> {
    Ok(on_its_own_thread(|inbox| {
        let executor = Box::leak(Box::new(embassy_executor::Executor::new()));
        executor.run(|spawner| {
            spawner.spawn(embassy_inbox(inbox, spawner).expect("it is the first"));
        })
    }))
}

#[cfg(target_os = "linux")]
fn monoio() -> Result<Spawn, String> {
    // With epoll where there is no io_uring.
    Ok(on_its_own_thread(|inbox| {
        let runtime = monoio::RuntimeBuilder::<monoio::FusionDriver>::new().build();
        let mut runtime = runtime.expect("io_uring, or else epoll");
        runtime.block_on(inbox.serve(|task| drop(monoio::spawn(task))));
    }))
}

fn compio() -> Result<Spawn, String> {
    Ok(on_its_own_thread(|inbox| {
        let runtime = compio::runtime::Runtime::new().expect("io_uring, or else epoll");
        runtime.block_on(inbox.serve(|task| compio::runtime::spawn(task).detach()));
    }))
}

#[cfg(target_os = "linux")]
fn glommio() -> Result<Spawn, String> {
    let inbox = Inbox::leaked();
    let executor = glommio::LocalExecutorBuilder::default()
        .spawn(|| inbox.serve(|task| drop(glommio::spawn_local(task).detach())));
    executor.map_err(|error| format!("io_uring is not to be had: {error}"))?;
    Ok(Box::new(|task| inbox.put(task)))
}

/// For those whose tasks are spawned on their own thread.
fn on_its_own_thread(run: impl FnOnce(&'static Inbox) + Send + 'static) -> Spawn {
    let inbox = Inbox::leaked();
    thread::spawn(move || run(inbox));
    Box::new(|task| inbox.put(task))
}
