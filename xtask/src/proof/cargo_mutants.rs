//! What cargo-mutants changes, which the tests must notice: hours for all of it.
//!
//! A pass ([`PASSES`]) tries what the passes before it have missed, since what one does not build
//! another does. The random tests are left out: what they catch is luck. `.cargo/mutants.toml` has
//! what is not tried, with the reason.
//!
//! `REVEILLE_SHARD=3/20` tries one part of twenty, counted from 0; `REVEILLE_MUTANTS=src/flag.rs`
//! tries the mutants of these files, separated by commas.

use crate::{
    install,
    platforms::{
        foreign,
        targets::{NO_STD, WINDOWS},
    },
    run::{Run, target},
    step::{self, Done, Stop},
};
use std::{collections::BTreeSet, env, fs, path::Path};

/// The names of mutants, as cargo-mutants prints them.
type Names = BTreeSet<String>;

/// A set of tests: its name, words for cargo that go before them, its tests, and how it is built.
type Pass = (&'static str, &'static str, &'static str, fn(Run) -> Run);

const PASSES: [Pass; 5] = [
    (
        "plain",
        "--lib",
        "event flag cancel link result value traits courier fork signals waitable waitable_unix \
         pollers",
        |run| run,
    ),
    ("loom", "--lib --profile=release", "", Run::under_loom),
    ("pipe", "--lib", "courier signals waitable waitable_unix pollers", Run::with_pipes),
    ("no-std", NO_STD, "no_std", |run| run),
    ("windows", "--lib --target", "traits waitable waitable_windows", foreign::in_wine),
];

/// The files that only Windows builds, and the one that its tests reach, too.
const ONLY_WINDOWS: [&str; 2] = ["src/raw/event_object.rs", "src/waitable/windows.rs"];
const ON_WINDOWS: [&str; 3] = [ONLY_WINDOWS[0], ONLY_WINDOWS[1], "src/waitable.rs"];

/// Where cargo-mutants lists its verdicts.
const VERDICTS: [&str; 4] = ["missed.txt", "caught.txt", "timeout.txt", "unviable.txt"];

const VERSION: &str = "27.1.0";

/// How much address space a build or a test may take, in bytes: a mutant that allocates without end
/// must not take the machine with it.
const MEMORY: u64 = 8 << 30;

pub(crate) fn check() -> Done {
    let program = install::cargo("cargo-mutants", VERSION, "cargo-mutants")?;
    let program = format!("--as={MEMORY} {} mutants -p reveille", program.display());
    let mutants = |words: &str| Run::program("prlimit", &format!("{program} {words}"));
    let list = |words: &str| -> Result<Names, Stop> {
        let text = mutants(&format!("--list {words}")).unseen()?.text;
        Ok(text.lines().filter(|line| line.starts_with("src/")).map(str::to_owned).collect())
    };
    let all = list("")?;
    let asked = list(&filter())?;
    let mut missed = asked.clone();
    for (name, words, tests, build) in PASSES {
        let (open, rest) = missed.into_iter().partition::<Names, _>(|mutant| tries(name, mutant));
        missed = rest;
        if open.is_empty() {
            continue;
        }
        if name == "windows" {
            foreign::wine()?;
        }
        println!("{name}: {} mutants", open.len());
        let place = target("cargo-mutants");
        let others: Vec<&str> = all.difference(&open).map(|name| &**name).collect();
        forget(&place.join("mutants.out"), &others.join("\n"))?;
        let mut words = words.replace("--target", &format!("--target {WINDOWS}"));
        words.extend(tests.split_whitespace().map(|test| format!(" --test {test}")));
        let args: String =
            words.split_whitespace().map(|word| format!(" --cargo-arg={word}")).collect();
        let run = mutants(&format!("--iterate --colors never --output {} {args}", place.display()));
        let run = build(run).target(&format!("cargo-mutants/{name}"));
        // It fails if it misses one.
        if let Err(Stop::Failed(why)) = run.go() {
            println!("{why}");
        }
        let verdicts = VERDICTS.map(|verdict| read(&place.join("mutants.out").join(verdict)));
        let tried = verdicts.iter().map(Names::len).sum::<usize>();
        if tried != open.len() {
            return Err(Stop::Failed(format!("{name}: {tried} of {} were tried", open.len())));
        }
        println!("{name}: {:?} are {VERDICTS:?}", verdicts.each_ref().map(Names::len));
        let [of_this_pass, ..] = verdicts;
        missed.extend(of_this_pass);
    }
    missed.iter().for_each(|name| println!("missed: {name}"));
    step::note(format!("{} of {} mutants missed", missed.len(), asked.len()));
    match (asked.len(), missed.len()) {
        (0, _) => Err(Stop::failed("there is no such mutant")),
        (_, 0) => Ok(()),
        (_, count) => Err(Stop::Failed(format!("{count} mutants are missed"))),
    }
}

/// The words that choose the mutants asked for.
fn filter() -> String {
    let files = env::var("REVEILLE_MUTANTS").unwrap_or_default();
    let files = files.split(',').filter(|file| !file.is_empty());
    let mut words: String = files.map(|file| format!(" --file {file}")).collect();
    if let Ok(shard) = env::var("REVEILLE_SHARD") {
        words += &format!(" --shard {shard}");
    }
    words
}

/// Whether a pass can judge a mutant.
fn tries(pass: &str, mutant: &str) -> bool {
    let is_of = |files: &[&str]| files.iter().any(|file| mutant.starts_with(file));
    match pass {
        "windows" => is_of(&ON_WINDOWS),
        _ => !is_of(&ONLY_WINDOWS),
    }
}

/// Has the next pass know no verdict, but leave out `others`, which it takes for caught.
fn forget(results: &Path, others: &str) -> Done {
    fs::create_dir_all(results)?;
    for verdict in VERDICTS {
        fs::write(results.join(verdict), "")?;
    }
    Ok(fs::write(results.join("previously_caught.txt"), others)?)
}

fn read(list: &Path) -> Names {
    fs::read_to_string(list).unwrap_or_default().lines().map(str::to_owned).collect()
}
