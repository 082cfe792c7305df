//! Bugs planted on purpose: the tests that each patch names must fail on it.
//!
//! # The life of a mutant
//! ```text
//! verify/mutants/NAME.patch
//!   └► header (what it breaks, which tests catch it)
//!        └► the test passes on the copy of the project, and is one test
//!             └► the patch applies, the copy builds ─► the test fails: caught
//!                                                   └► it passes:    MISSED
//! ```
//! `REVEILLE_MUTANTS=waitable,flag_set` tries only the mutants whose names contain one of these.
//!
//! A mutant is missed, too, if a test does not exist or fails without it, if the patch does not apply
//! or build, or if a test overruns its time (unless the header has `Hangs: yes`). None of these shows
//! that the test detects the bug.

use crate::{
    platforms::{
        foreign,
        targets::{NO_STD, WINDOWS},
    },
    read::{files, libtest},
    run::Run,
    step::{Done, Stop},
};
use std::{collections::BTreeMap, env, time::Duration};

mod header;
mod list;
mod tree;

use header::{Kind, Test};
use list::Mutant;
pub(crate) use list::{check, path};
pub(crate) use tree::Tree;

/// Names the mutants to try.
const WANTED: &str = "REVEILLE_MUTANTS";

/// How long one test may run on one mutant.
const LIMIT: Duration = Duration::from_secs(120);

/// How long the copy may take to build.
const BUILD: Duration = Duration::from_secs(1800);

/// How a test ends on the copy as it stands.
enum Verdict {
    Passes,
    Fails,
    Overruns,
}

/// Tries every mutant, or those that `REVEILLE_MUTANTS` names.
pub(crate) fn all() -> Done {
    let wanted = env::var(WANTED).unwrap_or_default();
    // Every name contains the empty part.
    try_those(|mutant| wanted.split(',').any(|part| files::stem(&mutant.path).contains(part)))
}

/// Tries the mutants with `Short: yes`.
pub(crate) fn short() -> Done {
    try_those(|mutant| mutant.header.short)
}

fn try_those(chosen: impl Fn(&Mutant) -> bool) -> Done {
    let (mut mutants, unreadable) = list::all()?;
    unreadable.iter().for_each(|what| println!("MISSED  {what}"));
    mutants.retain(chosen);
    if mutants.is_empty() {
        return Err(Stop::failed("there is no such mutant"));
    }
    let mut tests = mutants.iter().flat_map(|mutant| &mutant.header.caught_by);
    if tests.any(|test| test.kind == Kind::Windows) {
        foreign::wine()?;
    }
    let tree = Tree::new("tree")?;
    let sound = sound(&tree, &mutants);
    let mut caught = 0;
    for mutant in &mutants {
        let name = files::stem(&mutant.path);
        let verdict = mutant.verdict(&tree, &sound);
        tree.mend()?;
        match &verdict {
            Ok(()) => println!("caught  {name}: {}", mutant.header.breaks),
            Err(why) => println!("MISSED  {name}: {why}"),
        }
        caught += usize::from(verdict.is_ok());
    }
    let missed = mutants.len() - caught + unreadable.len();
    println!("{caught} caught, {missed} missed");
    if missed == 0 { Ok(()) } else { Err(Stop::Failed(format!("{missed} mutants missed"))) }
}

/// Which tests pass on the sound copy, or why one does not.
fn sound(tree: &Tree, mutants: &[Mutant]) -> BTreeMap<Test, Result<(), String>> {
    let mut tests: Vec<Test> =
        mutants.iter().flat_map(|mutant| mutant.header.caught_by.clone()).collect();
    tests.sort();
    tests.dedup();
    let verdict = |test: &Test| match test.run(tree)? {
        Verdict::Passes => Ok(()),
        Verdict::Fails => Err(format!("`{test}` fails without the mutant")),
        Verdict::Overruns => Err(format!("`{test}` overruns its time without the mutant")),
    };
    tests.into_iter().map(|test| (test.clone(), verdict(&test))).collect()
}

// === impl Mutant ===

impl Mutant {
    /// Whether every test of the header catches it; or what went wrong.
    fn verdict(
        &self,
        tree: &Tree,
        sound: &BTreeMap<Test, Result<(), String>>,
    ) -> Result<(), String> {
        for test in &self.header.caught_by {
            sound.get(test).cloned().unwrap_or(Ok(()))?;
        }
        tree.break_with(&self.path)?;
        for test in &self.header.caught_by {
            match test.run(tree)? {
                Verdict::Fails => {}
                Verdict::Overruns if self.header.hangs => {}
                Verdict::Overruns => return Err(format!("`{test}` overruns its time")),
                Verdict::Passes => return Err(format!("`{test}` passes; {}", self.header.breaks)),
            }
        }
        Ok(())
    }
}

// === impl Test ===

impl Test {
    /// Builds and runs it; or says why that shows nothing.
    fn run(&self, tree: &Tree) -> Result<Verdict, String> {
        let unable = |error: std::io::Error| error.to_string();
        let build = self.cargo("--no-run", tree).limit(BUILD).unseen().map_err(unable)?;
        if !build.passed() {
            return Err(format!("`{self}` does not build:\n{}", build.text));
        }
        let words = match self.kind {
            Kind::Loom => format!("tests::{}::{} -- --exact", self.file, self.name),
            _ => format!("{} -- --exact", self.name),
        };
        let output = self.cargo(&words, tree).limit(LIMIT).unseen().map_err(unable)?;
        match libtest::begun(&output.text) {
            1 if output.passed() => Ok(Verdict::Passes),
            1 if output.overran() => Ok(Verdict::Overruns),
            1 => Ok(Verdict::Fails),
            count => Err(format!("`{self}` names {count} tests, not 1")),
        }
    }

    fn cargo(&self, words: &str, tree: &Tree) -> Run {
        let kind = match self.kind {
            Kind::Loom => "--release --lib".into(),
            Kind::Lib => "--lib".into(),
            Kind::File | Kind::Pipe => format!("--test {}", self.file),
            Kind::NoStd => format!("{NO_STD} --test {}", self.file),
            Kind::Windows => format!("--target {WINDOWS} --test {}", self.file),
        };
        let run = Run::cargo(&format!("test -p reveille --locked {kind} {words}"));
        let run = run.folder(tree.root()).target("");
        match self.kind {
            Kind::Loom => run.under_loom(),
            Kind::Pipe => run.with_pipes(),
            Kind::Windows => foreign::in_wine(run),
            Kind::Lib | Kind::File | Kind::NoStd => run,
        }
    }
}
