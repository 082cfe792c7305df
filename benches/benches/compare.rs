//! The comparison of events: `cargo bench -p reveille-benches --bench compare`
//!
//! Arguments: see the module `rounds`.

use reveille_benches::compare::compare;
use reveille_benches::rows::CASES;
use reveille_benches::sizes;
use reveille_benches::subjects::SUBJECTS;

fn main() {
    compare("event", "`Event`", &CASES, &SUBJECTS, &sizes::table());
}
