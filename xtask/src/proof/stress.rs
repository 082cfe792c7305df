//! The stress tests at length: `tests/stress.rs`, and the timers of `tests/signals.rs`.
//!
//! Each ends with a line of its counts and its seed, or fails, or is ended by its watchdog. The short
//! forms are part of `test`. `REVEILLE_STRESS_SEED` reproduces a run.

use crate::{
    read::libtest,
    run::Run,
    step::{self, Done, Stop},
};
use std::time::Duration;

/// How often the handlers of the 50 µs timers must run, in all tests together.
const STRIKES: u64 = 1_000_000;

/// How long each test runs that is bounded by time.
const SECONDS: u64 = 60;

/// How many tasks a crowd has.
const TASKS: u64 = 10_000;

/// How long each of the two programs may build and run.
const LIMIT: Duration = Duration::from_secs(2700);

/// What the last line of a test that has passed contains.
const PASSED: &str = "; 0 lost, 0 hung; seed ";

/// What follows the number of strikes.
const COUNTED: &str = " handler runs";

pub(crate) fn all() -> Done {
    let timers = run("--test signals", "timers::")?;
    let strikes: u64 = timers.iter().filter_map(|line| strikes(line)).sum();
    if strikes < STRIKES {
        return Err(Stop::Failed(format!("{strikes}{COUNTED}, not {STRIKES}")));
    }
    let others = run("--test stress", "")?;
    step::note(format!("{strikes}{COUNTED}; {} tests, 0 lost", timers.len() + others.len()));
    Ok(())
}

/// The closing lines of these tests, one for each.
fn run(target: &str, filter: &str) -> Result<Vec<String>, Stop> {
    let words = format!("test --release -p reveille --locked {target}");
    let text = Run::cargo(&format!("{words} -- --nocapture --test-threads=1 {filter}"))
        .env("REVEILLE_STRESS_STRIKES", &STRIKES.to_string())
        .env("REVEILLE_STRESS_SECONDS", &SECONDS.to_string())
        .env("REVEILLE_STRESS_TASKS", &TASKS.to_string())
        .limit(LIMIT)
        .go_and_tell()?;
    let is_closing = |line: &&str| line.contains(PASSED);
    let lines: Vec<String> = text.lines().filter(is_closing).map(Into::into).collect();
    match (lines.len(), libtest::begun(&text)) {
        (closed, begun) if closed == begun && closed > 0 => Ok(lines),
        (closed, begun) => {
            Err(Stop::Failed(format!("{closed} of {begun} tests have printed their counts")))
        }
    }
}

/// How often a handler has run, from the closing line of a test of timers.
fn strikes(line: &str) -> Option<u64> {
    let (before, _) = line.split_once(COUNTED)?;
    before.rsplit(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strikes_are_read_from_the_line_that_has_them() {
        let line =
            "test a ... stress of timers: 20637 handler runs, 9 taken; 0 lost, 0 hung; seed 7";
        assert_eq!(strikes(line), Some(20_637));
        assert_eq!(strikes("stress of jobs: 3 jobs; 0 lost, 0 hung; seed 7"), None);
    }
}
