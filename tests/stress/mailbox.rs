//! A consumer that clears, looks and waits, against a producer that stores and sets.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::task::{Context, Waker};
use std::thread;

use reveille::Event;

use crate::watch::{Rng, Watchdog, alone, number, report, seed, spin_until};

/// If `REVEILLE_STRESS_JOBS` does not say another number.
const JOBS: u64 = if cfg!(miri) { 50 } else { 3_000_000 };

/// The two sides share a line of the cache on purpose: then a store to `latest` stays in its core's
/// store buffer for long, and a `set` that only loads gets ahead of it.
#[derive(Default)]
#[repr(align(128))]
struct Mailbox {
    latest: AtomicU64,
    seen: AtomicU64,
}

#[derive(Default)]
#[repr(align(128))]
struct Alone<T>(T);

#[derive(Default)]
struct Office {
    mailbox: Mailbox,
    event: Alone<Event>,
    /// The producer has sent all up to here, and rests until they have been seen.
    rested: Alone<AtomicU64>,
}

/// The producer hands over a job number with a Relaxed store and a `set`. After each small burst it
/// rests: if the consumer's wait is then pending and the last number was not seen, nothing would
/// ever have woken the consumer. A `set` that finds the event set and makes do with a load loses
/// hundreds of jobs on x86, in less than a second.
#[test]
fn consumer_that_clears_looks_and_waits_loses_no_job() {
    let _turn = alone();
    let seed = seed();
    let jobs = number("REVEILLE_STRESS_JOBS").unwrap_or(JOBS);
    let office = Arc::new(Office::default());
    let watchdog = Watchdog::new({
        let office = office.clone();
        // ORDERING: Relaxed. For a reader, who looks on from outside.
        move || format!("no job after {} (seed {seed})", office.mailbox.seen.load(Relaxed))
    });
    let producer = thread::spawn({
        let office = office.clone();
        move || office.produce(Rng::new(seed), jobs)
    });
    let lost = office.consume(&watchdog, jobs);
    producer.join().unwrap();
    assert_eq!(lost, 0, "jobs lost, of {jobs} (seed {seed})");
    report("of jobs", &format!("{jobs} jobs and sets"), seed);
}

// === impl Office ===

impl Office {
    fn produce(&self, mut rng: Rng, jobs: u64) {
        let mut job = 0;
        while job < jobs {
            for _ in 0..=rng.below(64).min(jobs - job - 1) {
                job += 1;
                // ORDERING: Relaxed. It is for the event to hand it over.
                self.mailbox.latest.store(job, Relaxed);
                self.event.0.set();
            }
            // ORDERING: Release. Who knows of the rest knows of every `set` before it.
            self.rested.0.store(job, Release);
            // ORDERING: Relaxed. A number that comes back; nothing else is read for it.
            spin_until(|| self.mailbox.seen.load(Relaxed) >= job);
        }
    }

    /// Counts the jobs that were there when the consumer fell asleep for ever.
    fn consume(&self, watchdog: &Watchdog, jobs: u64) -> u64 {
        let mut cx = Context::from_waker(Waker::noop());
        let mut lost = 0;
        let mut seen = 0;
        let mut idle: u32 = 0;
        while seen < jobs {
            watchdog.lap();
            // ORDERING: Acquire. If the producer rests, all its sets are there to be found.
            let rested = self.rested.0.load(Acquire);
            if self.event.0.clear() {
                // ORDERING: Relaxed. `clear` has taken over what its sets had to tell.
                seen = self.mailbox.latest.load(Relaxed);
                idle = 0;
            } else if pin!(self.event.0.wait()).poll(&mut cx).is_pending() && seen < rested {
                lost += 1;
                seen = rested;
            } else {
                idle += 1;
            }
            if idle % 64 == 63 {
                // The producer may want this core.
                thread::yield_now();
            }
            // ORDERING: Relaxed. A number for the producer, with nothing behind it.
            self.mailbox.seen.store(seen, Relaxed);
        }
        lost
    }
}
