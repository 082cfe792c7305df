//! The interleaved comparison of blocking waits:
//! `cargo bench -p reveille-benches --bench compare_blocking`
//!
//! Arguments, after `--`: those of `rounds`, which tells how it is measured.
//!
//! Without `--bench`, as under `cargo test --benches`, it only tries everything out once.

use reveille_benches::blocking::rows::CASES;
use reveille_benches::blocking::{Case, SUBJECTS};
use reveille_benches::goal::{Against, Goal};
use reveille_benches::record::Record;
use reveille_benches::report::Table;
use reveille_benches::rounds::{self, Options};

/// What the crate is held to.
fn goals() -> Vec<Goal> {
    let row = Case::PingPong.rows().swap_remove(0).name;
    let goal = |ours, peer| Goal {
        name: "thread to thread".into(),
        row: row.clone(),
        ours,
        against: Against::Column(peer),
        most: 1.0,
    };
    let peers = ["event-listener", "std Condvar"];
    ["Event", "set_direct"]
        .into_iter()
        .flat_map(|ours| peers.map(|peer| goal(ours, peer)))
        .collect()
}

fn main() {
    let options = Options::from_args();
    let columns = SUBJECTS.iter().map(|subject| subject.column).collect();
    let mut table = Table { columns, rows: Vec::new() };
    for case in CASES {
        let iterations = if options.bench { case.iterations() } else { 1 };
        rounds::measure(&options, &mut table, case.rows(), |subject| {
            Some(vec![(SUBJECTS[subject].run)(case, iterations)])
        });
    }
    Record::new("blocking", "Blocking waits", &options, table, &goals(), String::new())
        .finish(&options);
}
