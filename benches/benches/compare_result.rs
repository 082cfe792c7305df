//! The interleaved comparison of results: `cargo bench -p reveille-benches --bench compare_result`
//!
//! Arguments, after `--`: those of `rounds`, which tells how it is measured. The last row is `ValueEvent`'s; the others are
//! `AsyncResult`'s.
//!
//! Without `--bench`, as under `cargo test --benches`, it only tries everything out once.

use reveille_benches::goal::{Against, Goal, Judged};
use reveille_benches::record::Record;
use reveille_benches::report::{self, Table};
use reveille_benches::result::rows::CASES;
use reveille_benches::result::{Case, SUBJECTS};
use reveille_benches::rounds::{self, Options};

/// Waiters whose allocations are counted.
const WAITERS: usize = 1_000;

/// What the crate is held to.
fn goals() -> [Goal; 2] {
    let goal = |name: &str, case: Case, index: usize, against, most| {
        let row = case.names().swap_remove(index);
        Goal { name: name.into(), row, ours: "reveille", against, most }
    };
    [
        goal("get", Case::Get, 0, Against::Column("std OnceLock"), 1.1),
        goal("broadcast", Case::Broadcast(1_000), 3, Against::Best, 0.9),
    ]
}

fn main() {
    let options = Options::from_args();
    let columns = SUBJECTS.iter().map(|subject| subject.column).collect();
    let mut table = Table { columns, rows: Vec::new() };
    for case in CASES {
        let iterations = if options.bench { case.iterations() } else { 1 };
        rounds::measure(&options, &mut table, case.rows(), |subject| {
            let durations = (SUBJECTS[subject].run)(case, iterations)?;
            let each = |took: std::time::Duration| took.as_secs_f64() * 1e9 / iterations as f64;
            Some(durations.into_iter().map(|took| vec![each(took)]).collect())
        });
    }
    Record::new("result", "`AsyncResult` and `ValueEvent`", &options, table, &goals(), costs())
        .held_to(exact())
        .finish(&options);
}

/// Bytes, and what the heap is asked for.
fn costs() -> String {
    let peers = || SUBJECTS.iter().filter(|subject| !subject.column.is_floor());
    let mut table = report::header("memory", peers().map(|subject| subject.column.name));
    for (name, index) in [("bytes of a result", 0), ("bytes of a wait, in an async block", 1)] {
        let cells = peers().filter_map(|subject| Some((subject.sizes)()?[index].to_string()));
        report::line(&mut table, name, cells);
    }
    let made = peers().filter_map(|subject| (subject.allocations)(WAITERS));
    let cells = made.map(|made| format!("{made:.3}"));
    report::line(&mut table, "allocations a wait, 1,000 of one result (park, set, resume)", cells);
    table
}

/// What is the same in every run.
fn exact() -> Vec<Judged> {
    let made = (SUBJECTS[0].allocations)(WAITERS).unwrap_or_default();
    vec![Judged::exactly("allocations a wait on an `AsyncResult`", made, 0.0)]
}
