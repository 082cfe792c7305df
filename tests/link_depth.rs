//! The depth of links: a callback sets the next event, and a dropped callback drops the next event,
//! one inside the other.
//!
//! A thread that overflows its stack ends its process, so each test runs in one of its own.

#![cfg(all(feature = "std", unix, not(miri)))]

#[path = "signals/stage.rs"]
mod stage;
#[path = "signals/system.rs"]
#[allow(dead_code, reason = "the stress tests of signals use the rest")]
mod system;
#[path = "stress/watch.rs"]
#[allow(dead_code, reason = "a stress test uses the rest")]
mod watch;

use std::sync::Arc;
use std::thread;

use reveille::Event;

use stage::play;

/// How deep the links go. Without optimization the frames are about eight times as large.
const LINKS: usize = if cfg!(debug_assertions) { 1_000 } else { 10_000 };

const STACK: usize = 2 * 1024 * 1024;

/// Events, each with a detached link that sets the next one and keeps it alive.
fn chain() -> Vec<Arc<Event>> {
    let events: Vec<_> = (0..=LINKS).map(|_| Arc::new(Event::new())).collect();
    for pair in events.windows(2) {
        let next = pair[1].clone();
        pair[0].clone().link_owned(move || next.set()).detach();
    }
    events
}

fn on_a_small_stack(act: impl FnOnce() + Send + 'static) {
    thread::Builder::new().stack_size(STACK).spawn(act).unwrap().join().unwrap();
}

#[test]
fn links_that_each_set_the_next_event_need_less_than_2_mib_of_stack() {
    play("links_that_each_set_the_next_event_need_less_than_2_mib_of_stack", |_| {
        let events = chain();
        on_a_small_stack(move || {
            events[0].set();
            assert!(events.iter().all(|event| event.is_set()));
        });
    });
}

#[test]
fn detached_links_that_each_keep_the_next_event_alive_are_dropped_in_less_than_2_mib_of_stack() {
    let name = "detached_links_that_each_keep_the_next_event_alive_are_dropped_in_less_than_2_mib_of_stack";
    play(name, |_| {
        let mut events = chain();
        let last = Arc::downgrade(&events[LINKS]);
        events.truncate(1);
        on_a_small_stack(move || drop(events));
        assert_eq!(last.strong_count(), 0, "the last event is dropped");
    });
}
