//! Reads what strace has seen of a thread that sets a flag, and then an event, between two marks, over
//! and over.

use std::fmt;

/// The system call that is a mark.
const MARK: &str = "getppid";

/// How often each part of the probe sets its flag: the first with a waiter parked, the second with one
/// that comes and goes, the third with nobody waiting any more. The fourth sets an event.
const SETS: usize = 1_000;
const PARTS: usize = 4;

/// How many sets of the first part have to write, lest nothing was looked at. The courier may have
/// yet to come for the last set, and then there is nothing to write.
const MUST_WRITE: usize = SETS / 2;

/// How many sets of each part wrote, and what is wrong with any.
#[derive(Debug, Default)]
pub(super) struct Tally {
    sets: usize,
    writes: [usize; PARTS],
    offences: Vec<String>,
}

/// The system calls of each set: what stands between two marks.
pub(super) fn sets(trace: &str) -> Vec<Vec<String>> {
    let mut sets = Vec::new();
    let mut open: Option<Vec<String>> = None;
    for call in trace.lines().map(|line| line.split('(').next().unwrap_or_default()) {
        match (&mut open, call == MARK) {
            (Some(_), true) => sets.extend(open.take()),
            (Some(calls), false) => calls.push(call.into()),
            (None, true) => open = Some(Vec::new()),
            (None, false) => {}
        }
    }
    sets
}

// === impl Tally ===

impl Tally {
    pub(super) fn of(sets: &[Vec<String>]) -> Self {
        let mut tally = Self { sets: sets.len(), ..Self::default() };
        for (number, calls) in sets.iter().enumerate() {
            match calls.iter().map(|call| &**call).collect::<Vec<_>>()[..] {
                [] => {}
                ["write"] if number / SETS < PARTS => tally.writes[number / SETS] += 1,
                _ => tally.offences.push(format!("set {number} made {}", calls.join(", "))),
            }
        }
        tally
    }

    pub(super) fn verdict(&self) -> Result<(), String> {
        if let Some(first) = self.offences.first() {
            return Err(format!("{}: the first, {first}", self.offences.len()));
        }
        match self.writes {
            _ if self.sets != PARTS * SETS => Err(format!("strace has seen {} sets", self.sets)),
            [_, _, nobody, _] if nobody > 0 => Err("a set writes although nobody waits".into()),
            [parked, ..] if parked < MUST_WRITE => Err("the waiter was hardly ever there".into()),
            [.., event] if event != SETS => Err("a set of an event does not write".into()),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [parked, any, nobody, event] = self.writes;
        write!(
            f,
            "system calls of {} sets: {parked} writes with a waiter parked, {any} with one that comes \
             and goes, {nobody} with nobody waiting; {event} to an event; {} offences",
            self.sets,
            self.offences.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All sets of the probe: in the first and the last part each makes these calls.
    fn tally(calls: &[&str]) -> Tally {
        let calls: Vec<String> = calls.iter().map(|&call| call.into()).collect();
        let mut sets = vec![Vec::new(); PARTS * SETS];
        sets[..SETS].fill(calls.clone());
        sets[(PARTS - 1) * SETS..].fill(calls);
        Tally::of(&sets)
    }

    #[test]
    fn what_stands_between_marks_is_a_set() {
        let trace = "brk(NULL) = 0x1\ngetppid() = 3\nwrite(4, \"\\1\", 8) = 8\ngetppid() = 3\n\
                     futex(0x7, FUTEX_WAIT) = 0\ngetppid() = 3\ngetppid() = 3\n+++ exited with 0 +++\n";
        assert_eq!(sets(trace), [vec!["write".to_owned()], vec![]]);
    }

    #[test]
    fn one_write_is_well_and_all_else_is_not() {
        assert_eq!(tally(&["write"]).verdict(), Ok(()));
        for calls in [&["futex"][..], &["write", "write"], &["brk", "write"], &[]] {
            assert!(tally(calls).verdict().is_err(), "{calls:?}");
        }
    }

    #[test]
    fn event_that_does_not_write_is_not_well() {
        let mut sets = vec![Vec::new(); PARTS * SETS];
        sets[..SETS].fill(vec!["write".to_owned()]);
        assert!(Tally::of(&sets).verdict().unwrap_err().contains("event"));
    }

    #[test]
    fn write_for_nobody_is_not_well() {
        let sets = vec![vec!["write".to_owned()]; PARTS * SETS];
        assert!(Tally::of(&sets).verdict().is_err());
    }
}
