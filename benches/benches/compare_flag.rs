//! The interleaved comparison of flags: `cargo bench -p reveille-benches --bench compare_flag`
//!
//! Arguments, after `--`: those of `rounds`, which tells how it is measured. A `set` by which our flag sends its courier, and a
//! `set_direct` by which it does not, are columns of their own.
//!
//! Without `--bench`, as under `cargo test --benches`, it only tries everything out once.

use reveille_benches::Executor;
use reveille_benches::flag::rows::CASES;
use reveille_benches::flag::{Case, SUBJECTS};
use reveille_benches::goal::{Against, Goal};
use reveille_benches::record::Record;
use reveille_benches::report::{self, Table};
use reveille_benches::rounds::{self, Options};

/// What the crate is held to.
fn goals() -> Vec<Goal> {
    let row = |case: Case| case.rows().swap_remove(0).name;
    let set = |ours| Goal {
        name: "set, nobody waits".into(),
        row: row(Case::Set),
        ours,
        against: Against::Column("AtomicWaker::wake alone"),
        most: 1.0,
    };
    let hop = |executor| Goal {
        name: "thread to task".into(),
        row: row(Case::Hop(executor)),
        ours: "set_direct",
        against: Against::Column("tokio Notify"),
        most: 1.05,
    };
    ["set", "set_direct"].map(set).into_iter().chain(Executor::ALL.map(hop)).collect()
}

fn main() {
    let options = Options::from_args();
    let flags = flags(&options);
    Record::new("flag", "`ThreadSafeFlag`", &options, flags, &goals(), sizes()).finish(&options);
    #[cfg(unix)]
    signals::main(&options);
}

fn flags(options: &Options) -> Table {
    let columns = SUBJECTS.iter().map(|subject| subject.column).collect();
    let mut table = Table { columns, rows: Vec::new() };
    for case in CASES {
        let iterations = if options.bench { case.iterations() } else { 1 };
        rounds::measure(options, &mut table, case.rows(), |subject| {
            let samples = (SUBJECTS[subject].run)(case, iterations);
            Some(vec![samples; case.rows().len()])
        });
    }
    table
}

fn sizes() -> String {
    let sized =
        SUBJECTS.iter().filter_map(|subject| Some((subject.column.name, (subject.sizes)()?)));
    let sized: Vec<_> = sized.collect();
    let mut table = report::header("memory", sized.iter().map(|(name, _)| name));
    for (name, index) in [("bytes of a flag", 0), ("bytes of a wait", 1)] {
        let cells = sized.iter().map(|(_, sizes)| sizes[index].to_string());
        report::line(&mut table, name, cells);
    }
    table
}

#[cfg(unix)]
mod signals {
    use reveille_benches::Executor;
    use reveille_benches::flag::signal::{HOPS, IDLE, ROUTES, idle_rows, rows};
    use reveille_benches::goal::{Against, Goal};
    use reveille_benches::record::Record;
    use reveille_benches::report::Table;
    use reveille_benches::rounds::{self, Options};

    pub(crate) fn main(options: &Options) {
        let columns = ROUTES.iter().map(|route| route.column).collect();
        let mut table = Table { columns, rows: Vec::new() };
        let [idle, hops] = if options.bench { [IDLE, HOPS] } else { [1, 1] };
        rounds::measure(options, &mut table, idle_rows(), |route| {
            Some(vec![vec![(ROUTES[route].idle)(idle)]])
        });
        for executor in Executor::ALL {
            rounds::measure(options, &mut table, rows(executor), |route| {
                let samples = (ROUTES[route].run)(executor, hops)?;
                Some(vec![samples; rows(executor).len()])
            });
        }
        Record::new("signal", "Signal to task", options, table, &goals(), String::new())
            .finish(options);
    }

    /// Of both percentiles, in every executor that the peer has.
    fn goals() -> Vec<Goal> {
        let mut goals = Vec::new();
        for executor in Executor::ALL {
            for row in rows(executor) {
                for (peer, most) in [("tokio::signal", 0.8), ("async-signal", 1.0)] {
                    goals.extend(["flag", "WaitableEvent"].map(|ours| Goal {
                        name: "signal to task".into(),
                        row: row.name.clone(),
                        ours,
                        against: Against::Column(peer),
                        most,
                    }));
                }
            }
        }
        goals
    }
}
