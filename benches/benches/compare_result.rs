//! The comparison of results: `cargo bench -p reveille-benches --bench compare_result`
//!
//! The last row is `ValueEvent`'s; the others are `AsyncResult`'s.
//!
//! Arguments: see the module `rounds`.

use reveille_benches::compare::compare;
use reveille_benches::result::rows::CASES;
use reveille_benches::result::subjects::SUBJECTS;

fn main() {
    compare("result", "`AsyncResult` and `ValueEvent`", &CASES, &SUBJECTS, "");
}
