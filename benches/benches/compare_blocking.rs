//! The comparison of blocking waits: `cargo bench -p reveille-benches --bench compare_blocking`
//!
//! Arguments: see the module `rounds`.

use reveille_benches::blocking::rows::CASES;
use reveille_benches::blocking::subjects::SUBJECTS;
use reveille_benches::compare::compare;

fn main() {
    compare("blocking", "Blocking waits", &CASES, &SUBJECTS, "");
}
