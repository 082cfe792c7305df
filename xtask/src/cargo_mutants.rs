//! Every change that cargo-mutants can think of: which of them no promise and no model catches.
//!
//! # The passes
//! A mutant that one pass misses goes on to the next; the first are cheap, and catch most.
//!
//! | pass             | asks                                        | mutants of       |
//! |------------------|---------------------------------------------|------------------|
//! | `event`, `flag`… | the promises about the file, by [`NEAR`]    | its files        |
//! | `promises`       | all promises, and the tests in the library  | all files, but [`WINDOWS_ALONE`] |
//! | `loom`           | the models                                  | the same         |
//! | `pipe`, `no-std` | the promises on the other back ends         | the same         |
//! | `windows`…       | the promises about the file, by [`WINDOWS`], under wine | its files |
//!
//! So what one pass does not build, another does, and only what all of them let by is missed. What cannot be
//! judged by any of them is not tried: [`APART`] has the reasons, and the step says how many there are of each.
//!
//! The random tests (`model`, `storm`) are not asked: what they catch is luck.
//!
//! # It takes hours, so it goes on where it stopped
//! Each verdict is kept in the target folder. One that says "caught" holds for as long as the file of the
//! mutant stays as it is, one that says "missed" only until a test changes. `REVEILLE_PART=3/20` tries
//! the third of twenty parts alone, `REVEILLE_MUTANTS=src/raw/fd.rs,Relay::clear` those whose names, as
//! cargo-mutants prints them, contain one of these; both: the part of those.
//!
//! # When it passes
//! Every mutant that it tries has a verdict, and `RELIABILITY.md` names each that is missed, where it says why that one is
//! no fault. Of all of them together at least [`AT_LEAST`] percent are caught, and none is named that is not missed.

use crate::{
    files, foreign,
    mutants::{Tree, wanted},
    run::{Run, target},
    step::{Done, Stop},
    testing::NO_STD,
};
use std::{
    collections::{BTreeMap, BTreeSet, hash_map::DefaultHasher},
    env, fs,
    hash::{Hash as _, Hasher as _},
    io,
    path::{Path, PathBuf},
};

use ledger::{Ledger, Verdict, path_of};

mod ledger;

/// The share of mutants that must be caught, in percent.
const AT_LEAST: usize = 95;

/// The release that the verdicts are of.
const VERSION: &str = "27.1.0";

/// The first passes, few tests each, since building them is what takes long: name, files by their stem, tests.
const NEAR: [(&str, &[&str], &str); 7] = [
    ("event", &["event", "queue", "list", "batch", "state", "block"], "event"),
    ("flag", &["flag", "relay", "post", "slot"], "flag"),
    ("courier", &["courier", "fork"], "courier fork"),
    ("link", &["link", "callback"], "link"),
    ("result", &["result", "resolve", "error"], "result"),
    ("value", &["value"], "value"),
    ("waitable", &["waitable", "fd"], "waitable waitable_unix"),
];

/// All promises.
const PROMISES: &str = "event flag cancel link result value traits courier fork signals waitable waitable_unix pollers";

/// Those that have to do with a descriptor.
const DESCRIPTORS: &str = "courier signals waitable waitable_unix pollers";

/// Passes for what Windows alone builds, as [`NEAR`].
const WINDOWS: [(&str, &[&str], &str); 2] = [
    ("windows", &[WINDOWS_ALONE, "waitable"], "waitable waitable_windows"),
    ("windows-fork", &["fork"], "traits"),
];

/// What is not built anywhere else, so that no other pass is asked.
const WINDOWS_ALONE: &str = "handle";

/// Mutants that are not tried: of which file or folder, what their names contain, and why.
const APART: [(&str, &str, &str); 5] = [
    ("src/", "tests::", "what unit tests stand on"),
    (
        "src/raw/list.rs",
        "Node::overwrite",
        "a model's eye, no code of the crate; without it that model does not see `woken_stored_too_early`, which \
         `cargo xtask mutants` wants seen",
    ),
    (
        "src/raw/fd.rs",
        "backend::pipe -> ",
        "Apple's is not built, and neither would build where it is: an `OwnedFd` has no `Default`",
    ),
    (
        "src/raw/courier.rs",
        "Mask::close -> ",
        "Miri's is not built, and neither would build where it is: a `Mask` has no `Default`",
    ),
    (
        "src/sync.rs",
        "::with",
        "some are not built, and none would build where it is: it returns what its caller chooses, and that \
         need have no `Default`",
    ),
];

