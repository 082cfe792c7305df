//! How tasks get to an executor whose tasks must be spawned on its own thread: they are put into a
//! queue, and a task there spawns what it finds. It waits by the worker's loop of the guide.

use futures::future::BoxFuture;
use reveille::Event;
use std::{collections::VecDeque, mem, sync::Mutex};

/// Tasks on their way.
#[derive(Default)]
pub(crate) struct Inbox {
    tasks: Mutex<VecDeque<BoxFuture<'static, ()>>>,
    something: Event,
}

impl Inbox {
    /// One for the rest of the process.
    pub(crate) fn leaked() -> &'static Self {
        Box::leak(Box::default())
    }

    pub(crate) fn put(&self, task: BoxFuture<'static, ()>) {
        self.tasks.lock().unwrap().push_back(task);
        self.something.set();
    }

    /// Spawns what comes, for ever.
    pub(crate) async fn serve(&self, mut spawn: impl FnMut(BoxFuture<'static, ()>)) {
        loop {
            self.something.wait().await;
            self.something.clear();
            // Not while it is locked: an executor may poll a task as it is spawned.
            let tasks = mem::take(&mut *self.tasks.lock().unwrap());
            tasks.into_iter().for_each(&mut spawn);
        }
    }
}
