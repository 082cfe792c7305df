//! Links, promise by promise (numbers as in docs/design.md): callbacks in one queue with tasks and threads.

#![cfg(feature = "std")]

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use common::{
    Foreign, MORE_THAN_A_BATCH, Task, has_waiters, in_time, park, parked_foreign, poll, until,
    until_parked,
};
use reveille::{Event, EventWait, Link};

/// What happened, in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<usize>>>);

impl Log {
    fn add(&self, entry: usize) {
        self.0.lock().unwrap().push(entry);
    }

    fn entries(&self) -> Vec<usize> {
        self.0.lock().unwrap().clone()
    }

    /// A callback that logs `entry`.
    fn callback(&self, entry: usize) -> impl FnOnce() + Send + use<> {
        let log = self.clone();
        move || log.add(entry)
    }

    /// How many callbacks are still alive.
    fn live(&self) -> usize {
        Arc::strong_count(&self.0) - 1
    }
}

type Callback = Box<dyn FnOnce() + Send>;

/// Both ways to link a callback: with a handle that borrows the event, and with one that owns it.
const WAYS: [for<'a> fn(&'a Arc<Event>, Callback) -> Link<'a>; 2] =
    [|event, callback| event.link(callback), |event, callback| event.clone().link_owned(callback)];

/// Where a callback finds a link, perhaps its own.
type Slot = Arc<Mutex<Option<Link<'static>>>>;

fn put(slot: &Slot, link: Link<'static>) {
    assert!(slot.lock().unwrap().replace(link).is_none());
}

/// Takes a link out of its slot, with the slot's lock released.
fn take(slot: &Slot) -> Link<'static> {
    slot.lock().unwrap().take().expect("the link is in its slot")
}

/// A wait of `event`, parked with a waker that does `on_wake`.
fn park_foreign(
    event: &Arc<Event>,
    on_wake: impl FnOnce() + Send + 'static,
) -> Pin<Box<EventWait<Arc<Event>>>> {
    let foreign = Arc::new(Foreign::default());
    *foreign.on_wake.lock().unwrap() = Some(Box::new(on_wake));
    parked_foreign(event.clone().wait_owned(), &foreign)
}

/// Does something when it is dropped.
struct OnDrop<F: FnOnce()>(Option<F>);

fn on_drop<F: FnOnce()>(run: F) -> OnDrop<F> {
    OnDrop(Some(run))
}

impl<F: FnOnce()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        if let Some(run) = self.0.take() {
            run();
        }
    }
}

// === 3: one queue ===

#[test]
fn links_tasks_and_blocked_threads_are_one_queue_in_the_order_of_parking() {
    in_time("a thread, then links and tasks", || {
        let event = Arc::new(Event::new());
        let log = Log::default();
        let out = Arc::new(AtomicBool::new(false));
        thread::scope(|threads| {
            threads.spawn(|| {
                event.wait_blocking();
                out.store(true, SeqCst);
            });
            until_parked(&event);
            let second = event.link({
                let (log, out) = (log.clone(), out.clone());
                move || {
                    until("the thread, which parked before, is out", || out.load(SeqCst));
                    log.add(2);
                }
            });
            let third = park_foreign(&event, log.callback(3));
            let fourth = event.link(log.callback(4));
            let fifth = event.link(log.callback(5));
            let sixth = park_foreign(&event, log.callback(6));
            event.set();
            assert_eq!(log.entries(), [2, 3, 4, 5, 6]);
            drop((second, third, fourth, fifth, sixth));
        });
    });
}

#[test]
fn every_link_runs_once_in_its_turn_for_any_number_around_the_batch() {
    let counts = if cfg!(miri) { vec![1, 33, 65] } else { vec![1, 2, 33, 65, 127, 128, 129, 257] };
    for count in counts {
        for every in [1, 2, 3, 33, 128, 129] {
            let event = Arc::new(Event::new());
            let log = Log::default();
            let mut links = Vec::new();
            let mut waits = Vec::new();
            for number in 0..count {
                if number % every == 0 {
                    links.push(event.link(log.callback(number)));
                } else {
                    waits.push(park_foreign(&event, log.callback(number)));
                }
            }
            event.pulse();
            assert!(log.entries().into_iter().eq(0..count), "{count}, each {every}th a link");
            assert!(!has_waiters(&event));
            event.set();
            assert_eq!(log.entries().len(), count, "once");
            assert_eq!(log.live(), 0);
        }
    }
}

