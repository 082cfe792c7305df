//! `mem::forget` of a parked future: it stays in its queue forever, with its memory. That harms neither
//! its neighbours in the queue, nor the drop of what it waits for, nor the next user of that memory. One
//! thing it does block: the waiters behind it in the queue of a `ThreadSafeFlag`.

use std::mem;
use std::pin::Pin;
use std::sync::Mutex;

use reveille::{AsyncResult, Event, ThreadSafeFlag, ValueEvent};

use crate::common::{Task, poll};

type Boxed<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// One of the types, as far as it matters here.
trait Subject: Default {
    /// What it does to those who wait is done when this returns.
    fn set(&self);
    fn wait(&self) -> Boxed<'_>;

    /// Whether one `set` releases all, or the first alone.
    const ALL: bool = true;

    /// Whether the drop takes the wakers of those who are left.
    const LETS_GO: bool = true;
}

/// How many there are after it that may get its memory.
const LATER: usize = if cfg!(miri) { 5 } else { 1_000 };

#[test]
fn forgotten_wait_of_an_event_is_harmless() {
    forget_waits_of::<Event>();
}

#[test]
fn forgotten_wait_of_a_flag_harms_nothing_but_its_queue() {
    forget_waits_of::<ThreadSafeFlag>();
}

#[test]
fn forgotten_wait_of_a_result_is_harmless() {
    forget_waits_of::<AsyncResult<String, String>>();
}

#[test]
fn forgotten_wait_of_a_value_event_is_harmless() {
    forget_waits_of::<ValueEvent<String, String>>();
}

/// At the front, in the middle and at the end of the queue; set before the drop, or not.
fn forget_waits_of<T: Subject>() {
    for place in 0..3 {
        for is_set in [false, true] {
            let subject = Box::new(T::default());
            let (task, forgotten) = (Task::new(), Task::new());
            let mut waits: Vec<_> = (0..2).map(|_| subject.wait()).collect();
            for at in 0..=2 {
                if at == place {
                    let mut wait = subject.wait();
                    assert!(poll(wait.as_mut(), &forgotten).is_pending());
                    forget(wait);
                }
                if let Some(wait) = waits.get_mut(at) {
                    assert!(poll(wait.as_mut(), &task).is_pending());
                }
            }
            // One beside it leaves, another comes.
            drop(waits.swap_remove(0));
            waits.push(subject.wait());
            assert!(poll(waits[1].as_mut(), &task).is_pending());
            if is_set {
                subject.set();
                let released = if T::ALL { 2 } else { usize::from(place == 2) };
                assert_eq!(task.wakes(), released);
                assert_eq!(forgotten.wakes(), usize::from(T::ALL || place < 2));
                let ready = waits.iter_mut().map(|wait| poll(wait.as_mut(), &task).is_ready());
                assert_eq!(ready.filter(|&ready| ready).count(), released);
            }
            drop(waits);
            assert_eq!(task.live(), 0);
            let wakes = forgotten.wakes();
            drop(subject);
            assert_eq!(forgotten.live(), usize::from(wakes == 0 && !T::LETS_GO));
            serve_others::<T>();
            assert_eq!(forgotten.wakes(), wakes, "woken by what it does not wait for");
        }
    }
}

/// Others of its kind, in memory that it may have left, and with what it may have given back.
fn serve_others<T: Subject>() {
    for _ in 0..LATER {
        let (subject, task) = (Box::new(T::default()), Task::new());
        let mut wait = subject.wait();
        assert!(poll(wait.as_mut(), &task).is_pending());
        assert_eq!(task.wakes(), 0);
        subject.set();
        assert!(task.wakes() > 0, "not woken by the set");
        assert!(poll(wait.as_mut(), &task).is_ready());
    }
}

/// Keeps its address where Miri looks, which calls a leak a leak.
fn forget(future: Boxed<'_>) {
    static LEAKED: Mutex<Vec<Leaked>> = Mutex::new(Vec::new());

    struct Leaked(#[allow(dead_code, reason = "to be found")] *const ());

    // SAFETY: an address that nobody goes to.
    unsafe impl Send for Leaked {}

    let address = (&raw const *future).cast();
    mem::forget(future);
    LEAKED.lock().unwrap().push(Leaked(address));
}

// === impl Subject ===

impl Subject for Event {
    fn set(&self) {
        Event::set(self);
    }

    fn wait(&self) -> Boxed<'_> {
        Box::pin(Event::wait(self))
    }
}

impl Subject for ThreadSafeFlag {
    const ALL: bool = false;
    const LETS_GO: bool = false;

    fn set(&self) {
        self.set_direct();
    }

    fn wait(&self) -> Boxed<'_> {
        Box::pin(ThreadSafeFlag::wait(self))
    }
}

impl Subject for AsyncResult<String, String> {
    fn set(&self) {
        AsyncResult::set(self, "done".into()).unwrap();
    }

    fn wait(&self) -> Boxed<'_> {
        Box::pin(async { assert_eq!(AsyncResult::wait(self).await.unwrap(), "done") })
    }
}

impl Subject for ValueEvent<String, String> {
    /// Its wait owns the round.
    const LETS_GO: bool = false;

    fn set(&self) {
        self.send("done".into()).unwrap();
    }

    fn wait(&self) -> Boxed<'_> {
        Box::pin(async { assert_eq!(ValueEvent::wait(self).await.unwrap(), "done") })
    }
}
