//! Each atomic ordering of the library weakened in turn: a loom model must notice each time.
//!
//! | ordering           | is weakened to         |
//! |--------------------|------------------------|
//! | `SeqCst`           | `AcqRel`, or what the operation takes below it |
//! | `AcqRel`           | `Acquire`, `Release`   |
//! | `Acquire`          | `Relaxed`              |
//! | `Release`          | `Relaxed`              |
//!
//! # One build for all of them
//! In a copy of the project each of these orderings asks, when it is used, what it is in this run:
//! ```text
//! queue.rs    fetch_or(SET, Release) ─► fetch_or(SET, crate::weakened(17, Release))
//! the run     REVEILLE_WEAKENED="17 Relaxed" cargo test …
//! ```
//! So a mutant costs a run of the models that are near it, and only if those pass a run of all.
//!
//! Nobody but the models is asked. What survives them is either stronger than it need be, or lacks a
//! model; that of code that loom does not see is one of them. Verdicts are kept in the target folder for
//! as long as nothing changes in `src` and in what it is built from.

use super::{mutants::Tree, orderings};
use crate::{
    read::files,
    read::source::{Source, span, words},
    run::{Run, target},
    step::{Done, Stop},
};
use std::{
    collections::{BTreeMap, hash_map::DefaultHasher},
    fmt, fs,
    hash::{Hash as _, Hasher as _},
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

/// Where the models are, which are not weakened.
const MODELS: &str = "src/tests";

/// The models that are near a file, by its name; those of other files are all of them.
const NEAR: [(&str, &[&str]); 7] = [
    ("handover", &["handover"]),
    ("queue", &["event", "result", "link"]),
    ("list", &["list"]),
    ("relay", &["flag", "courier"]),
    ("slot", &["slot"]),
    ("post", &["courier"]),
    ("courier", &["courier"]),
];

/// How long the models may run on one mutant, and the copy may take to build.
const LIMIT: Duration = Duration::from_secs(600);
const BUILD: Duration = Duration::from_secs(1800);

/// What tells a run which ordering is weakened, and to what.
const CHOICE: &str = "REVEILLE_WEAKENED";

/// What is added to the copy's lib.rs.
const WEAKENED: &str = r#"
/// Ordering number `number`, which is `ordering`, or what this run makes of it.
pub(crate) fn weakened(
    number: usize,
    ordering: core::sync::atomic::Ordering,
) -> core::sync::atomic::Ordering {
    use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
    static CHOICE: std::sync::OnceLock<Option<(usize, String)>> = std::sync::OnceLock::new();
    let choice = CHOICE.get_or_init(|| {
        let choice = std::env::var("REVEILLE_WEAKENED").ok()?;
        let (number, to) = choice.split_once(' ').expect("a number and an ordering");
        Some((number.parse().expect("a number"), to.into()))
    });
    match choice {
        Some((chosen, to)) if *chosen == number => match &**to {
            "AcqRel" => AcqRel,
            "Acquire" => Acquire,
            "Release" => Release,
            "Relaxed" => Relaxed,
            other => panic!("{other} is no ordering to weaken to"),
        },
        _ => ordering,
    }
}
"#;

/// An ordering, and what it is weakened to in one mutant.
#[derive(Clone)]
struct Weakening {
    path: PathBuf,
    /// Counted from 0.
    line: usize,
    /// Of the orderings that can be weakened, in all files.
    number: usize,
    from: String,
    to: &'static str,
}

/// An ordering in the text of a file.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    /// What is written anew: the ordering; of a fence, which cannot be Relaxed, the whole call.
    at: usize,
    length: usize,
    is_fence: bool,
    from: String,
    to: &'static [&'static str],
}

/// What the models say.
enum Verdict {
    Caught(Vec<String>),
    Survives,
    Overruns,
}

/// The verdicts of this run and, if nothing has changed since, the good ones of those before.
struct Ledger {
    known: BTreeMap<String, String>,
    file: fs::File,
}

/// Weakens each in turn.
pub(crate) fn check() -> Done {
    check_those(|_, _| true)
}

/// Weakens one of each file.
pub(crate) fn short() -> Done {
    check_those(|before, weakening| before.is_none_or(|before| before.path != weakening.path))
}

