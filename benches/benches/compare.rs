//! The interleaved comparison of events: `cargo bench -p reveille-benches --bench compare`
//!
//! Arguments, after `--`: `--rounds N` (31), `--row NAME` (rows whose name contains it).
//! How it is measured is told in `rounds`.
//!
//! Without `--bench`, as under `cargo test --benches`, it only tries everything out once.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

use reveille_benches::report::{self, Goal, Table};
use reveille_benches::rounds::{self, Options, Row};
use reveille_benches::rows::CASES;
use reveille_benches::{Case, SUBJECTS};

/// Waiters of the cycle whose allocations are counted.
const WAITERS: usize = 1_000;

/// What the crate is held to.
fn goals() -> [Goal; 3] {
    let goal = |name, case: Case, peer, most| {
        let row = case.rows().swap_remove(case.total());
        Goal { name, row, ours: "reveille", peer, most }
    };
    [
        goal("sum at 1,000 waiters", Case::FanOut(1_000), None, 0.95),
        goal("sum at 10,000 waiters", Case::FanOut(10_000), None, 0.95),
        goal("tokio row", Case::Tokio(10_000), Some("tokio Notify"), 1.10),
    ]
}

fn main() {
    let options = Options::from_args();
    let table = measure(&options);

    println!("{}; {} rounds", report::conditions(&table.columns), options.rounds);
    println!("\n{}\n{}", table.medians(), table.ratios(0));
    println!("{}", costs());
    if !options.bench {
        return; // What one try took says nothing.
    }
    for line in goals().iter().filter_map(|goal| goal.check(&table)) {
        println!("{line}");
    }
}

fn measure(options: &Options) -> Table {
    let columns: Vec<_> = SUBJECTS.iter().map(|subject| subject.column).collect();
    let mut table = Table { columns, rows: Vec::new() };
    for case in CASES {
        let iterations = if options.bench { case.iterations() } else { 1 };
        let rows: Vec<_> = case.rows().into_iter().map(Row::midmean).collect();
        rounds::measure(options, &mut table, rows, |subject| {
            let took = (SUBJECTS[subject].run)(case, iterations)?;
            Some(took.into_iter().map(|took| vec![nanoseconds(took, iterations)]).collect())
        });
    }
    table
}

fn nanoseconds(took: Duration, iterations: u64) -> f64 {
    took.as_secs_f64() * 1e9 / iterations as f64
}

/// Bytes, and what the heap is asked for.
fn costs() -> String {
    let peers = || SUBJECTS.iter().filter(|subject| !subject.column.is_floor());
    let mut table = report::header("memory", peers().map(|subject| subject.column.name));
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
