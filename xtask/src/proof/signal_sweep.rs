//! A signal at every instruction of the flag's operations: `tests/signal_sweep.rs`, in a release build.
//!
//! | run                                       | must                                       |
//! |-------------------------------------------|--------------------------------------------|
//! | every operation                           | pass, and print how many points it has     |
//! | `--cfg reveille_fault`, which parks a wait without its second look | fail, with `LOST` |

use crate::{
    read::libtest,
    run::Run,
    step::{self, Done, Stop},
};
use std::time::Duration;

/// In the short form: every so many points.
const SHORT: usize = 7;

/// How long a build with its sweep may take; all points take minutes.
const LIMIT: Duration = Duration::from_secs(3600);

/// The operation in which the fault is planted, and what a child prints that finds it.
const FAULTY: &str = "signal_is_kept_while_a_wait_parks";
const FOUND: &str = "LOST: ";

/// Every point.
pub(crate) fn all() -> Done {
    check(1)
}

/// One point in seven.
pub(crate) fn short() -> Done {
    check(SHORT)
}

fn check(every: usize) -> Done {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err(Stop::skipped("the tracer is for Linux on x86-64"));
    }
    let text =
        cargo("-- --show-output", every).target("signal-sweep").limit(LIMIT).go_and_tell()?;
    let (operations, points, signals) = total(&text);
    if operations == 0 || operations != libtest::begun(&text) {
        return Err(Stop::Failed(format!("{operations} operations have printed their points")));
    }
    find_the_fault(every)?;
    step::note(format!("{operations} operations, {points} points, {signals} signals, 0 lost"));
    step::note("fault found: a look that is left out");
    Ok(())
}

fn find_the_fault(every: usize) -> Done {
    let words = format!("-- --exact {FAULTY}");
    let run = cargo(&words, every).rustflags("--cfg reveille_fault").target("signal-sweep/fault");
    let output = run.limit(LIMIT).unseen()?;
    match output.text.lines().find(|line| line.contains(FOUND)) {
        Some(line) if !output.passed() && !output.overran() => {
            println!("the planted fault is found: {line}");
            Ok(())
        }
        _ => {
            println!("{}", output.text);
            Err(Stop::failed("the planted fault was not found"))
        }
    }
}

fn cargo(words: &str, every: usize) -> Run {
    Run::cargo(&format!("test --release -p reveille --locked --test signal_sweep {words}"))
        .env("CARGO_PROFILE_RELEASE_DEBUG", "line-tables-only")
        .env("CARGO_PROFILE_RELEASE_STRIP", "none")
        .env("REVEILLE_SWEEP_EVERY", &every.to_string())
}

/// How many operations have printed `NAME: 9 points, 18 signals`, and the sums of both.
fn total(text: &str) -> (usize, usize, usize) {
    let counts = |line: &str| {
        let (points, signals) = line.rsplit_once(": ")?.1.split_once(" points, ")?;
        let signals = signals.strip_suffix(" signals")?;
        Some((points.parse::<usize>().ok()?, signals.parse::<usize>().ok()?))
    };
    let counts = text.lines().filter_map(counts);
    counts.fold((0, 0, 0), |sum, (points, signals)| (sum.0 + 1, sum.1 + points, sum.2 + signals))
}

#[cfg(test)]
mod tests {
    use super::total;

    #[test]
    fn total_is_of_the_lines_with_both_counts() {
        let text = "set: nobody: 3 points, 6 signals\nb: 1 points, 2 signals\nc: 7 points\n";
        assert_eq!(total(text), (2, 4, 8));
    }
}