/// `chosen` is given the weakening before, too.
fn check_those(chosen: fn(Option<&Weakening>, &Weakening) -> bool) -> Done {
    let tree = Tree::new("tree-of-orderings")?;
    let all = plant(&tree)?;
    let before = std::iter::once(None).chain(all.iter().map(Some));
    let pairs = before.zip(&all).filter(|(before, weakening)| chosen(*before, weakening));
    let weakenings: Vec<&Weakening> = pairs.map(|(_, weakening)| weakening).collect();
    let verdicts = judge(&tree, &weakenings);
    tree.mend()?;
    verdicts
}

fn judge(tree: &Tree, weakenings: &[&Weakening]) -> Done {
    if weakenings.is_empty() {
        return Err(Stop::failed("there is no ordering to weaken"));
    }
    let mut ledger = Ledger::open(&target("mutants").join("orderings"), fingerprint()?)?;
    let build = models("--no-run", tree).limit(BUILD).unseen()?;
    if !build.passed() {
        return Err(Stop::Failed(format!("the copy does not build:\n{}", build.text)));
    }
    if let Some(why) = ledger.first("sound", || match ask(tree, "", &[])? {
        Verdict::Survives => Ok(String::new()),
        Verdict::Overruns => Ok("without a mutant the models overrun their time".into()),
        Verdict::Caught(by) => Ok(format!("without a mutant these fail: {}", by.join(", "))),
    })? {
        return Err(Stop::Failed(why));
    }
    let mut survivors = 0;
    for weakening in weakenings {
        let name = weakening.to_string();
        let why = ledger.first(&name, || match weakening.verdict(tree)? {
            Verdict::Caught(by) => {
                let more = match by.len() {
                    1 => String::new(),
                    count => format!(" and {} more", count - 1),
                };
                Ok(format!("caught    {name}: {}{more}", by[0]))
            }
            Verdict::Survives => Ok(format!("SURVIVES  {name}: all models pass")),
            Verdict::Overruns => Ok(format!("SURVIVES  {name}: the models overrun their time")),
        })?;
        let line = why.unwrap_or_default();
        println!("{line}");
        survivors += usize::from(!line.starts_with("caught"));
    }
    println!("{} weakenings, {survivors} survive", weakenings.len());
    match survivors {
        0 => Ok(()),
        count => Err(Stop::Failed(format!("{count} orderings can be weakened unnoticed"))),
    }
}

