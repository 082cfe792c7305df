//! Two threads that begin each round in the same moment, polling by hand: every round has one right
//! outcome, and it is there to be looked at when both have met again.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::task::{Context, Wake, Waker};
use std::thread;

use reveille::{Event, EventWait};

use crate::watch::{Rng, Watchdog, alone, report, rounds, seed, spin, spin_until};

/// Where the two meet, at the beginning and at the end of a round.
#[derive(Default)]
struct Lockstep {
    arrivals: AtomicU64,
    over: AtomicBool,
}

/// Lets the other go home, also when the one who holds it panics.
struct GoHome<'a>(&'a Lockstep);

/// A waker that knows whether it was woken.
#[derive(Default)]
struct Bell(AtomicBool);

/// More than a `set` takes from the queue at a time, so that it stays busy for a while.
const CROWD: usize = if cfg!(miri) { 33 } else { 150 };

/// One wait parks, one is cancelled and one changes its waker while the event is set. Catches a park
/// that does not look again once it holds the lock, and a cancel that forgets those who stay.
#[test]
fn waits_that_park_move_and_leave_during_a_set_are_released() {
    race(
        "of a set against waits that park, move and leave",
        |event, rng| match rng.below(3) {
            0 => event.set(),
            1 => event.pulse(),
            _ => {
                event.set();
                event.clear();
            }
        },
        |event, rng, round| {
            let bells: [Arc<Bell>; 3] = Default::default();
            let mut parking = pin!(event.wait());
            let mut moving = pin!(event.wait());
            let mut leaving = Box::pin(event.wait());
            // If the queue is empty, the one that parks has to announce itself.
            let empty = rng.coin();
            if !empty {
                assert!(!ring(moving.as_mut(), &bells[0]));
                assert!(!ring(leaving.as_mut(), &bells[0]));
            }

            round.meet();
            spin(rng.below(100));
            let mut parked = || ring(parking.as_mut(), &bells[1]);
            let ready = if rng.coin() { parked() } else { false };
            drop(leaving);
            let ready = ready || parked();
            let moved = !empty && rng.coin();
            let moved_ready = moved && ring(moving.as_mut(), &bells[2]);
            round.meet();

            assert!(ready || bells[1].rang(), "the wait that parked sleeps on");
            let bell = if moved { &bells[2] } else { &bells[0] };
            assert!(empty || moved_ready || bell.rang(), "the wait that was there sleeps on");
            assert!(ring(parking, &bells[1]), "the wait that parked was woken for nothing");
            assert!(ring(moving, &bells[1]), "the wait that was there was woken for nothing");
            event.clear();
        },
    );
}

/// Catches a `set` that takes from the queue whoever it meets.
#[test]
fn wait_made_after_a_clear_is_not_released_by_the_set_before_it() {
    race(
        "of a set against a wait made after its clear",
        |event, _| event.set(),
        |event, _, round| {
            let bell = Arc::default();
            let mut crowd: Vec<_> = (0..CROWD).map(|_| Box::pin(event.wait())).collect();
            for wait in &mut crowd {
                assert!(!ring(wait.as_mut(), &bell));
            }

            round.meet();
            spin_until(|| event.clear());
            let bell_of_the_late = Arc::default();
            let mut late = pin!(event.wait());
            assert!(!ring(late.as_mut(), &bell_of_the_late), "released when it was made");
            round.meet();

            assert!(!ring(late, &bell_of_the_late), "released by a set before it");
            assert!(!bell_of_the_late.rang(), "woken by a set before it");
            for wait in &mut crowd {
                assert!(ring(wait.as_mut(), &bell), "not released by the set");
            }
        },
    );
}

/// Runs `wait` on this thread against `set` on another, round by round.
fn race(
    name: &str,
    set: impl Fn(&Event, &mut Rng) + Sync,
    mut wait: impl FnMut(&Event, &mut Rng, &Lockstep),
) {
    let _turn = alone();
    let seed = seed();
    let mut rng = Rng::new(seed);
    let mut rng_of_setter = rng.fork();
    let watchdog = Watchdog::new(move || format!("a round does not end (seed {seed})"));
    let event = Event::new();
    let round = Lockstep::default();
    thread::scope(|threads| {
        let _home = GoHome(&round);
        threads.spawn(|| {
            while round.meet() {
                spin(rng_of_setter.below(100));
                set(&event, &mut rng_of_setter);
                round.meet();
            }
        });
        // Shown if the round fails.
        println!("seed {seed}");
        let mut count = 0;
        for _ in rounds() {
            wait(&event, &mut rng, &round);
            watchdog.lap();
            count += 1;
        }
        report(name, &format!("{count} rounds"), seed);
    });
}

/// Polls `wait` for a task whose waker is `bell`; tells whether it is ready.
fn ring(wait: Pin<&mut EventWait<&Event>>, bell: &Arc<Bell>) -> bool {
    wait.poll(&mut Context::from_waker(&Waker::from(bell.clone()))).is_ready()
}

// === impl Lockstep ===

impl Lockstep {
    /// Returns once both are here; false if the other went home.
    fn meet(&self) -> bool {
        // ORDERING: AcqRel, with the Acquire below: what each did before is seen by both.
        let pair = self.arrivals.fetch_add(1, AcqRel) / 2;
        // ORDERING: Relaxed for `over`. Nothing is read after it.
        spin_until(|| self.arrivals.load(Acquire) >= 2 * (pair + 1) || self.over.load(Relaxed));
        // ORDERING: Acquire, as above.
        self.arrivals.load(Acquire) >= 2 * (pair + 1)
    }
}

impl Drop for GoHome<'_> {
    fn drop(&mut self) {
        // ORDERING: Relaxed. It hands over nothing.
        self.0.over.store(true, Relaxed);
    }
}

// === impl Bell ===

impl Bell {
    fn rang(&self) -> bool {
        // ORDERING: Relaxed. The meeting at the end of the round orders.
        self.0.load(Relaxed)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        // ORDERING: Relaxed. The meeting at the end of the round orders.
        self.0.store(true, Relaxed);
    }
}
