//! Each atomic ordering of the library weakened in turn: a loom model must fail each time.
//!
//! | ordering           | is weakened to         |
//! |--------------------|------------------------|
//! | `SeqCst`           | `AcqRel`, or what the operation takes below it |
//! | `AcqRel`           | `Acquire`, `Release`   |
//! | `Acquire`          | `Relaxed`              |
//! | `Release`          | `Relaxed`              |
//!
//! # One build for all of them
//! In a copy of the project each of these orderings is looked up when it is used:
//! ```text
//! queue.rs    fetch_or(SET, Release) ─► fetch_or(SET, crate::weakened(17, Release))
//! the run     REVEILLE_WEAKENED="17 Relaxed" cargo test …
//! ```
//! So a mutant costs a run of the models that are near it, and only if those pass a run of all.
//!
//! Only the models are run. What survives them is either stronger than it need be, or lacks a model,
//! as does code that loom does not see.

use super::{mutants::Tree, orderings};
use crate::{
    read::{
        files,
        source::{Source, span, words},
    },
    run::Run,
    step::{Done, Stop},
};
use std::{collections::BTreeMap, fmt, fs, path::PathBuf, time::Duration};

/// Where the models are, which are not weakened.
const MODELS: &str = "src/tests";

/// The models that are near a file, by its name; those of other files are all of them.
const NEAR: [(&str, &[&str]); 7] = [
    ("kernel_fences", &["kernel_fences"]),
    ("queue", &["event", "result", "link"]),
    ("list", &["list"]),
    ("flag_queue", &["flag", "courier"]),
    ("slot", &["slot"]),
    ("waiter_slot", &["courier"]),
    ("station", &["courier"]),
];

/// How long the models may run on one mutant, and the copy may take to build.
const LIMIT: Duration = Duration::from_secs(600);
const BUILD: Duration = Duration::from_secs(1800);

/// The variable that has a run weaken one ordering: its number, and to what.
const CHOICE: &str = "REVEILLE_WEAKENED";

/// What is added to the copy's lib.rs.
const WEAKENED: &str = r#"
/// `ordering`, which is number `number`, or what this run weakens it to.
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

/// An ordering, and what it is weakened to.
struct Mutant {
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
    /// What is replaced: the ordering; of a fence, which cannot be Relaxed, the whole call.
    at: usize,
    length: usize,
    is_fence: bool,
    from: String,
    to: &'static [&'static str],
}

/// How a run of the models ends.
enum Verdict {
    Caught(Vec<String>),
    Survives,
    Overruns,
}

/// Weakens each in turn.
pub(crate) fn check() -> Done {
    try_those(|_| {})
}

/// Weakens one of each file.
pub(crate) fn short() -> Done {
    try_those(|mutants| mutants.dedup_by(|next, before| next.path == before.path))
}

fn try_those(choose: fn(&mut Vec<Mutant>)) -> Done {
    let tree = Tree::new("tree-of-orderings")?;
    let mut mutants = plant(&tree)?;
    choose(&mut mutants);
    let verdicts = judge(&tree, &mutants);
    tree.mend()?;
    verdicts
}

fn judge(tree: &Tree, mutants: &[Mutant]) -> Done {
    if mutants.is_empty() {
        return Err(Stop::failed("there is no ordering to weaken"));
    }
    let build = models("--no-run", tree).limit(BUILD).unseen()?;
    if !build.passed() {
        return Err(Stop::Failed(format!("the copy does not build:\n{}", build.text)));
    }
    match run(tree, "", &[])? {
        Verdict::Survives => {}
        Verdict::Overruns => return Err(Stop::failed("without a mutant the models overrun")),
        Verdict::Caught(by) => {
            return Err(Stop::Failed(format!("without a mutant these fail: {}", by.join(", "))));
        }
    }
    let mut survivors = 0;
    for mutant in mutants {
        let why = match mutant.verdict(tree)? {
            Verdict::Caught(by) => {
                println!("caught    {mutant}: {} of the models, {} first", by.len(), by[0]);
                continue;
            }
            Verdict::Survives => "all models pass",
            Verdict::Overruns => "the models overrun their time",
        };
        println!("SURVIVES  {mutant}: {why}");
        survivors += 1;
    }
    println!("{} ordering mutants, {survivors} survive", mutants.len());
    match survivors {
        0 => Ok(()),
        count => Err(Stop::Failed(format!("{count} orderings can be weakened unnoticed"))),
    }
}

/// Has the copy look up each ordering; returns what each may be weakened to.
fn plant(tree: &Tree) -> Result<Vec<Mutant>, Stop> {
    let (mut mutants, mut number) = (Vec::new(), 0);
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
            let looked_up = place.looked_up(&text[range.clone()], number + index);
            planted.replace_range(range, &looked_up);
        }
        for place in places {
            let line = source.line(place.at);
            mutants.extend(place.to.iter().map(|to| Mutant {
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
    Ok(mutants)
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
fn run(tree: &Tree, choice: &str, modules: &[&str]) -> Result<Verdict, Stop> {
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
    run.folder(tree.root()).under_loom()
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

// === impl Place ===

impl Place {
    /// What replaces this text in the copy.
    fn looked_up(&self, text: &str, number: usize) -> String {
        let ordering = format!("crate::weakened({number}, {})", self.from);
        let call = text.replace(&self.from, &ordering);
        match self.is_fence {
            true => {
                format!("{{ if {ordering} != core::sync::atomic::Ordering::Relaxed {{ {call} }} }}")
            }
            false => call,
        }
    }
}

// === impl Mutant ===

impl Mutant {
    fn verdict(&self, tree: &Tree) -> Result<Verdict, Stop> {
        let choice = format!("{} {}", self.number, self.to);
        let name = files::stem(&self.path);
        if let Some((_, near)) = NEAR.iter().find(|(file, _)| *file == name)
            && let Verdict::Caught(by) = run(tree, &choice, near)?
        {
            return Ok(Verdict::Caught(by));
        }
        run(tree, &choice, &[])
    }
}

impl fmt::Display for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, number, from, to } = self;
        write!(f, "{number:>2} {}:{}: {from} → {to}", path.display(), line + 1)
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
        let planted = "{ if crate::weakened(3, Acquire) != core::sync::atomic::Ordering::Relaxed \
                       { fence(crate::weakened(3, Acquire)) } }";
        assert_eq!(place.looked_up("fence(Acquire)", 3), planted);
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
}
