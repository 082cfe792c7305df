//! The interleaved comparison of results: `cargo bench -p reveille-benches --bench compare_result`
//!
//! Arguments, after `--`: those of `rounds`, which tells how it is measured. The last row is `ValueEvent`'s; the others are
//! `AsyncResult`'s.
//!
//! Without `--bench`, as under `cargo test --benches`, it only tries everything out once.

use reveille_benches::goal::{Against, Goal};
use reveille_benches::record::Record;
use reveille_benches::report::{self, Table};
use reveille_benches::result::rows::CASES;
use reveille_benches::result::{Case, SUBJECTS};
use reveille_benches::rounds::{self, Options};

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
    Record::new("result", "`AsyncResult` and `ValueEvent`", &options, table, &goals(), sizes())
        .finish(&options);
}

fn sizes() -> String {
    let mut table = report::header("memory", SUBJECTS.iter().map(|subject| subject.column.name));
    for (name, index) in [("bytes of a result", 0), ("bytes of a wait, in an async block", 1)] {
        let cells = SUBJECTS.iter().map(|subject| match (subject.sizes)() {
            Some(sizes) => sizes[index].to_string(),
            None => "–".into(),
        });
        report::line(&mut table, name, cells);
    }
    table
}
