//! Spawns the tasks of a case, waits for the end of all of them, and names the tasks that do not
//! end.
//!
//! No case sleeps or measures time; a lost wake-up becomes a message after [`PATIENCE`].

use crate::executors::Spawn;
use futures::future::{BoxFuture, FutureExt as _};
use std::{
    any::Any,
    panic::AssertUnwindSafe,
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::{Duration, Instant},
};

/// How long a case may take before what it waits for counts as lost.
const PATIENCE: Duration = Duration::from_secs(20);

/// An executor, and how cases are played on it.
pub(crate) struct Stage {
    spawn: Spawn,
}

/// Tasks that play.
pub(crate) struct Troupe {
    count: usize,
    ends: Receiver<(usize, Result<(), String>)>,
}

// === impl Stage ===

impl Stage {
    pub(crate) fn new(spawn: Spawn) -> Self {
        Self { spawn }
    }

    /// Spawns all of them, and returns.
    pub(crate) fn begin(&self, tasks: Vec<BoxFuture<'static, ()>>) -> Troupe {
        let (sender, ends) = channel();
        let count = tasks.len();
        for (number, task) in tasks.into_iter().enumerate() {
            (self.spawn)(Box::pin(watched(number, task, sender.clone())));
        }
        Troupe { count, ends }
    }

    /// Spawns all of them, and waits for their end.
    pub(crate) fn play(&self, tasks: Vec<BoxFuture<'static, ()>>) -> Result<(), String> {
        self.begin(tasks).end()
    }
}

async fn watched(
    number: usize,
    task: BoxFuture<'static, ()>,
    sender: Sender<(usize, Result<(), String>)>,
) {
    let ended = AssertUnwindSafe(task).catch_unwind().await;
    // The receiver has gone if the case has failed.
    let _ = sender.send((number, ended.map_err(|payload| words_of(&*payload))));
}

fn words_of(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    format!("panicked: {}", text.unwrap_or_default())
}

// === impl Troupe ===

impl Troupe {
    /// Waits for the end of all; fails with the first that panics, or with the numbers of those
    /// missing.
    pub(crate) fn end(self) -> Result<(), String> {
        let mut missing: Vec<usize> = (0..self.count).collect();
        let deadline = Instant::now() + PATIENCE;
        while !missing.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok((number, ended)) = self.ends.recv_timeout(left) else {
                return Err(format!("of {} tasks these hang: {missing:?}", self.count));
            };
            ended.map_err(|why| format!("task {number} {why}"))?;
            missing.retain(|&other| other != number);
        }
        Ok(())
    }
}

/// Waits until `holds`, on a thread of no executor; `what` names the condition in the error.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) -> Result<(), String> {
    let start = Instant::now();
    while !holds() {
        if start.elapsed() > PATIENCE {
            return Err(format!("{what}: not after {PATIENCE:?}"));
        }
        thread::yield_now();
    }
    Ok(())
}
