//! Four threads that set against four that clear, park, look again and cancel, on an event and on a
//! flag. When the setters have gone, each of the four parks once more, one of them leaves, or none, and
//! it is counted who is released.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::thread;
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use reveille::{Event, ThreadSafeFlag};

use crate::common::{Task, poll};
use crate::watch::{Rng, Watchdog, alone, report, rounds, seed, spin};

const SETTERS: usize = 4;
const WAITERS: usize = 4;

/// How often each setter sets in a round.
const SETS: u64 = 200;

/// For how long a last wait may be left parked before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is besieged.
trait Target: Default + Send + Sync + 'static {
    fn set(&self, rng: &mut Rng);
    fn clear(&self) -> bool;
    fn wait(&self) -> impl Future<Output = ()> + Send;
    fn wait_blocking_timeout(&self, timeout: Duration) -> bool;

    /// Sets until each of these is released as the contract says; tells how many were not.
    fn release(&self, last: Vec<Parked<'_>>, rng: &mut Rng) -> usize;
}

/// A wait that was parked by hand, and the task that it has to wake.
struct Parked<'a> {
    wait: BoxFuture<'a, ()>,
    task: Arc<Task>,
}

/// What one waiter has done.
#[derive(Default)]
struct Counts {
    cleared: u64,
    parked: u64,
    taken: u64,
    cancelled: u64,
    timed_out: u64,
}

#[test]
fn last_wait_of_each_besieger_is_released_by_an_event() {
    siege::<Event>("of four setters and an event");
}

#[test]
fn last_wait_of_each_besieger_is_released_by_a_flag() {
    siege::<ThreadSafeFlag>("of four setters and a flag");
}

fn siege<T: Target>(name: &'static str) {
    let _turn = alone();
    let seed = seed();
    println!("seed {seed}");
    let mut rng = Rng::new(seed);
    let watchdog = Watchdog::new(move || format!("{name}: hangs (seed {seed})"));
    let (mut all, mut lost, mut last_round) = (Counts::default(), 0, 0);
    for round in rounds() {
        let (target, calm) = (T::default(), AtomicBool::new(false));
        let last = thread::scope(|threads| {
            let waiters: [_; WAITERS] = std::array::from_fn(|_| {
                let rng = rng.fork();
                threads.spawn(|| besiege(&target, rng, &calm))
            });
            thread::scope(|threads| {
                for _ in 0..SETTERS {
                    let mut rng = rng.fork();
                    let target = &target;
                    threads.spawn(move || {
                        for _ in 0..SETS {
                            target.set(&mut rng);
                            spin(rng.below(300));
                        }
                    });
                }
            });
            // ORDERING: Release. Who knows of the calm knows of every set.
            calm.store(true, Release);
            waiters.map(|waiter| {
                let (parked, counts) = waiter.join().unwrap();
                all.add(&counts);
                parked
            })
        });
        let mut last = Vec::from(last);
        if rng.coin() {
            // The last to touch the queue leaves it.
            last.swap_remove(rng.below(WAITERS as u64) as usize);
            all.cancelled += 1;
        }
        lost += target.release(last, &mut rng);
        assert_eq!(lost, 0, "waits lost in round {round} (seed {seed})");
        last_round = round;
        watchdog.lap();
    }
    let Counts { cleared, parked, taken, cancelled, timed_out } = all;
    let sets = (last_round + 1) * SETTERS as u64 * SETS;
    // A siege in which one of these does not happen proves nothing.
    assert!([cleared, parked, taken, cancelled, timed_out].iter().all(|&count| count > 0));
    let counts = format!(
        "{} rounds, {sets} sets, {cleared} cleared, {parked} waits parked, {taken} released, \
         {cancelled} cancelled while parked, {timed_out} timed out",
        last_round + 1
    );
    report(name, &counts, seed);
}