#[test]
fn waker_before_a_link_may_unlink_it() {
    in_time("unlink in a waker", || {
        let event = Arc::new(Event::new());
        let log = Log::default();
        let slot = Slot::default();
        let wait = park_foreign(&event, {
            let slot = slot.clone();
            move || assert!(take(&slot).unlink(), "it was taken before its turn")
        });
        put(&slot, event.clone().link_owned(log.callback(0)));
        event.set();
        assert!(slot.lock().unwrap().is_none(), "the waker ran");
        assert_eq!(log.entries(), []);
        drop(wait);
    });
}

#[test]
fn callback_may_cancel_a_wait_behind_it() {
    in_time("the drop of a wait in a callback", || {
        let event = Arc::new(Event::new());
        let behind = Arc::new(Mutex::new(None::<Pin<Box<EventWait<Arc<Event>>>>>));
        let _link = event.link({
            let behind = behind.clone();
            move || drop(behind.lock().unwrap().take().expect("the wait is there"))
        });
        let (cancelled, other) = (Task::new(), Task::new());
        let mut wait = Box::pin(event.clone().wait_owned());
        assert!(poll(wait.as_mut(), &cancelled).is_pending());
        *behind.lock().unwrap() = Some(wait);
        let _last = park(&event, &other);
        event.set();
        assert_eq!((cancelled.wakes(), cancelled.live()), (0, 0), "it was taken before its turn");
        assert_eq!(other.wakes(), 1);
    });
}

// === 5: no foreign code runs under a lock ===

/// All that a callback may do with its event; leaves it as it was.
fn everything(event: &Arc<Event>) {
    let was_set = event.is_set();
    event.clear();
    let task = Task::new();
    let mut wait = Box::pin(event.clone().wait_owned());
    assert!(poll(wait.as_mut(), &task).is_pending());
    drop(park(event, &task));
    let log = Log::default();
    let runs = event.link(log.callback(0));
    assert!(event.link(log.callback(1)).unlink());
    event.clone().link_owned(log.callback(2)).detach();
    event.pulse();
    assert!(poll(wait.as_mut(), &task).is_ready());
    event.set();
    assert!(!runs.unlink());
    let _ = event.link(log.callback(3));
    event.wait_blocking();
    assert!(event.clear());
    assert_eq!(log.entries(), [0, 2, 3]);
    if was_set {
        event.set();
    }
}

/// Runs `act` with 0, 1, 2 and many others parked, which wake once.
fn with_others(what: &'static str, act: impl Fn(&Arc<Event>, Log) + Send + Sync + 'static) {
    let act = Arc::new(act);
    for count in [0, 1, 2, MORE_THAN_A_BATCH] {
        let act = act.clone();
        in_time(what, move || {
            let event = Arc::new(Event::new());
            let task = Task::new();
            let waits: Vec<_> = (0..count).map(|_| park(&event, &task)).collect();
            let log = Log::default();
            act(&event, log.clone());
            assert_eq!(log.entries(), [1], "{what}: it happened, once");
            assert_eq!(task.wakes(), count, "{what}, {count} others");
            drop(waits);
            assert!(!has_waiters(&event));
            assert_eq!((task.live(), Arc::strong_count(&event)), (0, 1));
        });
    }
}

#[test]
fn callback_may_use_its_event_while_it_runs() {
    with_others("everything in a callback", |event, log| {
        let link = event.clone().link_owned({
            let event = event.clone();
            move || {
                everything(&event);
                log.add(1);
            }
        });
        event.set();
        assert!(!link.unlink());
    });
}

#[test]
fn callback_that_runs_immediately_may_use_its_event() {
    with_others("everything at once", |event, log| {
        event.set();
        let link = event.link({
            let event = event.clone();
            move || {
                everything(&event);
                log.add(1);
            }
        });
        assert!(!link.unlink());
    });
}

