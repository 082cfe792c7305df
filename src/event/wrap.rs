//! Promises of an event whose generations wrap: with 32 bits after 2³⁰ clears, with 64 never in practice.
//! Here they begin near their end, so that both are tried.

use core::pin::{Pin, pin};
use core::task::{Context, Waker};
use std::sync::{Arc, Mutex};
use std::task::Wake;

use crate::event::{Event, EventWait};
use crate::raw::batch::CAPACITY;
use crate::raw::queue::Queue;

/// How many generations there are.
const ALL: usize = 1 << (usize::BITS - 2);

fn before_the_wrap(clears: usize) -> Event {
    Event { queue: Queue::before_the_wrap(clears) }
}

fn is_ready(wait: Pin<&mut EventWait<&Event>>) -> bool {
    wait.poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

#[test]
fn waits_are_released_by_their_own_set_and_no_other_before_and_after_the_wrap() {
    let event = before_the_wrap(5);
    for round in 0..10 {
        let (mut parked, mut fresh) = (pin!(event.wait()), pin!(event.wait()));
        assert!(!is_ready(parked.as_mut()), "round {round}: it is not set");
        if round % 2 == 0 {
            event.set();
            assert!(event.is_set() && event.clear());
        } else {
            event.pulse();
        }
        let mut late = pin!(event.wait());
        assert!(is_ready(parked) && is_ready(fresh.as_mut()), "round {round}");
        assert!(!is_ready(late.as_mut()), "round {round}: it came after the clear");
        assert!(!event.is_set() && !event.clear());
    }
}

#[test]
fn waiters_on_both_sides_of_the_wrap_keep_their_turn() {
    /// Records its number when it is woken.
    struct Numbered(usize, Arc<Mutex<Vec<usize>>>);
    impl Wake for Numbered {
        fn wake(self: Arc<Self>) {
            self.1.lock().unwrap().push(self.0);
        }
    }

    let (event, woken) = (before_the_wrap(1), Arc::default());
    let park = |number: usize| {
        let waker = Waker::from(Arc::new(Numbered(number, Arc::clone(&woken))));
        let mut wait = Box::pin(event.wait());
        assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        wait
    };
    let mut last: Vec<_> = (0..3).map(park).collect();
    event.pulse();
    let mut first: Vec<_> = (3..6).map(park).collect();
    assert_eq!(*woken.lock().unwrap(), [0, 1, 2]);
    event.set();
    assert_eq!(*woken.lock().unwrap(), [0, 1, 2, 3, 4, 5]);
    assert!(last.iter_mut().chain(&mut first).all(|wait| is_ready(wait.as_mut())));
}

/// Catches a `set` that takes the last generation for newer than the first: it stops before those whom
/// an earlier `set` has yet to wake.
#[test]
fn set_after_the_wrap_wakes_the_waiters_that_the_set_before_it_has_left() {
    /// Clears and sets the event when it is woken; counts who has been woken when that is done.
    struct Nested {
        event: Event,
        woken: Arc<Count>,
        found: Mutex<usize>,
    }
    impl Wake for Nested {
        fn wake(self: Arc<Self>) {
            assert!(self.event.clear());
            self.event.set();
            *self.found.lock().unwrap() = *self.woken.0.lock().unwrap();
        }
    }
    #[derive(Default)]
    struct Count(Mutex<usize>);
    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            *self.0.lock().unwrap() += 1;
        }
    }

    // More than are taken at a time, after the first one.
    const OTHERS: usize = CAPACITY + 8;
    let woken = Arc::<Count>::default();
    let nested = Arc::new(Nested {
        event: before_the_wrap(1),
        woken: Arc::clone(&woken),
        found: Mutex::new(0),
    });
    let park = |waker: Waker| {
        let mut wait = Box::pin(nested.event.wait());
        assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        wait
    };
    let first = park(Waker::from(Arc::clone(&nested)));
    let others: Vec<_> = (0..OTHERS).map(|_| park(Waker::from(Arc::clone(&woken)))).collect();
    nested.event.set();
    // Those that were taken with the first one are woken after it.
    assert!(*nested.found.lock().unwrap() > 0, "the second set has woken no waiter");
    assert_eq!(*woken.0.lock().unwrap(), OTHERS);
    assert!([first].into_iter().chain(others).all(|mut wait| is_ready(wait.as_mut())));
}

/// The limit that the documentation of `Event::wait` states, to the clear.
#[test]
fn unpolled_wait_misses_all_generations_and_neither_one_less_nor_one_more() {
    for (clears, is_missed) in [(ALL - 1, false), (ALL, true), (ALL + 1, false)] {
        let event = Event::new();
        let mut wait = pin!(event.wait());
        event.queue.pass(clears);
        assert_eq!(is_ready(wait.as_mut()), !is_missed, "{clears} clears");
    }
}
