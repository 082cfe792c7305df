//! Faults of the surroundings: the tests that inject them, in whichever file they are.
//!
//! Each is part of `test`; here they run by themselves, optimized, and none may be missing.

use crate::{
    read::libtest,
    run::Run,
    step::{Done, Stop},
};
use std::time::Duration;

/// What is at fault, and which tests show that it does no harm: a file of tests/ and a prefix.
const TESTS: [(&str, &str, &str); 12] = [
    ("after fork", "faults", "kin::"),
    ("after fork", "fork", ""),
    ("after fork", "signals", "child_of_a_fork"),
    ("no descriptor, no memory, no thread", "faults", "limits::"),
    ("no descriptor", "waitable_unix", "no_descriptors_left"),
    ("no descriptor", "waitable_unix", "limit_of_no_descriptors"),
    ("a descriptor that hangs up or is closed", "waitable_unix", "event_whose_descriptor"),
    ("a waker that panics on the courier", "courier", "panic_on_the_courier"),
    ("a process that exits", "faults", "exit::"),
    ("mem::forget of what is parked", "faults", "forgotten::"),
    ("mem::forget of what is parked", "courier", "leaked_wait"),
    ("mem::forget of links", "link", "event_with_leaked_waits_and_links"),
];

/// How long one of them may build and run.
const LIMIT: Duration = Duration::from_secs(1200);

pub(crate) fn all() -> Done {
    let mut lines = Vec::new();
    for (what, file, names) in TESTS {
        let words = format!("test --release -p reveille --locked --test {file} {names}");
        let text = Run::cargo(&words).limit(LIMIT).go_and_tell()?;
        match libtest::begun(&text) {
            0 => return Err(Stop::Failed(format!("{file}: there is no test `{names}…`"))),
            count => lines.push(format!("{what}: {count} of tests/{file}.rs")),
        }
    }
    lines.iter().for_each(|line| println!("{line}"));
    Ok(())
}