/// Has each ordering in the copy ask; gives back what each may be weakened to.
fn plant(tree: &Tree) -> Result<Vec<Weakening>, Stop> {
    let (mut weakenings, mut number) = (Vec::new(), 0);
    for path in files::ending("src", "rs")? {
        if path.starts_with(MODELS) {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        let source = Source::new(&text);
        let places = places(&source);
        let mut planted = text.clone();
        // From the end, so that those before stay where they are.
        for (index, place) in places.iter().enumerate().rev() {
            let range = place.at..place.at + place.length;
            let asks = place.asks(&text[range.clone()], number + index);
            planted.replace_range(range, &asks);
        }
        for place in places {
            let line = source.line(place.at);
            weakenings.extend(place.to.iter().map(|to| Weakening {
                path: path.clone(),
                line,
                number,
                from: place.from.clone(),
                to,
            }));
            number += 1;
        }
        if path.ends_with("src/lib.rs") {
            planted.push_str(WEAKENED);
        }
        if planted != text {
            fs::write(tree.root().join(&path), planted)?;
        }
    }
    Ok(weakenings)
}

/// The orderings that can be weakened.
fn places(source: &Source) -> Vec<Place> {
    let mut places = BTreeMap::new();
    for call in orderings::atomics(source) {
        let name = words(&source.code[call..]).next().map_or(0, |(_, name)| name.len());
        let open = call + name;
        for (at, word) in words(span(&source.code[open..])) {
            let to: &[_] = match (word, &source.code[call..open]) {
                ("SeqCst", "load") => &["Acquire"],
                ("SeqCst", "store") => &["Release"],
                ("SeqCst", _) => &["AcqRel"],
                ("AcqRel", _) => &["Acquire", "Release"],
                ("Acquire" | "Release", _) => &["Relaxed"],
                _ => continue,
            };
            // With the path before it.
            let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
            let begin = |end: usize| source.code[..end].trim_end_matches(is_path).len();
            let end = open + 1 + at + word.len();
            let from = source.code[begin(end)..end].into();
            let is_fence = source.code[call..open].ends_with("fence");
            let (at, end) = match is_fence {
                true => (begin(open), open + span(&source.code[open..]).len() + 2),
                false => (begin(end), end),
            };
            places.insert(at, Place { at, length: end - at, is_fence, from, to });
        }
    }
    places.into_values().collect()
}

/// Runs the models of these modules, or all, with `choice`.
fn ask(tree: &Tree, choice: &str, modules: &[&str]) -> Result<Verdict, Stop> {
    let filters: String = modules.iter().map(|module| format!(" tests::{module}::")).collect();
    let filters = if filters.is_empty() { " tests::".into() } else { filters };
    let mut run = models(&format!("-- {filters}"), tree).limit(LIMIT);
    if !choice.is_empty() {
        run = run.env(CHOICE, choice);
    }
    let output = run.unseen()?;
    let failed = failed(&output.text);
    Ok(match (output.passed(), output.overran()) {
        (true, _) => Verdict::Survives,
        (_, true) => Verdict::Overruns,
        _ if !failed.is_empty() => Verdict::Caught(failed),
        _ => return Err(Stop::Failed(format!("the models did not run:\n{}", output.text))),
    })
}

fn models(words: &str, tree: &Tree) -> Run {
    let run = Run::cargo(&format!("test -p reveille --locked --release --lib {words}"));
    run.folder(tree.root()).under_loom().target("orderings")
}

/// The tests that failed; of a run that was aborted, those that panicked.
fn failed(text: &str) -> Vec<String> {
    let named = |line: &str| {
        let name = line.strip_prefix("test tests::")?.strip_suffix(" ... FAILED")?;
        Some(name.to_string())
    };
    let panicked = |line: &str| {
        let (name, rest) = line.strip_prefix("thread 'tests::")?.split_once('\'')?;
        rest.contains("panicked").then(|| name.to_string())
    };
    let mut found: Vec<_> = text.lines().filter_map(named).collect();
    if found.is_empty() {
        found = text.lines().filter_map(panicked).collect();
    }
    found.sort();
    found.dedup();
    found
}

/// What the verdicts depend on.
fn fingerprint() -> io::Result<u64> {
    let mut hasher = DefaultHasher::new();
    let mut paths = files::ending("src", "rs")?;
    paths.extend(["Cargo.toml".into(), "Cargo.lock".into()]);
    for path in paths {
        path.hash(&mut hasher);
        fs::read(path)?.hash(&mut hasher);
    }
    Ok(hasher.finish())
}

// === impl Place ===

impl Place {
    /// What stands in the copy for this text.
    fn asks(&self, text: &str, number: usize) -> String {
        let asks = format!("crate::weakened({number}, {})", self.from);
        let call = text.replace(&self.from, &asks);
        match self.is_fence {
            true => {
                format!("{{ if {asks} != core::sync::atomic::Ordering::Relaxed {{ {call} }} }}")
            }
            false => call,
        }
    }
}

// === impl Weakening ===

impl Weakening {
    fn verdict(&self, tree: &Tree) -> Result<Verdict, Stop> {
        let choice = format!("{} {}", self.number, self.to);
        let name = files::stem(&self.path);
        if let Some((_, near)) = NEAR.iter().find(|(file, _)| *file == name)
            && let Verdict::Caught(by) = ask(tree, &choice, near)?
        {
            return Ok(Verdict::Caught(by));
        }
        ask(tree, &choice, &[])
    }
}

impl fmt::Display for Weakening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, number, from, to } = self;
        write!(f, "{number:>2} {}:{}: {from} → {to}", path.display(), line + 1)
    }
}

// === impl Ledger ===

impl Ledger {
    /// Opens what is known of the sources that have this fingerprint, and forgets all else.
    fn open(path: &Path, fingerprint: u64) -> io::Result<Self> {
        let text = fs::read_to_string(path).unwrap_or_default();
        let head = format!("{fingerprint:016x}");
        let mut lines = text.lines();
        let mut known = BTreeMap::new();
        if lines.next() == Some(&*head) {
            let pair = |line: &str| line.split_once('\t').map(|(a, b)| (a.into(), b.into()));
            known.extend(lines.filter_map(pair));
        }
        fs::create_dir_all(path.parent().unwrap_or(path))?;
        let mut ledger = Self { known: BTreeMap::new(), file: fs::File::create(path)? };
        writeln!(ledger.file, "{head}")?;
        for (name, verdict) in known {
            ledger.note(name, verdict)?;
        }
        Ok(ledger)
    }

