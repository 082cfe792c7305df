//! The interleaved comparison of events: `cargo bench -p reveille-benches --bench compare`
//!
//! Arguments, after `--`: those of `rounds`, which tells how it is measured.
//!
//! Without `--bench`, as under `cargo test --benches`, it only tries everything out once.

use std::time::Duration;

use reveille_benches::goal::{Against, Goal, Judged};
use reveille_benches::heap;
use reveille_benches::record::Record;
use reveille_benches::report::{self, Table};
use reveille_benches::rounds::{self, Options};
use reveille_benches::rows::CASES;
use reveille_benches::sizes;
use reveille_benches::subjects::FLOOR_NAME;
use reveille_benches::{Case, Executor, SUBJECTS};

/// Waiters of the cycle whose allocations are counted.
const WAITERS: usize = 1_000;

/// Peers whose set and clear are each one step on the event's own state, which `is_set` reads: a
/// read-modify-write, or a lock. So whoever acquires that state later has all that was set, also what was set
/// already; of the plain stores to a flag beside a queue it has the last.
const ONE_STEP: &[&str] = &["asyncband", "events", "futures-intrusive", "tokio watch"];

/// Peers that wake when their lock is released, and under it.
const OUTSIDE: &[&str] = &[
    "asyncband",
    "events",
    "maitake-sync WaitQueue",
    "CancellationToken",
    "tokio Notify",
    "tokio SetOnce",
    "tokio watch",
];
const UNDER: &[&str] =
    &["async-event", "async-lock OnceCell", "event-listener", "futures-intrusive"];

/// What the crate is held to.
fn goals() -> Vec<Goal> {
    let floor = || Against::Column(FLOOR_NAME);
    let goal = |name: &str, case: Case, against, most| {
        let row = case.rows().swap_remove(case.total());
        Goal { name: name.into(), row, ours: "reveille", against, most }
    };
    let noop = Case::SetNoop(1_000);
    let sum =
        |waiters: usize| Case::FanOut(waiters).rows().swap_remove(Case::FanOut(waiters).total());
    let mut goals = vec![
        goal("is_set", Case::IsSet, Against::Best, 1.0),
        goal("ready wait", Case::ReadyWait, Against::Best, 1.0),
        goal("set+clear", Case::SetClear, Against::BestOf(ONE_STEP), 1.0),
        goal("set+clear, floor", Case::SetClear, floor(), 1.2),
        goal("set on set", Case::SetOnSet, Against::BestOf(ONE_STEP), 1.0),
        goal("park+cancel", Case::ParkCancel, Against::Best, 0.9),
        goal("re-poll", Case::Repoll, Against::Best, 0.9),
        goal("full cycle", Case::Cycle, Against::Best, 0.9),
        goal("sum at 100", Case::FanOut(100), Against::Best, 1.0),
        goal("sum at 1,000", Case::FanOut(1_000), Against::Best, 0.85),
        goal("sum at 10,000", Case::FanOut(10_000), Against::Best, 0.85),
        goal("sum at 100, floor", Case::FanOut(100), floor(), 1.25),
        goal("sum at 1,000, floor", Case::FanOut(1_000), floor(), 1.25),
        goal("sum at 10,000, floor", Case::FanOut(10_000), floor(), 1.25),
        goal("no-op wakers, woken unlocked", noop, Against::BestOf(OUTSIDE), 1.0),
        goal("no-op wakers, woken locked", noop, Against::BestOf(UNDER), 1.25),
        goal("no-op wakers, floor", noop, floor(), 1.5),
        goal(
            "growth from 100 to 100,000",
            Case::FanOut(100_000),
            Against::GrowthOf(FLOOR_NAME, sum(100)),
            1.25,
        ),
    ];
    for executor in Executor::ALL {
        let case = Case::Tasks(executor, 10_000);
        goals.push(goal("tasks", case, Against::Best, 1.0));
        goals.push(goal("tasks, floor", case, floor(), 1.1));
    }
    for case in [Case::SetterAndParker, Case::Setters, Case::CancelDuringSet(1_000)] {
        goals.push(goal("contended", case, Against::Best, 0.9));
    }
    goals
}

fn main() {
    let options = Options::from_args();
    let table = measure(&options);
    let record = Record::new("event", "`Event`", &options, table, &goals(), costs());
    record.held_to(exact()).finish(&options);
}

/// What is the same in every run, on 64 bits.
fn exact() -> Vec<Judged> {
    let ours = &SUBJECTS[0];
    let [event, wait] = (ours.sizes)().unwrap_or_default();
    let [first, next] = (ours.growth)(WAITERS, &heap::allocations).unwrap_or_default();
    vec![
        Judged::exactly("bytes of an `Event`", event as f64, 32.0),
        Judged::exactly("bytes of a `Wait`", wait as f64, 64.0),
        Judged::exactly("allocations of 2,000 waits on an `Event`", (first + next) as f64, 0.0),
    ]
}

fn measure(options: &Options) -> Table {
    let columns: Vec<_> = SUBJECTS.iter().map(|subject| subject.column).collect();
    let mut table = Table { columns, rows: Vec::new() };
    for case in CASES {
        let iterations = if options.bench { case.iterations() } else { 1 };
        rounds::measure(options, &mut table, case.measured(iterations), |subject| {
            let took = (SUBJECTS[subject].run)(case, iterations)?;
            Some(took.into_iter().map(|took| vec![nanoseconds(took, iterations)]).collect())
        });
    }
    table
}

fn nanoseconds(took: Duration, iterations: u64) -> f64 {
    took.as_secs_f64() * 1e9 / iterations as f64
}

/// Bytes, also of what is not compared, and what the heap is asked for.
fn costs() -> String {
    let peers = || SUBJECTS.iter().filter(|subject| !subject.column.is_floor());
    let mut table = report::header("memory", peers().map(|subject| subject.column.name));
    for (name, index) in [("bytes of an event", 0), ("bytes of a wait", 1)] {
        let cells = peers().filter_map(|subject| Some((subject.sizes)()?[index].to_string()));
        report::line(&mut table, name, cells);
    }
    let growth: Vec<_> =
        peers().filter_map(|subject| (subject.growth)(WAITERS, &heap::allocations)).collect();
    for (name, index) in [("first", 0), ("next", 1)] {
        let name = format!("allocations a wait, {name} {WAITERS} (park, set, resume)");
        let cells =
            growth.iter().map(|growth| format!("{:.3}", growth[index] as f64 / WAITERS as f64));
        report::line(&mut table, &name, cells);
    }
    format!("{table}\n{}", sizes::table())
}