#[test]
fn callback_may_use_its_event_while_it_is_dropped() {
    /// A callback that captures something that does everything when dropped.
    fn dropping(event: &Arc<Event>, log: Log) -> impl FnOnce() + Send + use<> {
        let event = event.clone();
        let captured = on_drop(move || {
            everything(&event);
            log.add(1);
        });
        move || drop(captured)
    }
    with_others("everything in the drop of an unlinked callback", |event, log| {
        assert!(event.link(dropping(event, log)).unlink());
        event.set();
    });
    with_others("everything in the drop of a callback whose link is dropped", |event, log| {
        drop(event.clone().link_owned(dropping(event, log)));
        event.set();
    });
    with_others("everything in the drop of a callback that has run", |event, log| {
        let _link = event.link(dropping(event, log));
        event.set();
    });
    with_others("everything in the drop of a detached callback", |event, log| {
        // Of another event: its own is not dropped while the callback holds it.
        let other = Arc::new(Event::new());
        other.clone().link_owned(dropping(event, log)).detach();
        drop(other);
        event.set();
    });
}

// === 6: a panic costs nobody else the wake-up ===

/// Sets an event on which `count` waiters are parked, a link and two tasks in turn; those that `panics` names
/// panic: the first with its number, later ones with `()`. Returns what came out of `set`.
fn set_with_panics(count: usize, panics: impl Fn(usize) -> bool) -> Option<usize> {
    let first = (0..count).find(|&number| panics(number));
    let event = Arc::new(Event::new());
    let log = Log::default();
    let (mut links, mut waits) = (Vec::new(), Vec::new());
    for number in 0..count {
        let (entry, panics) = (log.callback(number), panics(number));
        let callback = move || {
            entry();
            match panics {
                true if Some(number) == first => panic_any(number),
                true => panic_any(()),
                false => {}
            }
        };
        if number % 3 == 0 {
            links.push(event.link(callback));
        } else {
            waits.push(park_foreign(&event, callback));
        }
    }
    let outcome = catch_unwind(AssertUnwindSafe(|| event.set()));
    assert!(log.entries().into_iter().eq(0..count), "all ran, each once, in order");
    assert!(!has_waiters(&event));
    assert_eq!(log.live(), 0, "callbacks are left behind");
    assert!(links.into_iter().all(|link| !link.unlink()));

    // The event stays usable.
    assert!(event.clear());
    let again = event.link(log.callback(count));
    event.set();
    assert_eq!(log.entries().len(), count + 1);
    drop(again);
    outcome.err().map(|payload| *payload.downcast::<usize>().expect("the callback's own payload"))
}

/// More than one batch, were there no links. (Under Miri a panic takes its time.)
const CROWD: usize = if cfg!(miri) { 40 } else { 150 };

/// A link.
const MIDDLE: usize = CROWD / 2 / 3 * 3;

#[test]
fn panicking_link_costs_no_waker_and_no_other_link_its_turn() {
    assert_eq!(set_with_panics(CROWD, |number| number == 0), Some(0));
    assert_eq!(set_with_panics(CROWD, |number| number == MIDDLE), Some(MIDDLE));
    assert_eq!(set_with_panics(CROWD, |number| number == CROWD - 1), Some(CROWD - 1));
    assert_eq!(set_with_panics(CROWD, |number| number % 3 == 0), Some(0));
    assert_eq!(set_with_panics(1, |_| true), Some(0));
}

#[test]
fn first_of_many_panics_of_links_and_wakers_propagates_out_of_set() {
    assert_eq!(set_with_panics(CROWD, |number| number % 3 == 1), Some(1));
    assert_eq!(set_with_panics(CROWD, |number| number % 4 == 3), Some(3));
    assert_eq!(set_with_panics(CROWD, |_| true), Some(0));
    assert_eq!(set_with_panics(CROWD, |_| false), None);
}

