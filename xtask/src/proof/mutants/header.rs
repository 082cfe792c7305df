//! The lines above the diff of a mutant.
//!
//! | line        | says                                                            | times        |
//! |-------------|-----------------------------------------------------------------|--------------|
//! | `Breaks`    | what is wrong with the mutated code                             | once         |
//! | `Promise`   | the promises of docs/design.md that it breaks: `6, 12`, or `§4` | once, or     |
//! | `Invariant` | the invariant that it breaks, by its name in `src`              | this one     |
//! | `Caught-by` | a test that fails on it; see [`Kind`]                           | once or more |
//! | `Short`     | `yes`: part of the short run                                    | at most once |
//! | `Hangs`     | `yes`: a test that overruns its time counts as failed           | at most once |

use crate::read::files;
use std::{fmt, fs};

/// What a mutant says about itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Header {
    /// What is wrong with it.
    pub(super) breaks: String,
    /// The rules that it breaks.
    pub(super) rules: Vec<Rule>,
    /// The tests that must fail.
    pub(super) caught_by: Vec<Test>,
    /// Whether it is part of the short run.
    pub(super) short: bool,
    /// Whether a test that overruns its time counts as failed.
    pub(super) hangs: bool,
}

/// What a mutant breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// A promise of docs/design.md §3, by its number.
    Promise(u8),
    /// What docs/design.md §4 promises of `ThreadSafeFlag::set` and of the courier.
    AnyContext,
    /// An invariant that a file of `src` states in bold.
    Invariant(String),
}

/// A test that catches a mutant, as the header has it: `KIND FILE::NAME`, or `lib NAME`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Test {
    /// How it is run.
    pub(super) kind: Kind,
    /// The file, without folder and extension; empty for `lib`.
    pub(super) file: String,
    /// The path of the function, as the test harness prints it.
    pub(super) name: String,
}

/// The kinds of test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A model: src/tests/FILE.rs, optimized.
    Loom,
    /// A unit test of the library.
    Lib,
    /// An integration test: tests/FILE.rs.
    File,
    /// The same with a pipe for an eventfd, and with the system calls of the C library.
    Pipe,
    /// The same without std, where the lock is a critical section.
    NoStd,
    /// The same built for Windows, run by wine.
    Windows,
}

/// The words for them.
const KINDS: [(&str, Kind); 6] = [
    ("loom", Kind::Loom),
    ("lib", Kind::Lib),
    ("test", Kind::File),
    ("pipe", Kind::Pipe),
    ("no-std", Kind::NoStd),
    ("windows", Kind::Windows),
];

// === impl Header ===

impl Header {
    /// Reads the header; or says what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut header = Self::default();
        let mut lines = text.lines();
        loop {
            let line = lines.next().ok_or("there is no diff below the header")?;
            if line.starts_with("diff ") || line.starts_with("--- ") {
                break;
            }
            if line.trim().is_empty() {
                continue;
            }
            let (key, value) = line.split_once(':').ok_or(format!("what is `{line}`?"))?;
            match (key, value.trim()) {
                ("Breaks", what) if header.breaks.is_empty() => header.breaks = what.into(),
                ("Promise", numbers) if header.rules.is_empty() => {
                    let rules = numbers.split(", ").map(Rule::promise);
                    header.rules = rules.collect::<Result<_, _>>()?;
                }
                ("Invariant", name) if header.rules.is_empty() => {
                    header.rules.push(Rule::Invariant(name.into()));
                }
                ("Caught-by", test) => header.caught_by.push(Test::parse(test)?),
                ("Short", "yes") => header.short = true,
                ("Hangs", "yes") => header.hangs = true,
                _ => return Err(format!("what is `{line}`?")),
            }
        }
        for (lacks, what) in [
            (header.breaks.is_empty(), "`Breaks:`"),
            (header.rules.is_empty(), "`Promise:` or `Invariant:`"),
            (header.caught_by.is_empty(), "`Caught-by:`"),
        ] {
            if lacks {
                return Err(format!("it has no {what}"));
            }
        }
        Ok(header)
    }
}

// === impl Rule ===

impl Rule {
    /// The number of the last promise.
    const LAST: u8 = 18;

    /// Everything that docs/design.md promises.
    pub(super) fn promises() -> impl Iterator<Item = Self> {
        (1..=Self::LAST).map(Self::Promise).chain([Self::AnyContext])
    }

