//! The interleaved comparison of flags: `cargo bench -p reveille-benches --bench compare_flag`
//!
//! Arguments, after `--`: those of `rounds`, which tells how it is measured. A `set` by which our flag sends its courier, and a
//! `set_direct` by which it does not, are columns of their own.
//!
//! Without `--bench`, as under `cargo test --benches`, it only tries everything out once.

use reveille_benches::Executor;
use reveille_benches::flag::rows::CASES;
use reveille_benches::flag::{Case, SUBJECTS, Subject};
use reveille_benches::goal::{Against, Goal, Judged};
use reveille_benches::record::Record;
use reveille_benches::report::{self, Table};
use reveille_benches::rounds::{self, Options};

/// Waits whose allocations are counted.
const WAITS: usize = 1_000;

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
    let record = Record::new("flag", "`ThreadSafeFlag`", &options, flags, &goals(), costs());
    record.held_to(exact()).finish(&options);
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

/// Bytes, and what the heap is asked for.
fn costs() -> String {
    let peers = || SUBJECTS.iter().filter(|subject| !subject.column.is_floor());
    let mut table = report::header("memory", peers().map(|subject| subject.column.name));
    for (name, index) in [("bytes of a flag", 0), ("bytes of a wait", 1)] {
        let cells = peers().filter_map(|subject| Some((subject.sizes)()?[index].to_string()));
        report::line(&mut table, name, cells);
    }
    let allocations: Vec<_> = peers().filter_map(|subject| (subject.allocations)(WAITS)).collect();
    for (name, index) in [("first wait", 0), ("wait of the next 1,000", 1)] {
        let name = format!("allocations of a flag's {name} (park, set, resume)");
        let cells = allocations.iter().map(|made| format!("{:.3}", made[index]));
        report::line(&mut table, &name, cells);
    }
    table
}

/// What is the same in every run, on 64-bit Unix. What a first wait takes, its slot, is in the table.
fn exact() -> Vec<Judged> {
    let ours = || SUBJECTS.iter().filter(|subject| subject.column.is_ours());
    let most = |of: fn(&Subject) -> Option<f64>| ours().filter_map(of).fold(0.0, f64::max);
    let flag = most(|subject| Some((subject.sizes)()?[0] as f64));
    let next = most(|subject| Some((subject.allocations)(WAITS)?[1]));
    vec![
        Judged::exactly("bytes of a `ThreadSafeFlag`", flag, 16.0),
        Judged::exactly("allocations a wait on a flag that was waited for before", next, 0.0),
    ]
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