/// How long a mutant may build, and its tests may run, in seconds. The promises have watchdogs.
const BUILD: &str = "1200";
const TESTS: &str = "120";

/// How much address space cargo, a compiler or a mutant may take, in bytes: one that allocates without end must
/// not take the machine with it.
const MEMORY: u64 = 8 << 30;

/// A set of tests, and how it is run.
struct Pass {
    name: &'static str,
    /// Arguments for cargo, when it builds and when it runs.
    words: String,
    kind: Kind,
    /// The stems of the files whose mutants it tries; empty: all.
    files: &'static [&'static str],
}

#[derive(Clone, Copy)]
enum Kind {
    Plain,
    Loom,
    Pipe,
    NoStd,
    Windows,
}

pub(crate) fn check() -> Done {
    need()?;
    let part = part(env::var("REVEILLE_PART").ok().as_deref())?;
    let folder = target("mutants").join("cargo-mutants");
    fs::create_dir_all(&folder)?;
    let mut ledger = Ledger::open(&folder.join("verdicts"), &stamp()?)?;
    // What an earlier run had found out when it was stopped.
    harvest(&folder, &mut ledger)?;
    let tree = Tree::new("tree-of-cargo-mutants")?;
    let mutants = tell_apart(list(&tree)?)?;
    let wanted = wanted();
    let is_wanted = |name: &String| wanted.iter().any(|part| name.contains(part));
    let chosen: Vec<&String> = mutants.iter().filter(|name| is_wanted(name)).collect();
    let chosen = &chosen[part.0 * chosen.len() / part.1..(part.0 + 1) * chosen.len() / part.1];
    if chosen.is_empty() {
        return Err(Stop::failed("there is no such mutant"));
    }
    let passes = passes();
    for pass in &passes {
        let open = |name: &&&String| pass.is_for(name) && !ledger.is_done(name, pass.name);
        let open: Vec<&String> = chosen.iter().filter(open).copied().collect();
        if open.is_empty() {
            continue;
        }
        println!("{}: {} mutants", pass.name, open.len());
        fs::write(folder.join("pass"), pass.record(&tree, &open, &ledger)?)?;
        pass.run(&tree, &folder, &open)?;
        let found = harvest(&folder, &mut ledger)?;
        tree.mend()?;
        if found == 0 {
            return Err(Stop::Failed(format!("cargo-mutants said nothing in pass {}", pass.name)));
        }
    }
    for name in chosen {
        let is_through = |pass: &Pass| !pass.is_for(name) || ledger.is_done(name, pass.name);
        if ledger.of(name).is_none() && passes.iter().all(is_through) {
            ledger.note(name, Verdict::Missed, "")?;
        }
    }
    let is_whole = chosen.len() == mutants.len();
    verdict(chosen, is_whole, &ledger, &fs::read_to_string("RELIABILITY.md")?)
}

/// Those that are tried; says how many are not, and why.
fn tell_apart(mut mutants: Vec<String>) -> Result<Vec<String>, Stop> {
    for (place, what, why) in APART {
        let before = mutants.len();
        mutants.retain(|name| !(name.starts_with(place) && name.contains(what)));
        match before - mutants.len() {
            0 => return Err(Stop::Failed(format!("APART: `{what}` in {place} is no mutant"))),
            count => println!("not tried: {count} of {place} {what}: {why}"),
        }
    }
    Ok(mutants)
}