    fn promise(text: &str) -> Result<Self, String> {
        let found = Self::promises().find(|rule| rule.to_string() == text);
        found.ok_or(format!("there is no promise `{text}`"))
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Promise(number) => write!(f, "{number}"),
            Self::AnyContext => f.write_str("§4"),
            Self::Invariant(name) => f.write_str(name),
        }
    }
}

// === impl Test ===

impl Test {
    fn parse(text: &str) -> Result<Self, String> {
        let parts = || {
            let (word, path) = text.split_once(' ')?;
            let (_, kind) = *KINDS.iter().find(|(of_kind, _)| *of_kind == word)?;
            let (file, name) = match kind {
                Kind::Lib => ("", path),
                _ => path.split_once("::").filter(|(file, _)| !file.is_empty())?,
            };
            let is_path = !name.is_empty() && !path.contains(char::is_whitespace);
            is_path.then(|| Self { kind, file: file.into(), name: name.into() })
        };
        parts().ok_or_else(|| format!("`{text}` is neither `KIND FILE::NAME` nor `lib NAME`"))
    }

    /// Whether a function of this name is where the test belongs; its cases may be in a folder below.
    pub(super) fn exists(&self) -> bool {
        let folder = match self.kind {
            Kind::Loom => "src/tests",
            Kind::Lib => "src",
            _ => "tests",
        };
        let function = format!("fn {}(", self.name.rsplit("::").next().unwrap_or_default());
        let has = |path| fs::read_to_string(path).is_ok_and(|text| text.contains(&function));
        files::ending(folder, "rs").unwrap_or_default().into_iter().any(has)
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = KINDS.iter().find(|(_, kind)| *kind == self.kind).map_or("", |(word, _)| word);
        let colons = if self.file.is_empty() { "" } else { "::" };
        write!(f, "{word} {}{colons}{}", self.file, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(head: &str) -> Result<Header, String> {
        let diff = "diff --git a/src/event.rs b/src/event.rs\nShort: no, this is the diff\n";
        Header::parse(&format!("{head}\n{diff}"))
    }

    #[test]
    fn header_is_read_up_to_the_diff() {
        let text = "Breaks: `a`: b\nPromise: 2, §4\nCaught-by: loom event::m\n\
                    Caught-by: test flag::x::y\nShort: yes\n";
        let test =
            |kind, file: &str, name: &str| Test { kind, file: file.into(), name: name.into() };
        let header = Header {
            breaks: "`a`: b".into(),
            rules: vec![Rule::Promise(2), Rule::AnyContext],
            caught_by: vec![test(Kind::Loom, "event", "m"), test(Kind::File, "flag", "x::y")],
            short: true,
            hangs: false,
        };
        assert_eq!(parse(text), Ok(header));
    }

    #[test]
    fn header_that_lacks_something_is_refused() {
        assert!(parse("Promise: 1\nCaught-by: lib a").unwrap_err().contains("Breaks"));
        assert!(parse("Breaks: a\nCaught-by: lib a").unwrap_err().contains("Promise"));
        assert!(parse("Breaks: a\nPromise: 1").unwrap_err().contains("Caught-by"));
        assert!(Header::parse("Breaks: a\nPromise: 1").unwrap_err().contains("diff"));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for line in [
            "Caugth-by: lib b",
            "Short: no",
            "some prose",
            "Breaks: twice",
            "Promise: 2",
            "Invariant: Linked Means Pinned",
            "Caught-by: loom m",
            "Caught-by: windows a",
            "Caught-by: miri a::b",
            "Caught-by: lib",
            "Caught-by: lib a b",
        ] {
            let head = format!("Breaks: a\nPromise: 1\nCaught-by: lib a\n{line}");
            assert!(parse(&head).is_err(), "{line}");
        }
        for number in ["0", "19", "§3", "one", "1 2", ""] {
            let head = format!("Breaks: a\nPromise: {number}\nCaught-by: lib a");
            assert!(parse(&head).unwrap_err().contains("no promise"), "{number}");
        }
    }

    #[test]
    fn tests_are_shown_as_they_are_written() {
        for text in ["loom event::m", "test flag::x::y", "no-std a::b", "lib raw::a"] {
            assert_eq!(Test::parse(text).unwrap().to_string(), text);
        }
    }
}
