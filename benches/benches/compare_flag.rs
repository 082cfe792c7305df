//! The interleaved comparison of flags: `cargo bench -p reveille-benches --bench compare_flag`
//!
//! Arguments, after `--`: `--rounds N` (31), `--row NAME` (rows whose name contains it).
//! How it is measured is told in `rounds`. A `set` by which our flag sends its courier, and a
//! `set_direct` by which it does not, are columns of their own.
//!
//! Without `--bench`, as under `cargo test --benches`, it only tries everything out once.

use reveille_benches::flag::rows::CASES;
use reveille_benches::flag::{Case, Executor, SUBJECTS};
use reveille_benches::report::{self, Goal, Table};
use reveille_benches::rounds::{self, Options};

/// What the crate is held to.
fn goals() -> [Goal; 2] {
    let goal = |name, executor| {
        let row = Case::Hop(executor).rows().swap_remove(0).name;
        Goal { name, row, ours: "set_direct", peer: Some("tokio Notify"), most: 1.15 }
    };
    [goal("tokio row", Executor::TokioMulti), goal("smol row", Executor::Smol)]
}

fn main() {
    let options = Options::from_args();
    let flags = flags(&options);
    println!("{}; {} rounds", report::conditions(&flags.columns), options.rounds);
    println!("\n{}", flags.medians());
    for ours in [0, 1] {
        println!("{}:\n\n{}", flags.columns[ours].name, flags.ratios(ours));
    }
    println!("{}", sizes());
    print_goals(&options, &goals(), &flags);
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
    let mut table = report::header("memory", SUBJECTS.iter().map(|subject| subject.column.name));
    for (name, index) in [("bytes of a flag", 0), ("bytes of a wait", 1)] {
        let cells = SUBJECTS.iter().map(|subject| (subject.sizes)()[index].to_string());
        report::line(&mut table, name, cells);
    }
    table
}

/// Nothing if all was tried but once: what one try took says nothing.
fn print_goals(options: &Options, goals: &[Goal], table: &Table) {
    for line in goals.iter().filter_map(|goal| goal.check(table)) {
        if options.bench {
            println!("{line}");
        }
    }
}

#[cfg(unix)]
mod signals {
    use reveille_benches::flag::Executor;
    use reveille_benches::flag::signal::{HOPS, ROUTES, rows};
    use reveille_benches::report::{self, Goal, Table};
    use reveille_benches::rounds::{self, Options};

    pub(crate) fn main(options: &Options) {
        let columns = ROUTES.iter().map(|route| route.column).collect();
        let mut table = Table { columns, rows: Vec::new() };
        let hops = if options.bench { HOPS } else { 1 };
        for executor in Executor::ALL {
            rounds::measure(options, &mut table, rows(executor), |route| {
                let samples = (ROUTES[route].run)(executor, hops)?;
                Some(vec![samples; rows(executor).len()])
            });
        }
        println!("\n{}", report::conditions(&table.columns));
        println!("\n{}", table.medians());
        for ours in [0, 1] {
            println!("{}:\n\n{}", table.columns[ours].name, table.ratios(ours));
        }
        super::print_goals(options, &goals(), &table);
    }

    fn goals() -> [Goal; 4] {
        let goal = |name, executor, ours| {
            let row = rows(executor).swap_remove(0).name;
            Goal { name, row, ours, peer: Some("tokio::signal"), most: 1.0 }
        };
        let [multi, current] = ["signal row, multi-thread", "signal row, current-thread"];
        [
            goal(multi, Executor::TokioMulti, "flag"),
            goal(current, Executor::TokioCurrent, "flag"),
            goal(multi, Executor::TokioMulti, "WaitableEvent"),
            goal(current, Executor::TokioCurrent, "WaitableEvent"),
        ]
    }
}