#[test]
fn panic_in_the_drop_of_a_callback_that_has_run_is_contained_as_its_own() {
    let event = Event::new();
    let log = Log::default();
    let captured = on_drop(|| panic_any("from the drop"));
    let _first = event.link(move || drop(captured));
    let _second = event.link(log.callback(2));
    let payload = catch_unwind(AssertUnwindSafe(|| event.set())).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"from the drop"));
    assert_eq!(log.entries(), [2]);
}

#[test]
fn panic_of_a_callback_that_runs_immediately_goes_to_its_linker_and_leaks_nothing() {
    let event = Arc::new(Event::new());
    let log = Log::default();
    event.set();
    for link in WAYS {
        let entry = log.callback(1);
        let callback = move || {
            entry();
            panic_any("at once");
        };
        let payload = catch_unwind(AssertUnwindSafe(|| drop(link(&event, Box::new(callback)))));
        assert_eq!(payload.unwrap_err().downcast_ref(), Some(&"at once"));
    }
    assert_eq!(log.entries(), [1, 1]);
    assert_eq!((log.live(), Arc::strong_count(&event)), (0, 1));
    assert!(!has_waiters(&event));
    event.clear();
    let _link = event.link(log.callback(2));
    event.set();
    assert_eq!(log.entries(), [1, 1, 2]);
}

#[test]
fn panic_in_the_drop_of_an_unlinked_callback_leaves_the_queue_whole() {
    let event = Arc::new(Event::new());
    let log = Log::default();
    let link = |panics: bool| {
        let (entry, captured) = (log.callback(9), on_drop(move || assert!(!panics, "in the drop")));
        event.clone().link_owned(move || drop((entry, captured)))
    };
    let first = event.link(log.callback(1));
    let (dropped, unlinked) = (link(true), link(true));
    let last = event.link(log.callback(2));
    catch_unwind(AssertUnwindSafe(|| drop(dropped))).unwrap_err();
    catch_unwind(AssertUnwindSafe(|| unlinked.unlink())).unwrap_err();
    assert_eq!((log.live(), Arc::strong_count(&event)), (2, 1), "neither is left behind");
    drop(link(false));
    event.set();
    assert_eq!(log.entries(), [1, 2]);
    drop((first, last));
}

#[test]
fn panics_in_the_drops_of_detached_callbacks_cost_no_other_its_drop() {
    let event = Arc::new(Event::new());
    let log = Log::default();
    for number in 0..300 {
        let dropped = log.callback(number);
        let captured = on_drop(move || {
            dropped();
            match number {
                3 => panic_any("the first"),
                4 | 33 | 129 | 299 => panic_any(()),
                _ => {}
            }
        });
        WAYS[number % 2](&event, Box::new(move || drop(captured))).detach();
    }
    let payload = catch_unwind(AssertUnwindSafe(|| drop(event))).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"the first"));
    assert!(log.entries().into_iter().eq(0..300), "each dropped once, in order");
    assert_eq!(log.live(), 0);
}

// === 7: runs once, in its turn, on the thread that set the event ===

#[test]
fn link_runs_at_the_next_set_and_is_then_gone() {
    let event = Event::new();
    let log = Log::default();
    let link = event.link(log.callback(1));
    assert!(has_waiters(&event));
    assert!(!event.clear());
    assert_eq!(log.entries(), []);
    event.set();
    assert_eq!(log.entries(), [1]);
    assert!(!has_waiters(&event));
    event.set();
    event.clear();
    event.set();
    event.pulse();
    assert_eq!(log.entries(), [1]);
    assert!(!link.unlink());
}

#[test]
fn pulse_runs_links_and_leaves_the_event_clear() {
    let event = Event::new();
    let log = Log::default();
    let _link = event.link(log.callback(1));
    event.pulse();
    assert_eq!((log.entries(), event.is_set()), (vec![1], false));
    let late = event.link(log.callback(2));
    assert_eq!(log.entries(), [1], "it came after the pulse");
    assert!(late.unlink());
}

