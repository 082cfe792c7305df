//! Stress tests: setters against waiters that park, give up and time out, all at random, in rounds.
//! At the end of a round the setters are gone, and one last `set` must release all waiters that are
//! left.
//!
//! A lost wake-up fails the test; a watchdog reports the stuck waiter after 5 s and ends the process,
//! so nothing hangs, and nothing is timed.
//!
//! `REVEILLE_STRESS_SECONDS` is how long each test runs, `REVEILLE_STRESS_SEED` the random seed, and
//! `REVEILLE_STRESS_JOBS` how many jobs the mailbox carries. Each test ends with a line of its counts
//! and its seed: `-- --nocapture`.

#![cfg(feature = "std")]

mod common;
#[cfg(not(miri))]
#[path = "stress/crowd.rs"]
mod crowd;
#[path = "stress/mailbox.rs"]
mod mailbox;
#[path = "stress/party.rs"]
mod party;
#[path = "stress/races.rs"]
mod races;
#[cfg(not(miri))]
#[path = "stress/siege.rs"]
mod siege;
#[path = "stress/watch.rs"]
#[cfg_attr(miri, allow(dead_code, reason = "fewer tests"))]
mod watch;
#[cfg(not(miri))]
#[path = "stress/world.rs"]
mod world;

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use smol::future::{or, yield_now};

use party::{Party, Sky};
use watch::{Rng, Watchdog, alone, report, rounds, seed, spin};

const SETS: u64 = if cfg!(miri) { 10 } else { 200 };

#[test]
fn last_set_releases_every_thread_under_stress() {
    stress("over threads", invite_threads);
}

#[test]
fn last_set_releases_every_task_under_stress() {
    stress("over tasks", invite_tasks);
}

#[test]
fn last_set_releases_tasks_and_threads_under_stress() {
    stress("over tasks and threads", |party, rng| {
        invite_threads(party, rng);
        invite_tasks(party, rng);
    });
}

fn stress(name: &str, invite: impl Fn(&mut Party, &mut Rng)) {
    let _turn = alone();
    let seed = seed();
    let mut rng = Rng::new(seed);
    let mut party = Party::new();
    let sky = party.sky();
    let watchdog = Watchdog::new({
        let sky = sky.clone();
        move || format!("not released by the last set: {:?} (seed {seed})", sky.who_is_out())
    });
    // Shown if the test fails.
    println!("seed {seed}");
    let mut count = 0;
    for _ in rounds() {
        count += 1;
        sky.darken();
        invite(&mut party, &mut rng);
        thread::scope(|threads| {
            for _ in 0..2 {
                let rng = rng.fork();
                threads.spawn(|| blow(&sky, rng));
            }
        });
        sky.calm_down();
        // Time for some to give up, so that the last one to touch the queue is now this, now that.
        spin(rng.below(5_000));
        sky.event.set();
        party.come_home();
        watchdog.lap();
    }
    report(name, &format!("{count} rounds, {} sets, pulses and clears", count * 2 * SETS), seed);
}

fn blow(sky: &Sky, mut rng: Rng) {
    for _ in 0..SETS {
        match rng.below(4) {
            0 | 1 => sky.event.set(),
            2 => sky.event.pulse(),
            _ => drop(sky.event.clear()),
        }
        spin(rng.below(300));
    }
}

fn invite_threads(party: &mut Party, rng: &mut Rng) {
    for name in ["first patient thread", "second patient thread"] {
        party.thread(name, |sky| {
            while !sky.is_calm() {
                sky.event.wait_blocking();
            }
        });
    }
    for name in ["first impatient thread", "second impatient thread"] {
        let mut rng = rng.fork();
        party.thread(name, move |sky| {
            while !sky.is_calm() {
                let _ = sky.event.wait_blocking_timeout(Duration::from_micros(rng.below(50)));
            }
        });
    }
    let mut rng = rng.fork();
    party.thread("fickle thread", move |sky| {
        while !sky.is_calm() {
            let mut wait = pin!(sky.event.wait());
            for _ in 0..rng.below(4) {
                let _ = wait.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                spin(rng.below(100));
            }
        }
    });
}

fn invite_tasks(party: &mut Party, rng: &mut Rng) {
    party.tokio("first patient tokio task", wait_until_calm);
    party.tokio("second patient tokio task", wait_until_calm);
    party.smol("patient smol task", wait_until_calm);

    let mut random = rng.fork();
    party.tokio("impatient tokio task", move |sky| async move {
        while !sky.is_calm() {
            let timeout = Duration::from_micros(random.below(2_000));
            let _ = tokio::time::timeout(timeout, sky.event.wait()).await;
            yield_now().await;
        }
    });
    for name in ["first fickle smol task", "second fickle smol task"] {
        let mut random = rng.fork();
        party.smol(name, move |sky| async move {
            while !sky.is_calm() {
                let patience = random.below(4);
                or(sky.event.wait(), async {
                    for _ in 0..patience {
                        yield_now().await;
                    }
                })
                .await;
                yield_now().await;
            }
        });
    }
}

async fn wait_until_calm(sky: Arc<Sky>) {
    while !sky.is_calm() {
        sky.event.wait().await;
        yield_now().await;
    }
}