    /// What is known of this name; if nothing, what `find` says. None: it has nothing to say.
    fn first(
        &mut self,
        name: &str,
        find: impl FnOnce() -> Result<String, Stop>,
    ) -> Result<Option<String>, Stop> {
        if !self.known.contains_key(name) {
            self.note(name.into(), find()?)?;
        }
        Ok(self.known.get(name).filter(|verdict| !verdict.is_empty()).cloned())
    }

    fn note(&mut self, name: String, verdict: String) -> io::Result<()> {
        // What is wrong is asked again: it may have been the machine.
        if verdict.is_empty() || verdict.starts_with("caught") {
            writeln!(self.file, "{name}\t{verdict}")?;
        }
        self.known.insert(name, verdict);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(&str, &'static [&'static str])> {
        let places = places(&Source::new(text));
        places.iter().map(|place| (&text[place.at..place.at + place.length], place.to)).collect()
    }

    #[test]
    fn weakened_fence_is_none() {
        assert_eq!(
            found("f(); atomic::fence(Release);"),
            [("atomic::fence(Release)", &["Relaxed"][..])]
        );
        let place = &places(&Source::new("fence(Acquire)"))[0];
        let asks = "crate::weakened(3, Acquire)";
        let relaxed = "core::sync::atomic::Ordering::Relaxed";
        let planted = format!("{{ if {asks} != {relaxed} {{ fence({asks}) }} }}");
        assert_eq!(place.asks("fence(Acquire)", 3), planted);
    }

    #[test]
    fn each_ordering_of_a_call_is_weakened_to_what_the_operation_takes() {
        let text = "w.compare_exchange(a, b, AcqRel, Ordering::Acquire)";
        let relaxed: &[_] = &["Relaxed"];
        let both: &[_] = &["Acquire", "Release"];
        assert_eq!(found(text), [("AcqRel", both), ("Ordering::Acquire", relaxed)]);
        assert_eq!(found("a.load(SeqCst)"), [("SeqCst", &["Acquire"][..])]);
        assert_eq!(found("a.store(1, SeqCst)"), [("SeqCst", &["Release"][..])]);
        assert_eq!(found("a.swap(1, SeqCst)"), [("SeqCst", &["AcqRel"][..])]);
    }

    #[test]
    fn what_is_relaxed_or_text_is_left_alone() {
        assert!(found("a.load(Relaxed); // b.load(Acquire)\nuse Ordering::Acquire;").is_empty());
    }

    #[test]
    fn ordering_of_a_call_within_a_call_is_found_once() {
        let relaxed: &[_] = &["Relaxed"];
        assert_eq!(
            found("a.store(b.load(Acquire), Release)"),
            [("Acquire", relaxed), ("Release", relaxed)]
        );
    }

    #[test]
    fn failures_are_read_from_the_list_or_from_the_panics() {
        let list = "test tests::a::b ... ok\ntest tests::a::c ... FAILED\n";
        assert_eq!(failed(list), ["a::c"]);
        let aborted = "thread 'tests::a::d' (7) panicked at x:1:2:\nthread 'x' panicked\n";
        assert_eq!(failed(aborted), ["a::d"]);
    }

    #[test]
    fn ledger_keeps_what_it_knows_until_the_sources_change() {
        let path = std::env::temp_dir().join(format!("xtask-ledger-{}", std::process::id()));
        let mut ledger = Ledger::open(&path, 1).unwrap();
        assert_eq!(ledger.first("a", || Ok("caught".into())), Ok(Some("caught".into())));
        assert_eq!(ledger.first("b", || Ok("SURVIVES".into())), Ok(Some("SURVIVES".into())));
        let mut same = Ledger::open(&path, 1).unwrap();
        assert_eq!(same.first("a", || Ok("c".into())), Ok(Some("caught".into())));
        assert_eq!(same.first("b", || Ok("c".into())), Ok(Some("c".into())));
        let mut other = Ledger::open(&path, 2).unwrap();
        assert_eq!(other.first("a", || Ok("c".into())), Ok(Some("c".into())));
        fs::remove_file(path).unwrap();
    }
}