/// Counts, names those that were missed, and judges.
fn verdict(mutants: &[&String], is_whole: bool, ledger: &Ledger, reliability: &str) -> Done {
    let mut counts = BTreeMap::new();
    let (mut missed, mut unnamed) = (BTreeSet::new(), 0);
    let named = named(reliability);
    for name in mutants {
        let verdict = ledger.of(name);
        *counts.entry(verdict.map_or("untried", Verdict::word)).or_insert(0_usize) += 1;
        if verdict == Some(Verdict::Missed) {
            let is_named = named.contains(&*plain(name));
            unnamed += usize::from(!is_named);
            println!("{}  {name}", if is_named { "missed, and named" } else { "MISSED" });
            missed.insert(plain(name));
        }
    }
    let stale = named.into_iter().filter(|name| is_whole && !missed.contains(*name));
    let stale = stale.inspect(|name| println!("named, and not missed  {name}")).count();
    let count = |word| counts.get(word).copied().unwrap_or(0);
    let (caught, missed) = (count("caught") + count("timeout"), count("missed"));
    println!(
        "{} mutants: {caught} caught ({} of them overran their time), {missed} missed, {} do not build, {} untried",
        mutants.len(),
        count("timeout"),
        count("unviable"),
        count("untried"),
    );
    let tried = (caught + missed).max(1);
    println!(
        "{}.{} % of those that build are caught",
        caught * 100 / tried,
        caught * 1000 / tried % 10
    );
    match () {
        () if unnamed > 0 => {
            Err(Stop::Failed(format!("{unnamed} missed, and not in RELIABILITY.md")))
        }
        () if stale > 0 => {
            Err(Stop::Failed(format!("RELIABILITY.md names {stale} that are not missed")))
        }
        () if is_whole && caught * 100 < AT_LEAST * tried => {
            Err(Stop::failed("too few are caught"))
        }
        () if count("untried") > 0 => Err(Stop::failed("some are still to be tried")),
        () => Ok(()),
    }
}

/// The mutants that a document names: `src/FILE.rs: WHAT`, as code.
fn named(text: &str) -> BTreeSet<&str> {
    let code = text.split('`').skip(1).step_by(2);
    code.filter(|code| code.starts_with("src/") && code.contains(".rs: ")).collect()
}

/// A mutant's name without its line and column, as the documents have it: those move.
fn plain(name: &str) -> String {
    let mut parts = name.splitn(4, ':');
    let (path, what) = (parts.next().unwrap_or_default(), parts.nth(2).unwrap_or_default());
    format!("{path}:{what}")
}

/// The part that is asked for, from 0, and of how many.
fn part(words: Option<&str>) -> Result<(usize, usize), Stop> {
    let Some(words) = words else { return Ok((0, 1)) };
    let numbers = words.split_once('/').and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
    match numbers {
        Some((k, n)) if (1..=n).contains(&k) => Ok((k - 1, n)),
        _ => Err(Stop::Failed(format!("REVEILLE_PART: `{words}` is no part, as 3/20 is"))),
    }
}