#[test]
fn link_on_a_set_event_runs_immediately_on_the_linking_thread() {
    let event = Arc::new(Event::new());
    event.set();
    let (log, here) = (Log::default(), thread::current().id());
    let callback = |entry| {
        let log = log.callback(entry);
        move || {
            assert_eq!(thread::current().id(), here);
            log();
        }
    };
    let link = event.link(callback(1));
    assert_eq!(log.entries(), [1]);
    let owned = event.clone().link_owned(callback(2));
    assert_eq!(log.entries(), [1, 2]);
    event.clone().link_owned(callback(3)).detach();
    assert!(!has_waiters(&event));
    assert!(!link.unlink() && !owned.unlink());
    event.clear();
    event.set();
    assert_eq!(log.entries(), [1, 2, 3], "each once");
    assert_eq!((log.live(), Arc::strong_count(&event)), (0, 1));
}

#[test]
fn callback_runs_on_the_thread_that_sets() {
    in_time("a set from another thread", || {
        let event = Event::new();
        let ran_on = Arc::new(Mutex::new(None));
        let _link = event.link({
            let ran_on = ran_on.clone();
            move || *ran_on.lock().unwrap() = Some(thread::current().id())
        });
        let setter = thread::scope(|threads| {
            let setting = threads.spawn(|| {
                event.set();
                thread::current().id()
            });
            setting.join().unwrap()
        });
        assert_eq!(*ran_on.lock().unwrap(), Some(setter));
    });
}

#[test]
fn callback_runs_in_the_task_that_sets_on_tokio() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let event = Arc::new(Event::new());
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let link = event.clone().link_owned(move || sender.send(tokio::task::try_id()).unwrap());
    let setting = runtime.spawn(async move {
        event.set();
        tokio::task::id()
    });
    let (setter, ran_in) = runtime.block_on(async { (setting.await, receiver.await) });
    assert_eq!(ran_in.unwrap(), Some(setter.unwrap()));
    assert!(!link.unlink());
}

#[test]
#[cfg(not(miri))] // Its reactor asks for system calls that Miri does not have.
fn callback_runs_in_the_task_that_sets_on_smol() {
    let event = Arc::new(Event::new());
    let (sender, receiver) = smol::channel::bounded(1);
    let link = event.clone().link_owned(move || {
        sender.try_send(thread::current().id()).unwrap();
    });
    let setting = smol::spawn(async move {
        event.set();
        thread::current().id()
    });
    let (setter, ran_on) = smol::block_on(async { (setting.await, receiver.recv().await) });
    assert_eq!(ran_on, Ok(setter));
    assert!(!link.unlink());
}

// === 7: unlink ===

#[test]
fn unlinked_and_dropped_links_never_run_and_leave_nothing_behind() {
    let event = Arc::new(Event::new());
    let log = Log::default();
    for link in WAYS {
        assert!(link(&event, Box::new(log.callback(1))).unlink());
        drop(link(&event, Box::new(log.callback(2))));
    }
    assert!(!has_waiters(&event));
    assert_eq!((log.live(), Arc::strong_count(&event)), (0, 1));
    event.set();
    assert_eq!(log.entries(), []);
}

#[test]
fn unlinking_one_leaves_the_others_in_their_places() {
    for gone in 0..5 {
        let event = Event::new();
        let log = Log::default();
        let mut links: Vec<_> = (0..5).map(|number| event.link(log.callback(number))).collect();
        assert!(links.remove(gone).unlink());
        event.set();
        assert!(log.entries().into_iter().eq((0..5).filter(|&number| number != gone)));
    }
}

#[test]
fn callback_that_unlinks_itself_gets_false() {
    in_time("unlink in the callback itself", || {
        let event = Arc::new(Event::new());
        let log = Log::default();
        let slot = Slot::default();
        put(
            &slot,
            event.clone().link_owned({
                let (log, slot) = (log.clone(), slot.clone());
                move || log.add(usize::from(take(&slot).unlink()))
            }),
        );
        event.set();
        assert_eq!(log.entries(), [0]);
        assert_eq!((log.live(), Arc::strong_count(&event)), (0, 1));
    });
}

