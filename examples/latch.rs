//! A latch and a barrier made of `Event` alone: what else a program needs stands on it in a few lines.
//!
//! `cargo run --example latch`

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use reveille::Event;

/// Opens when it was counted down to nothing, and stays open.
struct Latch {
    left: AtomicUsize,
    open: Event,
}

impl Latch {
    /// A latch for one count at least.
    const fn new(count: usize) -> Self {
        Self { left: AtomicUsize::new(count), open: Event::new() }
    }

    /// For tasks and threads; whoever waits sees what was done before each of the counts.
    fn count_down(&self) {
        // ORDERING: Release hands over what this caller did, Acquire takes over what the others did, so
        // that the last one passes it all on by its `set`.
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.open.set();
        }
    }

    async fn wait(&self) {
        self.open.wait().await;
    }

    fn wait_blocking(&self) {
        self.open.wait_blocking();
    }
}

/// Lets its parties through when all of them have come, round after round.
struct Barrier {
    parties: usize,
    here: AtomicUsize,
    complete: Event,
}

impl Barrier {
    const fn new(parties: usize) -> Self {
        Self { parties, here: AtomicUsize::new(0), complete: Event::new() }
    }

    /// True for the one that came last. Who has come counts, also if its future is dropped then.
    async fn wait(&self) -> bool {
        // Made before this party is counted: the last one may `pulse` at once.
        let complete = self.complete.wait();
        // ORDERING: as in `count_down`.
        if self.here.fetch_add(1, Ordering::AcqRel) + 1 < self.parties {
            complete.await;
            return false;
        }
        // ORDERING: Relaxed; nobody comes to the next round before the `pulse` lets it go, which hands
        // this over.
        self.here.store(0, Ordering::Relaxed);
        self.complete.pulse();
        true
    }
}

const PARTIES: usize = 6;
const ROUNDS: usize = 1_000;

static STARTED: Latch = Latch::new(PARTIES);
static BARRIER: Barrier = Barrier::new(PARTIES);

/// The round in which each party is.
static STEPS: [AtomicUsize; PARTIES] = [const { AtomicUsize::new(0) }; PARTIES];

async fn party(number: usize) -> usize {
    STARTED.count_down();
    STARTED.wait().await;
    let mut last = 0;
    for round in 1..=ROUNDS {
        // ORDERING: Relaxed here and below: the barrier hands it over.
        STEPS[number].store(round, Ordering::Relaxed);
        last += usize::from(BARRIER.wait().await);
        for (other, step) in STEPS.iter().enumerate() {
            assert_eq!(step.load(Ordering::Relaxed), round, "party {other}, seen by {number}");
        }
        // Nobody goes on before all have looked.
        last += usize::from(BARRIER.wait().await);
    }
    last
}

fn main() {
    let tokio = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let on_tokio: Vec<_> = (0..2).map(|number| tokio.spawn(party(number))).collect();
    let on_smol: Vec<_> = (2..4).map(|number| smol::spawn(party(number))).collect();
    let in_threads: Vec<_> =
        (4..PARTIES).map(|number| thread::spawn(move || smol::block_on(party(number)))).collect();

    STARTED.wait_blocking();
    println!("all {PARTIES} parties have started: tasks of tokio, tasks of smol, threads");

    let mut last = 0;
    last += on_tokio.into_iter().map(|task| tokio.block_on(task).unwrap()).sum::<usize>();
    last += on_smol.into_iter().map(smol::block_on).sum::<usize>();
    last += in_threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>();
    println!("{ROUNDS} rounds of two barriers each, and one was last in each: {last}");
    assert_eq!(last, 2 * ROUNDS);
}
