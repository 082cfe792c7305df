//! Bugs put in on purpose: each must be caught by the test that says it catches it.
//!
//! # The life of a mutant
//! ```text
//! verify/mutants/NAME.patch
//!   └► header (what it breaks, who catches it)
//!        └► the test passes on the copy of the project, and is one test
//!             └► the patch applies, the copy builds ─► the test fails: caught
//!                                                   └► it passes:    MISSED
//! ```
//! `REVEILLE_MUTANTS=waitable,flag_set` tries those alone whose names contain one of these.
//!
//! All else is missed too: a test that does not exist, or fails without the
//! mutant; a patch that does not apply or build; a test that overruns its time
//! (unless the header says `Hangs: yes`). None of these shows that the test can see the bug.

use crate::{
    platforms::{
        foreign,
        targets::{NO_STD, WINDOWS},
    },
    read::{files, libtest},
    run::Run,
    step::{Done, Stop},
};
use std::{collections::BTreeMap, env, fs, path::PathBuf, time::Duration};

mod header;
mod tree;

pub(crate) use header::Header;
use header::{Kind, Test};
pub(crate) use tree::Tree;

/// Where the mutants are.
const FOLDER: &str = "verify/mutants";

/// Names those that are wanted.
const WANTED: &str = "REVEILLE_MUTANTS";

/// How long one test may run on one mutant.
const LIMIT: Duration = Duration::from_secs(120);

/// How long the copy may take to build.
const BUILD: Duration = Duration::from_secs(1800);

/// A mutant that can be tried.
struct Mutant {
    path: PathBuf,
    header: Header,
}

/// What a test says of the copy as it stands.
enum Verdict {
    Passes,
    Fails,
    Overruns,
}

/// Tries every mutant.
pub(crate) fn all() -> Done {
    try_those(|_| true)
}

/// Tries the mutants with `Short: yes`.
pub(crate) fn short() -> Done {
    try_those(|header| header.short)
}

/// The patch of this name.
pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(FOLDER).join(name).with_extension("patch")
}

/// Parts of the names of those that are wanted; all have the empty one.
pub(crate) fn wanted() -> Vec<String> {
    env::var(WANTED).unwrap_or_default().split(',').map(Into::into).collect()
}

fn try_those(chosen: fn(&Header) -> bool) -> Done {
    let (mut mutants, mut unreadable) = (Vec::new(), 0);
    let wanted = wanted();
    for path in files::ending(FOLDER, "patch")? {
        if !wanted.iter().any(|part| files::stem(&path).contains(part)) {
            continue;
        }
        match Header::parse(&fs::read_to_string(&path)?) {
            Ok(header) if chosen(&header) => mutants.push(Mutant { path, header }),
            Ok(_) => {}
            Err(why) => {
                println!("MISSED  {}: {why}", files::stem(&path));
                unreadable += 1;
            }
        }
    }
    if mutants.is_empty() {
        return Err(Stop::Failed(format!("there is no such mutant in {FOLDER}")));
    }
    if mutants.iter().flat_map(|mutant| &mutant.header.caught_by).any(|test| test.windows) {
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
    let missed = mutants.len() - caught + unreadable;
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
        let words = format!("{} -- --exact", self.name);
        let output = self.cargo(&words, tree).limit(LIMIT).unseen().map_err(unable)?;
        match libtest::begun(&output.text) {
            1 if output.passed() => Ok(Verdict::Passes),
            1 if output.overran() => Ok(Verdict::Overruns),
            1 => Ok(Verdict::Fails),
            count => Err(format!("`{self}` names {count} tests, not 1")),
        }
    }

    fn cargo(&self, words: &str, tree: &Tree) -> Run {
        let release = if self.release { "--release" } else { "" };
        let features = match (&self.kind, &*self.features) {
            (Kind::NoStd(_), _) => NO_STD.into(),
            (_, "") => String::new(),
            (_, names) => format!("--features {names}"),
        };
        let target = match &self.kind {
            Kind::Loom | Kind::Lib => "--lib".into(),
            Kind::File(file) | Kind::Pipe(file) | Kind::NoStd(file) => format!("--test {file}"),
        };
        let on = if self.windows { format!("--target {}", WINDOWS) } else { String::new() };
        let words = format!("test -p reveille --locked {release} {on} {features} {target} {words}");
        let run = Run::cargo(&words).folder(tree.root());
        let run = if self.windows { foreign::in_wine(run) } else { run };
        match self.kind {
            Kind::Loom => run.under_loom().target("mutants/loom"),
            Kind::Pipe(_) => run.with_pipes().target("mutants/pipe"),
            Kind::Lib | Kind::File(_) | Kind::NoStd(_) => run.target("mutants/test"),
        }
    }
}