#[test]
fn callback_may_drop_its_own_link() {
    in_time("the drop of a link in its own callback", || {
        let event = Arc::new(Event::new());
        let log = Log::default();
        let slot = Slot::default();
        put(
            &slot,
            event.clone().link_owned({
                let (log, slot) = (log.clone(), slot.clone());
                move || {
                    drop(take(&slot));
                    log.add(1);
                }
            }),
        );
        let _behind = event.link(log.callback(2));
        event.set();
        assert_eq!(log.entries(), [1, 2]);
        assert_eq!((log.live(), Arc::strong_count(&event)), (0, 1));
    });
}

#[test]
fn callback_can_unlink_every_later_one_and_no_earlier_one() {
    in_time("unlink in a callback", || {
        let event = Arc::new(Event::new());
        let log = Log::default();
        let slots: Arc<[Slot; 100]> = Arc::new(std::array::from_fn(|_| Slot::default()));
        for number in 0..100 {
            let (log, others) = (log.clone(), slots.clone());
            let callback = move || {
                log.add(number);
                if number == 50 {
                    for (other, slot) in others.iter().enumerate() {
                        assert_eq!(take(slot).unlink(), other > 50, "the link of number {other}");
                    }
                }
            };
            put(&slots[number], event.clone().link_owned(callback));
        }
        let task = Task::new();
        let wait = park(&event, &task);
        event.set();
        assert!(log.entries().into_iter().eq(0..=50));
        assert_eq!(task.wakes(), 1);
        drop(wait);
        drop(slots);
        assert_eq!((log.live(), Arc::strong_count(&event)), (0, 1));
    });
}

#[test]
fn of_two_links_that_unlink_each_other_exactly_one_runs() {
    in_time("two that unlink each other", || {
        let event = Arc::new(Event::new());
        let log = Log::default();
        let slots: [Slot; 2] = Default::default();
        for number in 0..2 {
            let (log, other) = (log.clone(), slots[1 - number].clone());
            let callback = move || {
                log.add(number);
                assert!(take(&other).unlink(), "the other was taken as well");
            };
            put(&slots[number], event.clone().link_owned(callback));
        }
        event.set();
        assert_eq!(log.entries(), [0]);
        assert!(!take(&slots[0]).unlink());
        drop(slots);
        assert_eq!((log.live(), Arc::strong_count(&event)), (0, 1));
    });
}

/// On two threads at once; the loom model has every interleaving, this has real ones.
#[test]
fn unlink_is_true_if_and_only_if_the_callback_never_runs() {
    in_time("unlink against set", || {
        const ROUNDS: usize = if cfg!(miri) { 20 } else { 10_000 };
        let event = Arc::new(Event::new());
        let turn = Arc::new(Barrier::new(2));
        let setter = thread::spawn({
            let (event, turn) = (event.clone(), turn.clone());
            move || {
                for _ in 0..ROUNDS {
                    turn.wait();
                    event.set();
                    turn.wait();
                }
            }
        });
        for _ in 0..ROUNDS {
            let log = Log::default();
            let links = [(); 3].map(|()| event.link(log.callback(1)));
            turn.wait();
            let unlinked = links.into_iter().map(|link| usize::from(link.unlink()));
            let unlinked: usize = unlinked.sum();
            turn.wait();
            assert_eq!(log.entries().len() + unlinked, 3);
            assert_eq!(log.live(), 0);
            event.clear();
        }
        setter.join().unwrap();
    });
}

#[test]
fn unlink_and_drop_do_not_wait_for_a_callback_that_runs() {
    in_time("unlink of a callback that runs", || {
        let event = Arc::new(Event::new());
        let (running, go) = (Arc::new(Event::new()), Arc::new(Event::new()));
        let callback = || {
            let (running, go) = (running.clone(), go.clone());
            move || {
                running.set();
                go.wait_blocking();
            }
        };
        let unlinked = event.link(callback());
        thread::scope(|threads| {
            let setting = threads.spawn(|| event.set());
            running.wait_blocking();
            assert!(!unlinked.unlink());
            go.set();
            setting.join().unwrap();
        });
        for event in [&running, &go, &event] {
            event.clear();
        }
        let dropped = event.link(callback());
        thread::scope(|threads| {
            threads.spawn(|| event.set());
            running.wait_blocking();
            drop(dropped);
            go.set();
        });
    });
}

// === 7: linking in a callback ===

