//! Reads what strace has seen of a thread that handlers interrupt: the system calls of the handlers
//! alone.

use std::{collections::BTreeMap, fmt};

/// Between these stand the calls of a handler: where a signal comes, and where its handler returns.
const BEGIN: &str = "--- SIGALRM ";
const END: &str = "rt_sigreturn(";

/// How many flags a handler of the storm sets: it may write once for each.
const FLAGS: usize = 3;

/// How many handlers have to run, and to write, lest nothing was looked at.
const MUST_RUN: usize = 300;
const MUST_WRITE: usize = 30;

/// How many handlers ran, and what they called.
#[derive(Debug, Default)]
pub(super) struct Tally {
    handlers: usize,
    writes: usize,
    offences: BTreeMap<String, usize>,
}

// === impl Tally ===

impl Tally {
    /// Adds the trace of a thread.
    pub(super) fn add(&mut self, trace: &str) {
        let mut open: Option<Vec<&str>> = None;
        for line in trace.lines() {
            match &mut open {
                // Its own signal is blocked in a handler.
                None if line.starts_with(BEGIN) => open = Some(Vec::new()),
                Some(_) if line.starts_with(END) => self.note(&open.take().unwrap_or_default()),
                Some(calls) => calls.push(line.split('(').next().unwrap_or_default()),
                None => {}
            }
        }
        // A handler that has not returned.
        open.iter().for_each(|calls| self.note(calls));
    }

    fn note(&mut self, calls: &[&str]) {
        self.handlers += 1;
        let writes = calls.iter().take_while(|&&call| call == "write").count();
        match calls.get(writes) {
            None if writes <= FLAGS => self.writes += writes,
            None => *self.offences.entry(format!("{writes} writes")).or_default() += 1,
            Some(&call) => *self.offences.entry(call.into()).or_default() += 1,
        }
    }

    pub(super) fn verdict(&self) -> Result<(), String> {
        if let Some((what, count)) = self.offences.first_key_value() {
            return Err(format!("{count} handlers made {what}, of {:?}", self.offences));
        }
        match (self.handlers, self.writes) {
            (handlers, _) if handlers < MUST_RUN => Err("there was hardly a storm".into()),
            (_, writes) if writes < MUST_WRITE => Err("hardly ever did somebody wait".into()),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { handlers, writes, offences } = self;
        let offences: usize = offences.values().sum();
        write!(
            f,
            "system calls of {handlers} handlers in a storm: {writes} writes; {offences} offences"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thread that is interrupted so often, by handlers that make these calls.
    fn tally(handlers: usize, calls: &[&str]) -> Tally {
        let calls: String =
            calls.iter().map(|call| format!("{call}(5, \"\\1\", 8) = 8\n")).collect();
        let handler = format!(
            "futex(0x7, FUTEX_WAIT) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)\n\
             --- SIGALRM {{si_signo=SIGALRM, si_code=SI_KERNEL}} ---\n{calls}\
             rt_sigreturn({{mask=[]}}) = 202\nmmap(NULL, 4096) = 0x7\n"
        );
        let mut tally = Tally::default();
        tally.add(&handler.repeat(handlers));
        tally
    }

    #[test]
    fn one_write_a_flag_is_well_and_all_else_is_not() {
        for calls in [&["write"][..], &["write"; 3]] {
            assert_eq!(tally(MUST_RUN, calls).verdict(), Ok(()), "{calls:?}");
        }
        for calls in [&["futex"][..], &["write", "futex"], &["mmap", "write"], &["write"; 4]] {
            let tally = tally(MUST_RUN, calls);
            assert!(tally.verdict().is_err(), "{calls:?}");
            assert_eq!(tally.offences.values().sum::<usize>(), MUST_RUN);
        }
    }

    #[test]
    fn calm_is_not_well() {
        assert!(tally(MUST_RUN - 1, &["write"]).verdict().is_err());
        assert!(tally(MUST_RUN, &[]).verdict().is_err());
    }

    #[test]
    fn handler_that_does_not_return_counts() {
        let mut tally = Tally::default();
        tally.add(
            "--- SIGALRM {si_signo=SIGALRM} ---\nfutex(0x7, FUTEX_WAIT) = ?\n+++ killed +++\n",
        );
        assert_eq!(tally.offences, BTreeMap::from([("futex".to_owned(), 1)]));
    }
}
