//! The comparison with the originals in Python:
//! `REVEILLE_PYTHON=python3 cargo bench -p reveille-benches --bench compare_originals`
//!
//! The Python of that name provides gevent, eventlet and BACpypes (`cargo xtask bench` installs
//! them). An original that it lacks is left out, with a message. Without `--bench`, ours runs
//! alone.
//!
//! Arguments: see the module `rounds`.

use std::cell::RefCell;
use std::env;

use reveille_benches::originals::python::Original;
use reveille_benches::originals::rows::CASES;
use reveille_benches::record::Record;
use reveille_benches::report::{Column, Table};
use reveille_benches::rounds::{self, Case as _, Options};

fn main() {
    let options = Options::from_args();
    let python = env::var_os("REVEILLE_PYTHON").filter(|_| options.bench);
    let mut columns = vec![Column::new("reveille", Some("reveille"))];
    let mut originals = Vec::new();
    for name in ["asyncio", "threading", "gevent", "eventlet", "BACpypes"] {
        let Some(python) = &python else { continue };
        match Original::start(python, name) {
            Ok(original) => {
                // Columns live as long as the process.
                columns.push(Column::new(name, Some(original.version.clone().leak())));
                originals.push(RefCell::new(original));
            }
            Err(error) => eprintln!("skipped: {name}: {}: {error}", python.display()),
        }
    }
    if originals.is_empty() && options.bench {
        eprintln!("skipped: REVEILLE_PYTHON names no Python that has an original");
        return;
    }
    let mut table = Table { columns, rows: Vec::new() };
    for case in CASES {
        let times = if options.bench { case.iterations() } else { 1 };
        rounds::measure(&options, &mut table, case.rows(), |column| {
            let took = match column.checked_sub(1) {
                None => case.run(times),
                Some(other) => originals[other].borrow_mut().run(case.question(), times),
            };
            took.map(|took| vec![vec![took]])
        });
    }
    Record::new("originals", "The originals", &options, table, String::new()).finish(&options);
}