#[test]
fn link_made_while_draining_on_a_cleared_event_waits_for_the_next_set() {
    in_time("link in a callback", || {
        let event = Arc::new(Event::new());
        let log = Log::default();
        let slot = Slot::default();
        let _link = event.link({
            let (event, log, slot) = (event.clone(), log.clone(), slot.clone());
            move || {
                log.add(1);
                assert!(event.clear());
                put(&slot, event.clone().link_owned(log.callback(3)));
            }
        });
        let _behind = event.link(log.callback(2));
        event.set();
        assert_eq!(log.entries(), [1, 2], "run by the set before it");
        event.set();
        assert_eq!(log.entries(), [1, 2, 3]);
        assert!(!take(&slot).unlink());
    });
}

#[test]
fn link_made_while_a_pulse_drains_waits_for_the_next_set() {
    in_time("link in a callback of a pulse", || {
        let event = Arc::new(Event::new());
        let log = Log::default();
        let _link = event.link({
            let (event, log) = (event.clone(), log.clone());
            move || {
                log.add(1);
                event.clone().link_owned(log.callback(3)).detach();
            }
        });
        // So that the first pulse goes on after the first callback.
        let _behind = event.link(log.callback(2));
        event.pulse();
        assert_eq!(log.entries(), [1, 2]);
        event.pulse();
        assert_eq!(log.entries(), [1, 2, 3]);
    });
}

#[test]
fn callback_that_links_itself_again_recurses_while_the_event_stays_set() {
    fn link_again(event: &Arc<Event>, log: Log, depth: usize) {
        let again = event.clone();
        let callback = move || {
            log.add(depth);
            if depth < 10 {
                link_again(&again, log.clone(), depth + 1);
            }
            log.add(depth);
        };
        event.clone().link_owned(callback).detach();
    }
    let event = Arc::new(Event::new());
    let log = Log::default();
    link_again(&event, log.clone(), 0);
    assert_eq!(log.entries(), []);
    event.set();
    assert!(log.entries().into_iter().eq((0..=10).chain((0..=10).rev())));
    assert_eq!((log.live(), Arc::strong_count(&event)), (0, 1));
}

#[test]
fn callback_that_clears_takes_no_other_turn() {
    let event = Arc::new(Event::new());
    let log = Log::default();
    let _clears = event.link({
        let event = event.clone();
        move || assert!(event.clear())
    });
    let task = Task::new();
    let mut wait = park(&event, &task);
    let _behind = event.link(log.callback(1));
    event.set();
    assert_eq!((log.entries(), task.wakes()), (vec![1], 1));
    assert!(poll(wait.as_mut(), &task).is_ready());
    assert!(!event.is_set());
}

#[test]
fn callback_may_block_on_another_event() {
    in_time("a blocking wait in a callback", || {
        let event = Event::new();
        let other = Arc::new(Event::new());
        let log = Log::default();
        let _link = event.link({
            let (other, log) = (other.clone(), log.clone());
            move || {
                other.wait_blocking();
                log.add(1);
            }
        });
        thread::scope(|threads| {
            threads.spawn(|| {
                until_parked(&other);
                other.set();
            });
            event.set();
        });
        assert_eq!(log.entries(), [1]);
    });
}

// === Detached links, and what links keep alive ===

#[test]
fn detached_link_runs_once_without_a_handle() {
    for link in WAYS {
        let event = Arc::new(Event::new());
        let log = Log::default();
        link(&event, Box::new(log.callback(1))).detach();
        assert_eq!(Arc::strong_count(&event), 1, "it does not keep the event alive");
        assert_eq!((log.entries(), log.live()), (vec![], 1));
        event.set();
        event.clear();
        event.set();
        assert_eq!((log.entries(), log.live()), (vec![1], 0));
    }
}

#[test]
fn detached_link_runs_in_its_turn() {
    for link in WAYS {
        let event = Arc::new(Event::new());
        let log = Log::default();
        let first = park_foreign(&event, log.callback(1));
        link(&event, Box::new(log.callback(2))).detach();
        let third = event.link(log.callback(3));
        event.set();
        assert_eq!(log.entries(), [1, 2, 3]);
        drop((first, third));
    }
}

