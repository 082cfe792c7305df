//! A signal at every instruction of the flag's operations: `tests/signal_sweep.rs`, in a release build.
//! One point in seven is part of `test-release`; the short form here is the planted fault.
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

/// How long a build with its sweep may take; all points take minutes.
const LIMIT: Duration = Duration::from_secs(3600);

/// The operation in which the fault is planted, and what a child prints that finds it.
const FAULTY: &str = "signal_is_kept_while_a_wait_parks";
const FOUND: &str = "LOST: ";

/// What plants the fault.
const PLANT: &str = "xtask/plant_fault.sh";

/// Every point.
pub(crate) fn all() -> Done {
    short()?;
    let run = cargo("--release", "-- --show-output").env("REVEILLE_SWEEP_EVERY", "1");
    let text = run.limit(LIMIT).go_and_tell()?;
    let (operations, points, signals) = total(&text);
    if operations == 0 || operations != libtest::begun(&text) {
        return Err(Stop::Failed(format!("{operations} operations have printed their points")));
    }
    step::note(format!("{operations} operations, {points} points, {signals} signals, 0 lost"));
    Ok(())
}

/// The planted fault alone.
pub(crate) fn short() -> Done {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err(Stop::skipped("the tracer is for Linux on x86-64"));
    }
    let plant = crate::root().join(PLANT).display().to_string();
    let run = cargo("--profile optimized", &format!("-- --exact {FAULTY}"))
        .env("RUSTC_WORKSPACE_WRAPPER", &plant);
    let output = run.limit(LIMIT).hushed()?;
    match output.text.lines().find(|line| line.contains(FOUND)) {
        Some(line) if !output.passed() && !output.overran() => {
            println!("the planted fault is found: {line}");
            step::note("fault found: a look that is left out");
            Ok(())
        }
        _ => {
            println!("{}", output.text);
            Err(Stop::failed("the planted fault was not found"))
        }
    }
}

fn cargo(profile: &str, words: &str) -> Run {
    Run::cargo(&format!("test {profile} -p reveille --locked --test signal_sweep {words}"))
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
