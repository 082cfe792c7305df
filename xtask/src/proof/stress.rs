//! The storms at length: tests/stress.rs and the timers of tests/signals.rs.
//!
//! Each ends with a line of what it has counted and its seed, or fails, or is ended by its watchdog. The
//! short forms are part of `test`. `REVEILLE_STRESS_SEED` throws the same dice in all of them.

use crate::{
    read::libtest,
    run::Run,
    step::{Done, Stop},
};
use std::time::Duration;

/// How often the handler of a 50 µs timer has to run, in all storms of timers together.
const STRIKES: u64 = 1_000_000;

/// How long each storm that goes by the clock blows.
const SECONDS: u64 = 60;

/// How many tasks are in a crowd.
const TASKS: u64 = 10_000;

/// How long each of the two programs may build and run.
const LIMIT: Duration = Duration::from_secs(2700);

/// What the last line of a storm that has ended well says.
const WELL: &str = "; 0 lost, 0 hung; seed ";

/// What stands behind the number of strikes.
const COUNTED: &str = " handler runs";

pub(crate) fn all() -> Done {
    let timers = blow("--test signals", "timers::")?;
    let strikes: u64 = timers.iter().filter_map(|line| strikes(line)).sum();
    println!("{strikes}{COUNTED} in all");
    if strikes < STRIKES {
        return Err(Stop::Failed(format!("{strikes}{COUNTED}: not {STRIKES}")));
    }
    blow("--test stress", "").map(drop)
}

/// The closing lines of these storms, one for each.
fn blow(target: &str, filter: &str) -> Result<Vec<String>, Stop> {
    let words = format!("test --release -p reveille --locked {target}");
    let text = Run::cargo(&format!("{words} -- --nocapture --test-threads=1 {filter}"))
        .env("REVEILLE_STRESS_STRIKES", &STRIKES.to_string())
        .env("REVEILLE_STRESS_SECONDS", &SECONDS.to_string())
        .env("REVEILLE_STRESS_TASKS", &TASKS.to_string())
        .limit(LIMIT)
        .go_and_tell()?;
    let lines: Vec<String> =
        text.lines().filter(|line| line.contains(WELL)).map(Into::into).collect();
    match (lines.len(), libtest::begun(&text)) {
        (told, begun) if told == begun && told > 0 => Ok(lines),
        (told, begun) => {
            Err(Stop::Failed(format!("{begun} storms, {told} have told their counts")))
        }
    }
}

/// How often a handler has run, by a closing line of a storm of timers.
fn strikes(line: &str) -> Option<u64> {
    let (before, _) = line.split_once(COUNTED)?;
    before.rsplit(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strikes_are_read_from_the_line_that_tells_them() {
        let line =
            "test a ... storm of timers: 20637 handler runs, 9 taken; 0 lost, 0 hung; seed 7";
        assert_eq!(strikes(line), Some(20_637));
        assert_eq!(strikes("storm of jobs: 3 jobs; 0 lost, 0 hung; seed 7"), None);
    }
}
