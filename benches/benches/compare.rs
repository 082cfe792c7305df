//! The interleaved comparison: `cargo bench -p reveille-benches --bench compare`
//!
//! Arguments, after `--`: `--rounds N` (31), `--row NAME` (rows whose name contains it).
//! A round is nine turns; in each of them every subject runs the case once, briefly, one right after
//! the other and in an order that rotates: drift of the machine falls on all of them alike. A round
//! counts as the mean of the middle half of its turns, so what interrupts one run is left out; the
//! tables are medians over the rounds, and ratios are taken within a round.
//!
//! Without `--bench`, as under `cargo test --benches`, it only tries everything out once.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::env;
use std::process::exit;
use std::time::Duration;

use reveille_benches::report::{self, Samples};
use reveille_benches::rows::CASES;
use reveille_benches::{Case, SUBJECTS};

const ROUNDS: usize = 31;
const TURNS: usize = 9;
/// Waiters of the cycle whose allocations are counted.
const WAITERS: usize = 1_000;

/// What the crate is held to.
const GOALS: [Goal; 3] = [
    Goal { name: "sum at 1,000 waiters", case: Case::FanOut(1_000), peer: None, most: 0.95 },
    Goal { name: "sum at 10,000 waiters", case: Case::FanOut(10_000), peer: None, most: 0.95 },
    Goal { name: "tokio row", case: Case::Tokio(10_000), peer: Some("tokio Notify"), most: 1.10 },
];

struct Goal {
    name: &'static str,
    case: Case,
    /// None: whichever is best in this row.
    peer: Option<&'static str>,
    most: f64,
}

struct Options {
    rounds: usize,
    row: String,
    bench: bool,
}

fn main() {
    let options = Options::from_args().unwrap_or_else(|wrong| {
        eprintln!("{wrong}\nusage: compare [--rounds N] [--row NAME]");
        exit(2)
    });
    let rows = measure(&options);

    println!("{}; {} rounds", report::conditions(), options.rounds);
    println!("\n{}\n{}", report::medians(&rows), report::ratios(&rows));
    println!("{}", costs());
    if !options.bench {
        return; // What one try took says nothing.
    }
    for goal in &GOALS {
        if let Some(line) = goal.check(&rows) {
            println!("{line}");
        }
    }
}

fn measure(options: &Options) -> Vec<Samples> {
    let mut all = Vec::new();
    let wanted = |row: &String| row.contains(&options.row);
    for case in CASES.into_iter().filter(|case| case.rows().iter().any(wanted)) {
        eprintln!("{case}");
        let mut rows: Vec<_> = case.rows().into_iter().map(Samples::new).collect();
        let (turns, iterations) = if options.bench { (TURNS, case.iterations()) } else { (1, 1) };
        for round in 0..options.rounds {
            let mut samples = vec![vec![Vec::new(); rows.len()]; SUBJECTS.len()];
            for turn in 0..turns {
                for place in 0..SUBJECTS.len() {
                    let subject = (round * turns + turn + place) % SUBJECTS.len();
                    let took = (SUBJECTS[subject].run)(case, iterations).unwrap_or_default();
                    for (row, took) in samples[subject].iter_mut().zip(took) {
                        row.push(nanoseconds(took, iterations));
                    }
                }
            }
            for (subject, samples) in samples.iter().enumerate() {
                for (row, samples) in rows.iter_mut().zip(samples.iter().filter(|s| !s.is_empty()))
                {
                    row.push(subject, report::midmean(samples));
                }
            }
        }
        all.extend(rows.into_iter().filter(|samples| wanted(&samples.row)));
    }
    all
}

fn nanoseconds(took: Duration, iterations: u64) -> f64 {
    took.as_secs_f64() * 1e9 / iterations as f64
}

/// Bytes, and what the heap is asked for.
fn costs() -> String {
    let peers = || SUBJECTS.iter().filter(|subject| !subject.is_floor());
    let mut table = report::header("memory", peers().map(|subject| subject.name));
    for (name, index) in [("bytes of an event", 0), ("bytes of a wait", 1)] {
        let cells = peers().filter_map(|subject| Some((subject.sizes)()?[index].to_string()));
        report::line(&mut table, name, cells);
    }
    let growth: Vec<_> =
        peers().filter_map(|subject| (subject.growth)(WAITERS, &allocations)).collect();
    for (name, index) in [("first", 0), ("next", 1)] {
        let name = format!("allocations a wait, {name} {WAITERS} (park, set, resume)");
        let cells =
            growth.iter().map(|growth| format!("{:.3}", growth[index] as f64 / WAITERS as f64));
        report::line(&mut table, &name, cells);
    }
    table
}

// === impl Goal ===

impl Goal {
    fn check(&self, rows: &[Samples]) -> Option<String> {
        let name = self.case.rows().swap_remove(self.case.total());
        let samples = rows.iter().find(|samples| samples.row == name)?;
        let peer = match self.peer {
            Some(name) => SUBJECTS.iter().position(|subject| subject.name == name)?,
            None => samples.best_peer()?,
        };
        let [low, median, high] = samples.ratio(peer)?;
        let met = if median <= self.most { "met" } else { "MISSED" };
        let (goal, peer, most) = (self.name, SUBJECTS[peer].name, self.most);
        Some(format!(
            "{goal}: ours/{peer} = {median:.2}, quartiles {low:.2}–{high:.2} (goal ≤ {most:.2}: {met})"
        ))
    }
}

// === impl Options ===

impl Options {
    fn from_args() -> Result<Self, String> {
        let mut options = Self { rounds: 0, row: String::new(), bench: false };
        let mut arguments = env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--rounds" => {
                    let rounds = arguments.next().and_then(|number| number.parse().ok());
                    options.rounds = rounds.filter(|&n| n > 0).ok_or("--rounds needs a number")?;
                    options.bench = true;
                }
                "--row" => options.row = arguments.next().ok_or("--row needs a name")?,
                "--bench" => options.bench = true,
                // Whatever else cargo passes on.
                _ => {}
            }
        }
        if options.rounds == 0 {
            options.rounds = if options.bench { ROUNDS } else { 1 };
        }
        Ok(options)
    }
}

// === the counting allocator ===

/// The system's, counting the calls of each thread for itself so that counting costs next to nothing.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// Of this thread, since it started.
fn allocations() -> u64 {
    ALLOCATIONS.get()
}

// SAFETY: every method passes its arguments on to the system's allocator unchanged. Counting does
// not allocate: the counter has a constant initial value and no destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(allocations() + 1);
        // SAFETY: the caller keeps `alloc`'s contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps `dealloc`'s contract; `System` allocated it.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.set(allocations() + 1);
        // SAFETY: the caller keeps `realloc`'s contract; `System` allocated it.
        unsafe { System.realloc(pointer, layout, size) }
    }
}