fn passes() -> Vec<Pass> {
    let tests = |names: &str| names.split(' ').map(|name| format!(" --test {name}")).collect();
    let lib = |names: &str| {
        format!("--lib{}", {
            let tests: String = tests(names);
            tests
        })
    };
    let near = |&(name, files, names): &(&'static str, &'static [&'static str], &str)| Pass {
        name,
        words: lib(names),
        kind: Kind::Plain,
        files,
    };
    let pass = |name, words, kind| Pass { name, words, kind, files: &[] };
    let mut passes: Vec<Pass> = NEAR.iter().map(near).collect();
    passes.extend([
        pass("promises", lib(PROMISES), Kind::Plain),
        pass("loom", "--lib".into(), Kind::Loom),
        pass("pipe", lib(DESCRIPTORS), Kind::Pipe),
        pass("no-std", "--test no_std".into(), Kind::NoStd),
    ]);
    let near = |&(name, files, names): &(&'static str, &'static [&'static str], &str)| Pass {
        name,
        words: format!("{} --target {}", lib(names), foreign::WINDOWS),
        kind: Kind::Windows,
        files,
    };
    passes.extend(WINDOWS.iter().map(near));
    passes
}

/// The names of all mutants.
fn list(tree: &Tree) -> Result<Vec<String>, Stop> {
    let output = mutants("--list", tree).unseen()?;
    let names: Vec<String> =
        output.text.lines().filter(|line| line.starts_with("src/")).map(Into::into).collect();
    match output.passed() && !names.is_empty() {
        true => Ok(names),
        false => Err(Stop::Failed(format!("cargo-mutants lists nothing:\n{}", output.text))),
    }
}

fn mutants(words: &str, tree: &Tree) -> Run {
    let words = format!("--as={MEMORY} cargo mutants --package reveille {words}");
    Run::program("prlimit", &words).folder(tree.root())
}

/// Takes over what cargo-mutants has written down of the pass that is recorded there; how many verdicts.
fn harvest(folder: &Path, ledger: &mut Ledger) -> Result<usize, Stop> {
    let Ok(record) = fs::read_to_string(folder.join("pass")) else { return Ok(0) };
    // cargo-mutants holds it for as long as it runs.
    if let Ok(lock) = fs::File::open(folder.join("mutants.out/lock.json"))
        && let Err(fs::TryLockError::WouldBlock) = lock.try_lock()
    {
        return Err(Stop::failed("another cargo-mutants is still at it, in the same folder"));
    }
    let mut lines = record.lines().filter_map(|line| line.split_once('\t'));
    let (pass, tests) = lines.next().unwrap_or_default();
    let files: BTreeMap<&str, &str> = lines.collect();
    let mut count = 0;
    for verdict in Verdict::ALL {
        let path = folder.join(format!("mutants.out/{}.txt", verdict.word()));
        for name in fs::read_to_string(path).unwrap_or_default().lines() {
            if let Some(file) = files.get(path_of(name)) {
                ledger.note_of((tests, file), name, verdict, pass)?;
                count += 1;
            }
        }
    }
    for left in ["mutants.out", "mutants.out.old"] {
        match fs::remove_dir_all(folder.join(left)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(count)
}

/// Sees to it that cargo-mutants is there.
fn need() -> Done {
    let version = Run::cargo("mutants --version").unseen()?;
    if version.passed() && version.text.contains(VERSION) {
        return Ok(());
    }
    println!("installing what is missing:");
    let install = format!("install --locked cargo-mutants --version {VERSION}");
    Run::cargo(&install).go().map_err(|_| Stop::Skipped(format!("`cargo {install}` failed")))
}

/// What "missed" depends on: all tests.
fn stamp() -> io::Result<String> {
    let mut paths = files::ending("tests", "rs")?;
    paths.extend(files::ending("src/tests", "rs")?);
    hash(Path::new(""), &paths)
}

/// A hash of these files in this folder.
fn hash(folder: &Path, paths: &[PathBuf]) -> io::Result<String> {
    let mut hasher = DefaultHasher::new();
    for path in paths {
        path.hash(&mut hasher);
        fs::read(folder.join(path))?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

// === impl Pass ===

impl Pass {
    fn is_for(&self, name: &str) -> bool {
        let path = path_of(name);
        let is_of = |stem: &&str| {
            path.ends_with(&format!("/{stem}.rs")) || path.contains(&format!("/{stem}/"))
        };
        let is_built = matches!(self.kind, Kind::Windows) || !is_of(&WINDOWS_ALONE);
        is_built && (self.files.is_empty() || self.files.iter().any(is_of))
    }

    /// What its verdicts will be of: itself and the tests, and the files as the copy has them. The project's own
    /// may change before the verdicts are there.
    fn record(&self, tree: &Tree, names: &[&String], ledger: &Ledger) -> io::Result<String> {
        let mut record = format!("{}\t{}\n", self.name, ledger.stamp());
        for path in names.iter().map(|name| path_of(name)).collect::<BTreeSet<_>>() {
            record += &format!("{path}\t{}\n", hash(tree.root(), &[path.into()])?);
        }
        Ok(record)
    }

    /// Has cargo-mutants try these, after it has seen that the tests pass without any.
    fn run(&self, tree: &Tree, folder: &Path, names: &[&String]) -> Done {
        let escaped: Vec<String> = names.iter().map(|name| escape(name)).collect();
        let mut files: Vec<&str> = names.iter().map(|name| path_of(name)).collect();
        files.dedup();
        // The expression does not keep it from deleting fields (27.1.0), so it is shown these files alone.
        let config =
            format!("examine_globs = {files:?}\nexamine_re = ['''^({})$''']\n", escaped.join("|"));
        fs::write(tree.root().join(".cargo/mutants.toml"), config)?;
        let args: String =
            self.words.split_whitespace().map(|word| format!(" --cargo-arg={word}")).collect();
        let limits = format!("--build-timeout {BUILD} --timeout {TESTS}");
        let output = format!("--in-place --colors never --output {}", folder.display());
        let words = format!("{output} {limits} --cargo-arg=--locked{args}");
        let run = match self.kind {
            Kind::NoStd => mutants(&format!("{words} {NO_STD}"), tree).target("cargo-mutants/test"),
            Kind::Plain => mutants(&words, tree).target("cargo-mutants/test"),
            Kind::Loom => mutants(&format!("{words} --profile release"), tree)
                .under_loom()
                .target("cargo-mutants/loom"),
            Kind::Pipe => mutants(&words, tree).with_pipes().target("cargo-mutants/pipe"),
            Kind::Windows => {
                foreign::wine()?;
                foreign::in_wine(mutants(&words, tree)).target("cargo-mutants/test")
            }
        };
        // It fails if it misses one, and says so in its lists. No limit, which would hold Ctrl-C back from it: it
        // has limits of its own for what it runs.
        if let Err(Stop::Failed(why)) = run.go() {
            println!("{why}");
        }
        Ok(())
    }
}

/// A name as a regular expression that nothing else matches.
fn escape(name: &str) -> String {
    let mut escaped = String::new();
    for c in name.chars() {
        if !c.is_alphanumeric()
            && !matches!(c, ' ' | '_' | '/' | ':' | '<' | '>' | '\'' | '"' | ',')
        {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_name_a_mutant_without_its_line() {
        let name = "src/raw/queue.rs:95:9: replace Queue::set with ()";
        assert_eq!(plain(name), "src/raw/queue.rs: replace Queue::set with ()");
    }

    #[test]
    fn documents_name_what_they_quote_as_code() {
        let text = "```sh\nls src/a.rs\n```\n`src/a.rs: replace | with ^ in f`: no\nsrc/b.rs: x `src/c.rs`";
        assert_eq!(named(text), BTreeSet::from(["src/a.rs: replace | with ^ in f"]));
    }

    #[test]
    fn what_is_apart_is_there_and_is_not_tried() {
        let one_of = |(place, what, _): &(&str, &str, &str)| {
            let file = if place.ends_with(".rs") { place } else { &*format!("{place}a.rs") };
            format!("{file}:1:2: replace {what}")
        };
        let mut names: Vec<String> = APART.iter().map(one_of).collect();
        names.push("src/a.rs:1:2: replace f with ()".into());
        assert_eq!(tell_apart(names.clone()), Ok(vec![names[APART.len()].clone()]));
        names.remove(1);
        assert!(tell_apart(names).is_err());
    }

    fn ledger(name: &str, verdicts: &[(&String, Verdict)]) -> Ledger {
        let path = env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        let mut ledger = Ledger::open(&path, "tests").unwrap();
        fs::remove_file(path).unwrap();
        for (name, verdict) in verdicts {
            ledger.note(name, *verdict, "").unwrap();
        }
        ledger
    }

    #[test]
    fn missed_mutant_must_be_named_and_a_named_one_missed() {
        let (a, b) = ("src/a.rs:1:2: x".to_string(), "src/a.rs:3:4: y".to_string());
        let some = ledger("named", &[(&a, Verdict::Caught), (&b, Verdict::Missed)]);
        assert!(verdict(&[&a, &b], false, &some, "").is_err());
        assert_eq!(verdict(&[&a, &b], false, &some, "`src/a.rs: y`"), Ok(()));
        assert!(verdict(&[&a, &b], true, &some, "`src/a.rs: y`").is_err(), "half are caught");
        let all = ledger("all", &[(&a, Verdict::Caught), (&b, Verdict::Timeout)]);
        assert_eq!(verdict(&[&a, &b], true, &all, ""), Ok(()));
        assert!(verdict(&[&a, &b], true, &all, "`src/a.rs: y`").is_err());
        assert_eq!(verdict(&[&a], false, &all, "`src/a.rs: y`"), Ok(()));
        let open = ledger("open", &[(&a, Verdict::Caught)]);
        assert!(verdict(&[&a, &b], true, &open, "").is_err(), "one is untried");
    }

    #[test]
    fn verdicts_of_a_run_that_was_stopped_are_of_what_it_was_given() {
        let folder = env::temp_dir().join(format!("xtask-harvest-{}", std::process::id()));
        fs::create_dir_all(folder.join("mutants.out")).unwrap();
        let source = folder.join("a.rs");
        let [a, b] = [1, 2].map(|line| format!("{}:{line}:1: x", source.display()));
        let harvested = |given: &str, tests: &str, now: &str| {
            fs::write(&source, given).unwrap();
            let file = hash(Path::new(""), std::slice::from_ref(&source)).unwrap();
            let record = format!("p\t{tests}\n{}\t{file}\n", source.display());
            fs::write(folder.join("pass"), record).unwrap();
            fs::create_dir_all(folder.join("mutants.out")).unwrap();
            fs::write(folder.join("mutants.out/caught.txt"), format!("{a}\n")).unwrap();
            fs::write(folder.join("mutants.out/missed.txt"), format!("{b}\n")).unwrap();
            fs::write(&source, now).unwrap();
            fs::write(folder.join("verdicts"), "").unwrap();
            let mut ledger = Ledger::open(&folder.join("verdicts"), "tests").unwrap();
            assert_eq!(harvest(&folder, &mut ledger), Ok(2));
            assert_eq!(harvest(&folder, &mut ledger), Ok(0), "taken once");
            let known = (ledger.is_done(&a, "p"), ledger.is_done(&b, "p"));
            let again = Ledger::open(&folder.join("verdicts"), "tests").unwrap();
            assert_eq!((again.is_done(&a, "p"), again.is_done(&b, "p")), known);
            known
        };
        assert_eq!(harvested("one", "tests", "one"), (true, true));
        assert_eq!(harvested("one", "others", "one"), (true, false));
        assert_eq!(harvested("one", "tests", "two"), (false, false));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn name_is_escaped() {
        let name = "src/a.rs:1:2: replace + with * in <impl T for U<'_>>::f -> [u8; 2]";
        let escaped = escape(name);
        assert!(escaped.contains(r"src/a\.rs:1:2: replace \+ with \* in <impl"));
        assert!(escaped.ends_with(r"f \-> \[u8\; 2\]"));
    }

    #[test]
    fn parts_are_counted_from_one() {
        assert_eq!(part(None), Ok((0, 1)));
        assert_eq!(part(Some("3/20")), Ok((2, 20)));
        for bad in ["0/2", "3/2", "x", "1"] {
            assert!(part(Some(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_promise_is_asked() {
        let tests = files::ending(crate::root().join("tests"), "rs").unwrap();
        let apart = [
            "broken",
            "executors",
            "features",
            "model",
            "no_std",
            "step",
            "storm",
            "waitable_windows",
        ];
        for path in tests.iter().filter(|path| path.parent().unwrap().ends_with("tests")) {
            let name = files::stem(path);
            let asked = PROMISES.split(' ').any(|asked| asked == name);
            assert!(asked || apart.contains(&&*name), "tests/{name}.rs");
        }
    }

    #[test]
    fn first_pass_is_for_a_file_and_for_those_in_its_folder() {
        let waitable = passes().into_iter().find(|pass| pass.name == "waitable").unwrap();
        assert!(waitable.is_for("src/waitable.rs:1:2: x"));
        assert!(waitable.is_for("src/raw/fd/pipe.rs:1:2: x"));
        assert!(!waitable.is_for("src/flag.rs:1:2: x"));
    }

    #[test]
    fn every_file_has_a_pass_and_what_is_built_on_windows_alone_no_other() {
        let asked = |name: &str| {
            let passes = passes().into_iter().filter(|pass| pass.is_for(name));
            passes.map(|pass| pass.name).collect::<Vec<_>>()
        };
        assert_eq!(asked("src/raw/handle.rs:1:2: x"), ["windows"]);
        let all = ["promises", "loom", "pipe", "no-std"];
        assert_eq!(asked("src/sync.rs:1:2: x"), all);
        assert_eq!(
            asked("src/raw/fork.rs:1:2: x"),
            ["courier", "promises", "loom", "pipe", "no-std", "windows-fork"]
        );
    }
}
