//! The interleaved comparison of what wakes a loop that sleeps in the kernel:
//! `cargo bench -p reveille-benches --bench compare_waitable`
//!
//! Arguments, after `--`: those of `rounds`, which tells how it is measured. Our event is there in each of the pollers, a column each.
//! What mio's `Waker` reports is gone with the report; ours is taken back by a system call, which is in
//! the row of the turn. Another column does without, as mio's does.
//!
//! Without `--bench`, as under `cargo test --benches`, it only tries everything out once.

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("measured on Linux alone: the floor is an eventfd");
}

#[cfg(target_os = "linux")]
fn main() {
    linux::main();
}

#[cfg(target_os = "linux")]
mod linux {
    use reveille_benches::goal::{Against, Goal};
    use reveille_benches::record::Record;
    use reveille_benches::report::Table;
    use reveille_benches::rounds::{self, Options};
    use reveille_benches::waitable::rows::CASES;
    use reveille_benches::waitable::{Case, SUBJECTS};

    /// What the crate is held to.
    fn goals() -> [Goal; 6] {
        let goal = |name: &str, case: Case, ours, peer, most| {
            let row = case.rows().swap_remove(0).name;
            Goal { name: name.into(), row, ours, against: Against::Column(peer), most }
        };
        let floor = "raw eventfd in poll(2)";
        [
            goal("set+clear", Case::SetClear, "in poll(2)", floor, 1.05),
            goal("turn", Case::Turn, "in poll(2)", floor, 1.05),
            goal("hop", Case::Hop, "in poll(2)", floor, 1.05),
            goal("turn, mio", Case::Turn, "in mio, not cleared", "mio::Waker", 1.05),
            goal("hop, mio", Case::Hop, "in mio", "mio::Waker", 1.0),
            goal("hop, polling", Case::Hop, "in polling", "Poller::notify", 1.0),
        ]
    }

    pub(super) fn main() {
        let options = Options::from_args();
        let table = measure(&options);
        let costs = String::new();
        Record::new("waitable", "`WaitableEvent`", &options, table, &goals(), costs)
            .finish(&options);
    }

    fn measure(options: &Options) -> Table {
        let columns = SUBJECTS.iter().map(|subject| subject.column).collect();
        let mut table = Table { columns, rows: Vec::new() };
        for case in CASES {
            let iterations = if options.bench { case.iterations() } else { 1 };
            rounds::measure(options, &mut table, case.rows(), |subject| {
                let samples = (SUBJECTS[subject].run)(case, iterations)?;
                Some(vec![samples; case.rows().len()])
            });
        }
        table
    }
}
