//! The comparison of flags, and from a signal to a task:
//! `cargo bench -p reveille-benches --bench compare_flag`
//!
//! A `set` that goes through the courier, and a `set_direct` that does not, are two columns.
//!
//! Arguments: see the module `rounds`.

use reveille_benches::compare::compare;
use reveille_benches::flag::{rows, subjects};

fn main() {
    compare("flag", "`ThreadSafeFlag`", &rows::CASES, &subjects::SUBJECTS, "");
    #[cfg(unix)]
    {
        use reveille_benches::flag::signal;
        compare("signal", "Signal to task", &signal::CASES, &signal::SUBJECTS, "");
    }
}
