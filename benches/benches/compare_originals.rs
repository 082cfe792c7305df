//! The interleaved comparison with the originals in Python:
//! `REVEILLE_PYTHON=python3 cargo bench -p reveille-benches --bench compare_originals`
//!
//! Arguments, after `--`: those of `rounds`, which tells how it is measured. The Python of that name has what of
//! gevent, eventlet and BACpypes is to be compared (`cargo xtask bench` makes one); what it has not is left out, with a
//! line.
//!
//! Without `--bench`, as under `cargo test --benches`, it only tries ours out once.

use std::cell::RefCell;
use std::env;

use reveille_benches::goal::{Against, Goal};
use reveille_benches::originals::Case;
use reveille_benches::originals::python::Original;
use reveille_benches::originals::rows::CASES;
use reveille_benches::record::Record;
use reveille_benches::report::{Column, Table};
use reveille_benches::rounds::{self, Options};

/// What the crate is held to.
fn goals() -> [Goal; 1] {
    [Goal {
        name: "asyncio, 10,000 waiters".into(),
        row: Case::Crowd(10_000).row().name,
        ours: "reveille",
        against: Against::Column("asyncio"),
        most: 0.1,
    }]
}

fn main() {
    let options = Options::from_args();
    let python = env::var_os("REVEILLE_PYTHON").filter(|_| options.bench);
    let mut columns = vec![Column { name: "reveille", package: Some("reveille") }];
    let mut originals = Vec::new();
    for name in ["asyncio", "threading", "gevent", "eventlet", "BACpypes"] {
        let Some(python) = &python else { continue };
        match Original::start(python, name) {
            Ok(original) => {
                // Columns live as long as the process.
                let version = original.version.clone().leak();
                columns.push(Column { name, package: Some(version) });
                originals.push(RefCell::new(original));
            }
            Err(error) => eprintln!("skipped: {name}: {}: {error}", python.display()),
        }
    }
    if originals.is_empty() && options.bench {
        eprintln!("skipped: the originals: REVEILLE_PYTHON names no Python that has one");
        return;
    }
    let mut table = Table { columns, rows: Vec::new() };
    for case in CASES {
        let times = if options.bench { case.times() } else { 1 };
        rounds::measure(&options, &mut table, vec![case.row()], |column| {
            let took = match column.checked_sub(1) {
                None => case.run(times),
                Some(other) => originals[other].borrow_mut().run(case.question(), times),
            };
            took.map(|took| vec![vec![took]])
        });
    }
    Record::new("originals", "The originals", &options, table, &goals(), String::new())
        .finish(&options);
}
