//! A step, its outcome, and the closing line.
//!
//! **A Skip Is Not A Pass.** Only a step that says so can be skipped ([`Step::may_skip`]): it
//! installs something, and there may be no network, or it is for one kind of host. A skip of any
//! other step is a failure, so no check disappears in silence.

use std::{
    env, fmt, io, mem,
    process::ExitCode,
    sync::{Mutex, PoisonError},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

/// One check, with its name.
pub(crate) struct Step {
    /// What it is called on the command line.
    pub(crate) name: &'static str,
    /// What it does, on one line of the list.
    pub(crate) about: &'static str,
    /// Does it.
    pub(crate) run: fn() -> Done,
    /// Whether `ci` runs it.
    pub(crate) in_ci: bool,
    may_skip: bool,
}

/// How a step ends: it passed, or why it stopped.
pub(crate) type Done = Result<(), Stop>;

/// Why a step did not pass.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Something is wrong; the sentence says what.
    Failed(String),
    /// It could not be tried; the sentence says why.
    Skipped(String),
}

/// How many steps ended which way.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: usize,
    failed: usize,
    skipped: usize,
}

/// What the table at the end shows for the step that is running.
static NOTES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Adds to what the table at the end shows for this step: its counts, its seed.
pub(crate) fn note(what: impl Into<String>) {
    NOTES.lock().unwrap_or_else(PoisonError::into_inner).push(what.into());
}

/// The seed in this variable, or a random one.
pub(crate) fn seed(variable: &str) -> String {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    env::var(variable).unwrap_or_else(|_| now().subsec_nanos().to_string())
}

/// Runs the steps in order, whatever fails, and prints the closing line last.
pub(crate) fn run_all(steps: &[&Step]) -> ExitCode {
    let mut tally = Tally::default();
    let mut failures = Vec::new();
    let mut table = String::new();
    for step in steps {
        println!("\n== {}: {}", step.name, step.about);
        let start = Instant::now();
        let done = judge(step.may_skip, (step.run)());
        let seconds = start.elapsed().as_secs_f64();
        tally.count(&done);
        let notes = mem::take(&mut *NOTES.lock().unwrap_or_else(PoisonError::into_inner));
        table += &row(step.name, &done, seconds, &notes);
        match done {
            Ok(()) => println!("-- {} passed, {seconds:.1} s", step.name),
            Err(Stop::Skipped(why)) => println!("-- {} skipped, {seconds:.1} s: {why}", step.name),
            Err(Stop::Failed(why)) => {
                println!("-- {} FAILED, {seconds:.1} s: {why}", step.name);
                failures.push(step.name);
            }
        }
    }
    println!("\n{table}");
    if !failures.is_empty() {
        println!("failed: {}", failures.join(" "));
    }
    println!("{tally}");
    if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The lines of a step in the table: one for each note, at least one.
fn row(name: &str, done: &Done, seconds: f64, notes: &[String]) -> String {
    let word = match done {
        Ok(()) => "passed",
        Err(Stop::Failed(_)) => "FAILED",
        Err(Stop::Skipped(_)) => "skipped",
    };
    let first = notes.first().map_or("", |note| note);
    let mut row = format!("{name:<23} {word:<7} {seconds:6.1} s  {first}");
    for note in notes.iter().skip(1) {
        row += &format!("\n{:<42}{note}", "");
    }
    row.trim_end().to_owned() + "\n"
}

/// Turns a skip of a step that must not be skipped into a failure.
fn judge(may_skip: bool, done: Done) -> Done {
    match done {
        Err(Stop::Skipped(why)) if !may_skip => {
            Err(Stop::Failed(format!("may not be skipped: {why}")))
        }
        done => done,
    }
}

// === impl Step ===

impl Step {
    pub(crate) const fn new(
        name: &'static str,
        about: &'static str,
        run: fn() -> Done,
        in_ci: bool,
    ) -> Self {
        Self { name, about, run, in_ci, may_skip: false }
    }

    /// It needs what is not available everywhere.
    pub(crate) const fn may_skip(self) -> Self {
        Self { may_skip: true, ..self }
    }
}

// === impl Stop ===

impl Stop {
    /// A failure, with the sentence that explains it.
    pub(crate) fn failed(why: impl Into<String>) -> Self {
        Self::Failed(why.into())
    }

    /// A skip, with the sentence that explains it.
    pub(crate) fn skipped(why: impl Into<String>) -> Self {
        Self::Skipped(why.into())
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

// === impl Tally ===

impl Tally {
    fn count(&mut self, done: &Done) {
        match done {
            Ok(()) => self.passed += 1,
            Err(Stop::Failed(_)) => self.failed += 1,
            Err(Stop::Skipped(_)) => self.skipped += 1,
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skip() -> Done {
        Err(Stop::Skipped("no network".into()))
    }

    #[test]
    fn skip_of_a_step_that_must_not_be_skipped_is_a_failure() {
        assert_eq!(judge(true, skip()), skip());
        assert!(matches!(judge(false, skip()), Err(Stop::Failed(_))));
        assert_eq!(judge(false, Ok(())), Ok(()));
    }

    #[test]
    fn closing_line_counts_each_outcome_once() {
        let mut tally = Tally::default();
        for done in [Ok(()), skip(), Ok(()), Err(Stop::failed("x")), Ok(()), skip()] {
            tally.count(&done);
        }
        assert_eq!(tally.to_string(), "3 passed, 1 failed, 2 skipped");
    }

    #[test]
    fn notes_stand_below_each_other() {
        let notes = ["9 points".into(), "seed 7".into()];
        let told = row("step", &Ok(()), 1.5, &notes);
        let at = |what: &str| told.lines().find_map(|line| line.find(what));
        assert_eq!(at("9 points"), at("seed 7"));
        assert_eq!(row("loom", &skip(), 2.0, &[]), format!("{:<23} skipped    2.0 s\n", "loom"));
    }
}
