//! Models of links: that each runs once or was unlinked, and what its callback sees.

use core::sync::atomic::{AtomicUsize as Count, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::Arc;

use loom::sync::atomic::AtomicUsize;
use loom::thread;

use super::model;
use crate::{Event, Link};

/// An event, and what its setter writes before it sets it.
struct Scene {
    event: Arc<Event>,
    payload: AtomicUsize,
    runs: Count,
}

impl Scene {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            event: Arc::new(Event::new()),
            payload: AtomicUsize::new(0),
            runs: Count::new(0),
        })
    }

    /// Links a callback that looks at what the setter has written.
    fn link(self: &Arc<Self>) -> Link<'static> {
        let scene = Arc::clone(self);
        Arc::clone(&self.event).link_owned(move || {
            assert_eq!(scene.payload.load(Relaxed), 1);
            scene.runs.fetch_add(1, SeqCst);
        })
    }

    fn set(self: &Arc<Self>, how: fn(&Event)) -> thread::JoinHandle<()> {
        let scene = Arc::clone(self);
        thread::spawn(move || {
            scene.payload.store(1, Relaxed);
            how(&scene.event);
        })
    }

    /// How many callbacks have run; and none that has not is left.
    fn runs(self: &Arc<Self>) -> usize {
        assert_eq!(Arc::strong_count(self), 1);
        self.runs.load(SeqCst)
    }
}

/// Catches an `unlink` that returns what it saw before it had the lock, one that takes a callback out
/// and returns that it did not, and one that leaves it in: `unlink_leaves_it_in`.
#[test]
fn unlink_is_true_if_and_only_if_the_callback_never_runs() {
    model(|| {
        let scene = Scene::new();
        let link = scene.link();
        let setter = scene.set(Event::set);
        let unlinked = link.unlink();
        setter.join().unwrap();
        assert_eq!(scene.runs(), usize::from(!unlinked));
    });
}

/// Catches the same beside another drain and another link: `unlink_leaves_it_in`.
#[test]
fn two_sets_run_each_of_two_links_once_unless_it_is_unlinked() {
    model(|| {
        let scene = Scene::new();
        let (stays, goes) = (scene.link(), scene.link());
        scene.payload.store(1, Relaxed);
        let setters = [Event::set, Event::pulse].map(|how| scene.set(how));
        let unlinked = goes.unlink();
        for setter in setters {
            setter.join().unwrap();
        }
        assert!(!stays.unlink());
        assert_eq!(scene.runs(), 1 + usize::from(!unlinked));
    });
}

/// Two drains may take one each. Catches an `unlink` whose answer is wrong just then, and one that
/// waits for the callback, which waits for it: `unlink_says_true_of_one_that_was_taken`.
#[test]
fn of_two_links_that_unlink_each_other_at_least_one_runs_beside_another_drain() {
    type Slot = Arc<std::sync::Mutex<Option<Link<'static>>>>;
    model(|| {
        let event = Arc::new(Event::new());
        let (runs, unlinked) = (Arc::new(Count::new(0)), Arc::new(Count::new(0)));
        let slots: [Slot; 2] = Default::default();
        for number in 0..2 {
            let (runs, unlinked) = (Arc::clone(&runs), Arc::clone(&unlinked));
            let other = Arc::clone(&slots[1 - number]);
            let link = Arc::clone(&event).link_owned(move || {
                runs.fetch_add(1, SeqCst);
                let other = other.lock().unwrap().take().expect("only this callback takes it");
                unlinked.fetch_add(usize::from(other.unlink()), SeqCst);
            });
            *slots[number].lock().unwrap() = Some(link);
        }
        let other = thread::spawn({
            let event = Arc::clone(&event);
            move || event.pulse()
        });
        event.set();
        other.join().unwrap();
        let (runs, unlinked) = (runs.load(SeqCst), unlinked.load(SeqCst));
        assert!(runs >= 1 && runs + unlinked == 2, "{runs} ran, {unlinked} were unlinked");
    });
}

/// Catches a callback that gets lost between the look and the lock, and a look without Acquire:
/// `link_that_finds_it_set_is_lost`.
#[test]
fn link_made_while_the_set_comes_runs_once_and_sees_what_came_before_it() {
    made_while_it_comes(Event::set);
}

/// Catches the same where the set has come and gone: `link_that_finds_it_set_is_lost`.
#[test]
fn link_made_while_a_pulse_comes_runs_once_or_waits_for_the_next() {
    made_while_it_comes(Event::pulse);
}

fn made_while_it_comes(how: fn(&Event)) {
    model(move || {
        let scene = Scene::new();
        let setter = scene.set(how);
        let link = scene.link();
        setter.join().unwrap();
        // After a pulse that came first, it waits.
        let waits = link.unlink();
        assert!(!waits || !scene.event.is_set());
        assert_eq!(scene.runs(), usize::from(!waits));
    });
}
