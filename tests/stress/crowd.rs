//! A crowd of tasks that wait with random timeouts, give up and wait again, on two executors: it is
//! counted how many go home, and each count has one right answer. A timeout would hide a wake-up that was
//! lost, so each task in the end waits without one.
//!
//! `REVEILLE_STRESS_TASKS` says how many they are.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::time::Duration;

use reveille::{Event, ThreadSafeFlag};

use crate::watch::{Rng, Watchdog, alone, number, report, seed, spin_until};
use crate::world::{Smol, Task, Tokio, World};

/// How many tasks, if nobody says.
const TASKS: u64 = 1_000;

/// How often each task takes a set of the flag before it goes home.
const TURNS: usize = 2;

/// How often an event is set, for all tasks.
const PHASES: usize = 6;

/// Timeouts are shorter than this, in microseconds.
const PATIENCE: u64 = 100_000;

/// How often at most a task waits with a timeout before it waits without.
const TRIES: u64 = 4;

/// What both crowds count.
#[derive(Default)]
struct Counts {
    released: AtomicUsize,
    timed_out: AtomicUsize,
}

#[derive(Default)]
struct FlagCrowd {
    flag: ThreadSafeFlag,
    counts: Counts,
}

#[derive(Default)]
struct EventCrowd {
    /// Phase by phase, now the one is set and now the other.
    events: [Event; 2],
    phases: [Counts; PHASES],
}

#[test]
fn each_set_of_a_flag_releases_one_of_a_crowd_on_tokio() {
    let tokio = Tokio::new(|| ());
    flag_crowd("of a flag's crowd on tokio", &tokio.world());
}

#[test]
fn each_set_of_a_flag_releases_one_of_a_crowd_on_smol() {
    let smol = Smol::new(|| ());
    flag_crowd("of a flag's crowd on smol", &smol.world());
}

#[test]
fn each_set_of_an_event_releases_all_of_a_crowd_on_tokio() {
    let tokio = Tokio::new(|| ());
    event_crowd("of an event's crowd on tokio", &tokio.world());
}

#[test]
fn each_set_of_an_event_releases_all_of_a_crowd_on_smol() {
    let smol = Smol::new(|| ());
    event_crowd("of an event's crowd on smol", &smol.world());
}

/// One thread sets the flag, each time when the last set has been taken: so many sets, so many tasks.
fn flag_crowd(name: &str, world: &World) {
    let _turn = alone();
    let (seed, tasks) = (seed(), tasks());
    println!("seed {seed}");
    let mut rng = Rng::new(seed);
    let crowd = Arc::new(FlagCrowd::default());
    let watchdog = Watchdog::new({
        let (crowd, name) = (crowd.clone(), name.to_owned());
        move || format!("{name}: hangs at {} (seed {seed})", crowd.counts)
    });
    let homecomings: Vec<Task> = (0..tasks)
        .map(|_| {
            let (crowd, mut rng, inner) = (crowd.clone(), rng.fork(), world.clone());
            world.spawn(async move {
                for _ in 0..TURNS {
                    crowd.counts.be_released(&inner, &mut rng, || crowd.flag.wait()).await;
                }
            })
        })
        .collect();
    let sets = tasks * TURNS;
    for set in 1..=sets {
        if rng.coin() {
            crowd.flag.set()
        } else {
            crowd.flag.set_direct()
        }
        spin_until(|| crowd.counts.released() >= set);
        watchdog.lap();
    }
    join(homecomings, &watchdog);
    assert_eq!(crowd.counts.released(), sets, "one set has released two");
    assert!(!crowd.flag.is_set());
    report(name, &format!("{tasks} tasks, {sets} sets, {}", crowd.counts), seed);
}

/// In each phase an event is set when half of the timeouts that are to be expected are over: all are
/// released, and none before.
fn event_crowd(name: &str, world: &World) {
    let _turn = alone();
    let (seed, tasks) = (seed(), tasks());
    println!("seed {seed}");
    let mut rng = Rng::new(seed);
    let crowd = Arc::new(EventCrowd::default());
    let watchdog = Watchdog::new({
        let (crowd, name) = (crowd.clone(), name.to_owned());
        move || {
            let phases: Vec<_> = crowd.phases.iter().map(Counts::to_string).collect();
            format!("{name}: hangs at {phases:?}, of {tasks} (seed {seed})")
        }
    });
    let homecomings: Vec<Task> = (0..tasks)
        .map(|_| {
            let (crowd, mut rng, inner) = (crowd.clone(), rng.fork(), world.clone());
            world.spawn(async move {
                for (phase, counts) in crowd.phases.iter().enumerate() {
                    let event = &crowd.events[phase % 2];
                    counts.be_released(&inner, &mut rng, || event.wait()).await;
                }
            })
        })
        .collect();
    for (phase, counts) in crowd.phases.iter().enumerate() {
        let event = &crowd.events[phase % 2];
        spin_until(|| counts.timed_out() as u64 >= tasks as u64 * TRIES / 4);
        assert_eq!(counts.released(), 0, "released before the set of phase {phase} (seed {seed})");
        watchdog.lap();
        event.set();
        spin_until(|| counts.released() == tasks);
        assert!(event.clear());
        watchdog.lap();
    }
    join(homecomings, &watchdog);
    let sum = |count: fn(&Counts) -> usize| crowd.phases.iter().map(count).sum::<usize>();
    let (released, timed_out) = (sum(Counts::released), sum(Counts::timed_out));
    assert_eq!(released, tasks * PHASES, "one was released twice (seed {seed})");
    let counts = format!(
        "{tasks} tasks, {PHASES} sets, {released} waits released, {timed_out} timed out and cancelled"
    );
    report(name, &counts, seed);
}

fn tasks() -> usize {
    number("REVEILLE_STRESS_TASKS").unwrap_or(TASKS) as usize
}

fn join(homecomings: Vec<Task>, watchdog: &Watchdog) {
    for homecoming in homecomings {
        pollster::block_on(homecoming);
        watchdog.lap();
    }
}

// === impl Counts ===

impl Counts {
    /// Waits until a wait is released: a few times for a random time, and then for ever.
    async fn be_released<W: Future<Output = ()> + Send>(
        &self,
        world: &World,
        rng: &mut Rng,
        wait: impl Fn() -> W,
    ) {
        for tries in (0..=rng.below(TRIES + 1)).rev() {
            let timeout = Duration::from_micros(rng.below(PATIENCE));
            let released = match (tries, rng.coin()) {
                (0, _) => {
                    wait().await;
                    true
                }
                (_, true) => world.timeout(timeout, wait()).await,
                (_, false) => world.strict_timeout(timeout, wait()).await,
            };
            if released {
                break;
            }
            // ORDERING: Relaxed. A number; nothing is read for it.
            self.timed_out.fetch_add(1, Relaxed);
        }
        // ORDERING: Release: who reads it knows that the set was taken.
        self.released.fetch_add(1, Release);
    }

    fn released(&self) -> usize {
        // ORDERING: Acquire, from the wait that was released.
        self.released.load(Acquire)
    }

    fn timed_out(&self) -> usize {
        // ORDERING: Relaxed, as above.
        self.timed_out.load(Relaxed)
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (released, timed_out) = (self.released(), self.timed_out());
        write!(f, "{released} waits released, {timed_out} timed out and cancelled")
    }
}
