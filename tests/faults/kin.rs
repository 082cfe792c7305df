//! After `fork`: waits of every type are served in the child and in its child, and the parent's own
//! neither notice nor are held up. (tests/fork.rs has what a flag may not do there.)

use std::pin::Pin;
use std::sync::Arc;
use std::thread;

use reveille::{AsyncResult, Event, ThreadSafeFlag, ValueEvent, WaitableEvent};

use crate::common::{Task, in_time, poll, set_and_see_it, until};
use crate::stage::play;
use crate::system;

/// One of each type.
struct Family {
    event: Event,
    flag: ThreadSafeFlag,
    result: AsyncResult<u8, ()>,
    value: ValueEvent<u8, ()>,
}

/// How many children there are, each of a parent in the midst of something else.
const CHILDREN: usize = 20;

#[test]
fn waits_of_every_type_are_served_in_a_child_and_in_its_parent() {
    play("kin::waits_of_every_type_are_served_in_a_child_and_in_its_parent", |watchdog| {
        let (parents, task) = (Family::new(), Task::new());
        let mut waits = parents.park(&task);
        // The courier, and this thread's parker, are there before the child is.
        serve_all_kinds();
        for child in 0..CHILDREN {
            thread::scope(|threads| {
                let work = threads.spawn(|| (0..10).for_each(|_| serve_all_kinds()));
                let ended = system::in_a_child(|| {
                    serve_all_kinds();
                    let ended = system::in_a_child(serve_all_kinds);
                    assert!(ended.success(), "the child's child: {ended}");
                    // What the parent's tasks wait for is here, too, and theirs alone.
                    parents.set();
                });
                assert!(ended.success(), "child {child}: {ended}");
                work.join().unwrap();
            });
            watchdog.lap();
        }
        assert_eq!(task.wakes(), 0, "woken by a set of the child");
        for wait in &mut waits {
            assert!(poll(wait.as_mut(), &task).is_pending());
        }
        parents.set();
        until("all four tasks of the parent are woken", || task.wakes() == 4);
        for wait in &mut waits {
            assert!(poll(wait.as_mut(), &task).is_ready());
        }
        serve_all_kinds();
    });
}

/// A thread that blocks and a task, on fresh ones.
fn serve_all_kinds() {
    in_time("a wait of some type", || {
        let (family, task) = (Arc::new(Family::new()), Task::new());
        let mut waits = family.park(&task);
        thread::scope(|threads| {
            let blocked = [
                threads.spawn(|| family.event.wait_blocking()),
                threads.spawn(|| assert_eq!(family.result.wait_blocking(), Ok(&7))),
                threads.spawn(|| assert_eq!(family.value.wait_blocking(), Ok(7))),
            ];
            family.set();
            for thread in blocked {
                thread.join().unwrap();
            }
        });
        until("all four tasks are woken", || task.wakes() == 4);
        for wait in &mut waits {
            assert!(poll(wait.as_mut(), &task).is_ready());
        }
        set_and_see_it(&family.flag);
        let waitable = WaitableEvent::new().unwrap();
        thread::scope(|threads| {
            threads.spawn(|| waitable.wait_blocking());
            waitable.set();
        });
    });
}

// === impl Family ===

impl Family {
    fn new() -> Self {
        Self {
            event: Event::new(),
            flag: ThreadSafeFlag::new(),
            result: AsyncResult::new(),
            value: ValueEvent::new(),
        }
    }

    /// A task that waits for each.
    fn park<'a>(&'a self, task: &Arc<Task>) -> [Pin<Box<dyn Future<Output = ()> + 'a>>; 4] {
        let mut waits: [Pin<Box<dyn Future<Output = ()> + 'a>>; 4] = [
            Box::pin(self.event.wait()),
            Box::pin(self.flag.wait()),
            Box::pin(async { assert_eq!(self.result.wait().await, Ok(&7)) }),
            Box::pin(async { assert_eq!(self.value.wait().await, Ok(7)) }),
        ];
        for wait in &mut waits {
            assert!(poll(wait.as_mut(), task).is_pending());
        }
        waits
    }

    fn set(&self) {
        self.event.set();
        self.flag.set();
        self.result.set(7).unwrap();
        self.value.send(7).unwrap();
    }
}