#[test]
fn detached_link_of_an_event_that_is_dropped_is_dropped_and_does_not_run() {
    for link in WAYS {
        let log = Log::default();
        let event = Arc::new(Event::new());
        for number in 0..100 {
            link(&event, Box::new(log.callback(number))).detach();
        }
        assert_eq!(log.live(), 100);
        drop(event);
        assert_eq!((log.entries(), log.live()), (vec![], 0));
    }
}

#[test]
fn detach_can_be_the_last_use_of_an_event() {
    let log = Log::default();
    Arc::new(Event::new()).link_owned(log.callback(1)).detach();
    assert_eq!((log.entries(), log.live()), (vec![], 0));
}

/// It compiles: a handle on an event in a static goes wherever one that owns its event does.
#[test]
fn link_on_a_static_is_static() {
    static EVENT: Event = Event::new();
    let log = Log::default();
    let slot = Slot::default();
    put(&slot, EVENT.link(log.callback(1)));
    thread::spawn(|| EVENT.set()).join().unwrap();
    assert_eq!(log.entries(), [1]);
    assert!(!take(&slot).unlink());
    assert!(EVENT.clear());
    let link: Link<'static> = EVENT.link(log.callback(2));
    assert!(thread::spawn(|| link.unlink()).join().unwrap());
    EVENT.link(log.callback(3)).detach();
    EVENT.set();
    assert_eq!(log.entries(), [1, 3]);
}

#[test]
fn link_keeps_its_event_alive_if_it_is_owned() {
    let event = Arc::new(Event::new());
    let weak = Arc::downgrade(&event);
    let log = Log::default();
    let link = event.link_owned(log.callback(1));
    weak.upgrade().expect("the link holds it").set();
    assert_eq!(log.entries(), [1]);
    assert!(!link.unlink());
    assert!(weak.upgrade().is_none());
}

#[test]
fn link_that_captures_its_own_event_leaks_nothing_when_dropped_or_run() {
    in_time("a callback that holds its own event", || {
        let capture = |event: &Arc<Event>| {
            let event = event.clone();
            move || drop(event)
        };
        let event = Arc::new(Event::new());
        let weak = Arc::downgrade(&event);
        let (dropped, unlinked, run) = (capture(&event), capture(&event), capture(&event));
        drop(event.clone().link_owned(dropped));
        assert!(event.clone().link_owned(unlinked).unlink());
        assert_eq!(Arc::strong_count(&event), 2);
        let link = event.clone().link_owned(run);
        event.set();
        assert_eq!(Arc::strong_count(&event), 2);
        drop((event, link));
        assert!(weak.upgrade().is_none());

        // The callback's and the handle's are the last two.
        let event = Arc::new(Event::new());
        let weak = Arc::downgrade(&event);
        let callback = capture(&event);
        drop(event.link_owned(callback));
        assert!(weak.upgrade().is_none());
    });
}

#[test]
fn detached_link_that_captures_its_own_event_keeps_it_alive_until_it_runs() {
    for link in WAYS {
        let event = Arc::new(Event::new());
        let weak = Arc::downgrade(&event);
        let callback = {
            let event = event.clone();
            move || assert!(event.is_set())
        };
        link(&event, Box::new(callback)).detach();
        drop(event);
        weak.upgrade().expect("the callback holds it").set();
        assert!(weak.upgrade().is_none());
    }
}

/// A leaked wait stands in the list when its event is dropped, and so does a leaked link.
#[test]
fn event_with_leaked_waits_and_links_is_dropped_without_harm() {
    let log = Log::default();
    let task = Task::new();
    let event = Event::new();
    common::leak(park(&event, &task));
    common::leak(event.link(log.callback(1)));
    common::leak(park(&event, &task));
    // It may move: the list's nodes do not point at it.
    let event = Arc::new(event);
    event.clone().link_owned(log.callback(2)).detach();
    drop(event);
    assert_eq!((log.entries(), task.wakes()), (vec![], 0));
    assert_eq!((log.live(), task.live()), (1, 0), "the leaked handle's callback alone is left");
}