/// Does this and that until it is calm; parks a last wait.
fn besiege<'a, T: Target>(target: &'a T, mut rng: Rng, calm: &AtomicBool) -> (Parked<'a>, Counts) {
    let mut counts = Counts::default();
    let mut held = Vec::new();
    // ORDERING: Acquire, of what the setters have done.
    while !calm.load(Acquire) {
        match rng.below(6) {
            0 => counts.cleared += u64::from(target.clear()),
            1 | 2 => held.extend(counts.park(target)),
            3 if !held.is_empty() => {
                // Somewhere in the queue, and for another task now and then.
                let at = rng.below(held.len() as u64) as usize;
                let Parked { wait, task } = &mut held[at];
                if rng.coin() {
                    *task = Task::new();
                }
                if poll(wait.as_mut(), task).is_ready() {
                    counts.taken += 1;
                    held.swap_remove(at);
                }
            }
            4 if !held.is_empty() => {
                held.swap_remove(rng.below(held.len() as u64) as usize);
                counts.cancelled += 1;
            }
            _ => match target.wait_blocking_timeout(Duration::from_micros(rng.below(50))) {
                true => counts.taken += 1,
                false => counts.timed_out += 1,
            },
        }
        if held.len() > 3 {
            counts.cancelled += held.len() as u64;
            held.clear();
        }
        spin(rng.below(100));
    }
    counts.cancelled += held.len() as u64;
    drop(held);
    loop {
        if let Some(parked) = counts.park(target) {
            return (parked, counts);
        }
        // What is left of the sets.
        counts.cleared += u64::from(target.clear());
    }
}

// === impl Counts ===

impl Counts {
    /// A new wait, unless it was ready at once.
    fn park<'a>(&mut self, target: &'a impl Target) -> Option<Parked<'a>> {
        let mut parked = Parked { wait: Box::pin(target.wait()), task: Task::new() };
        if poll(parked.wait.as_mut(), &parked.task).is_ready() {
            self.taken += 1;
            return None;
        }
        self.parked += 1;
        Some(parked)
    }

    fn add(&mut self, other: &Self) {
        self.cleared += other.cleared;
        self.parked += other.parked;
        self.taken += other.taken;
        self.cancelled += other.cancelled;
        self.timed_out += other.timed_out;
    }
}

// === impl Target for Event ===

impl Target for Event {
    fn set(&self, rng: &mut Rng) {
        match rng.below(4) {
            0 => self.pulse(),
            _ => Event::set(self),
        }
    }

    fn clear(&self) -> bool {
        Event::clear(self)
    }

    fn wait(&self) -> impl Future<Output = ()> + Send {
        Event::wait(self)
    }

    fn wait_blocking_timeout(&self, timeout: Duration) -> bool {
        Event::wait_blocking_timeout(self, timeout)
    }

    /// One set, and all have been woken when it returns.
    fn release(&self, last: Vec<Parked<'_>>, rng: &mut Rng) -> usize {
        match rng.below(3) {
            0 => self.pulse(),
            _ => Event::set(self),
        }
        let is_lost = |mut parked: Parked<'_>| {
            let woken = parked.task.wakes() > 0;
            !woken || poll(parked.wait.as_mut(), &parked.task).is_pending()
        };
        last.into_iter().map(is_lost).filter(|&lost| lost).count()
    }
}

// === impl Target for ThreadSafeFlag ===

impl Target for ThreadSafeFlag {
    fn set(&self, rng: &mut Rng) {
        if rng.coin() { ThreadSafeFlag::set(self) } else { self.set_direct() }
    }

    fn clear(&self) -> bool {
        ThreadSafeFlag::clear(self)
    }

    fn wait(&self) -> impl Future<Output = ()> + Send {
        ThreadSafeFlag::wait(self)
    }

    fn wait_blocking_timeout(&self, timeout: Duration) -> bool {
        ThreadSafeFlag::wait_blocking_timeout(self, timeout)
    }

    /// One set for each of them. Who is woken looks, perhaps for nothing.
    fn release(&self, mut last: Vec<Parked<'_>>, rng: &mut Rng) -> usize {
        let mut looked = vec![0; last.len()];
        while !last.is_empty() {
            Target::set(self, rng);
            let start = Instant::now();
            let released = loop {
                let woken = (0..last.len()).find(|&at| last[at].task.wakes() > looked[at]);
                match woken {
                    Some(at) => {
                        looked[at] = last[at].task.wakes();
                        let Parked { wait, task } = &mut last[at];
                        if poll(wait.as_mut(), task).is_ready() {
                            break Some(at);
                        }
                    }
                    None if start.elapsed() > PATIENCE => break None,
                    None => thread::yield_now(),
                }
            };
            let Some(at) = released else { return last.len() };
            last.swap_remove(at);
            looked.swap_remove(at);
            assert!(!self.is_set(), "a set that was taken is still there");
        }
        0
    }
}
