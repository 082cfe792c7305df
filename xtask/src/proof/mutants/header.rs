//! The lines above the diff of a mutant.
//!
//! | line        | says                                                  | times       |
//! |-------------|-------------------------------------------------------|-------------|
//! | `Breaks`    | what is wrong with the mutated code                   | once        |
//! | `Caught-by` | a test that fails on it; see [`Test`]                 | once or more |
//! | `Short`     | `yes`: part of the short run                          | at most once |
//! | `Profile`   | `release`: the test is built so (models always are)   | at most once |
//! | `Features`  | features of the crate that its tests are built with   | at most once |
//! | `Hangs`     | `yes`: a test that overruns its time counts as failed | at most once |
//! | `Target`    | `x86_64-pc-windows-gnu`: built for that, run by wine  | at most once |

use crate::{
    platforms::targets::WINDOWS,
    read::{files, source::Source},
};
use std::{fmt, fs, path::PathBuf};

/// What a mutant says about itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    /// What is wrong with it.
    pub(crate) breaks: String,
    /// The tests that must fail.
    pub(crate) caught_by: Vec<Test>,
    /// Whether it is part of the short run.
    pub(crate) short: bool,
    /// Whether a test that overruns its time counts as failed.
    pub(crate) hangs: bool,
}

/// A test that catches a mutant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Test {
    /// How it is run.
    pub(crate) kind: Kind,
    /// The path of the function, as the test harness prints it.
    pub(crate) name: String,
    /// Whether it is built optimised.
    pub(crate) release: bool,
    /// The features that it needs beside the default ones, with commas between them.
    pub(crate) features: String,
    /// Whether it is built for Windows.
    pub(crate) windows: bool,
}

/// The kinds of test.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// `loom MODULE::NAME`: a model, src/tests/MODULE.rs.
    Loom,
    /// `lib NAME`: a unit test of the library.
    Lib,
    /// `test FILE::NAME`: an integration test, tests/FILE.rs.
    File(String),
    /// `pipe FILE::NAME`: the same with a pipe for an eventfd, and with the system calls of the C library.
    Pipe(String),
    /// `no-std FILE::NAME`: the same without std, where the lock is a critical section.
    NoStd(String),
}

// === impl Header ===

impl Header {
    /// Reads the header; or says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut header = Self::default();
        let mut lines = text.lines();
        let (mut release, mut features, mut windows) = (false, "", false);
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
                ("Caught-by", test) => header.caught_by.push(Test::parse(test)?),
                ("Short", "yes") => header.short = true,
                ("Hangs", "yes") => header.hangs = true,
                ("Profile", "release") => release = true,
                ("Features", names) if features.is_empty() => features = names,
                ("Target", WINDOWS) => windows = true,
                _ => return Err(format!("what is `{line}`?")),
            }
        }
        for test in &mut header.caught_by {
            test.release |= release;
            test.features = features.into();
            test.windows = windows;
        }
        match header {
            Self { ref breaks, .. } if breaks.is_empty() => Err("it has no `Breaks:`".into()),
            Self { ref caught_by, .. } if caught_by.is_empty() => {
                Err("it has no `Caught-by:`".into())
            }
            header => Ok(header),
        }
    }
}

// === impl Test ===

impl Test {
    fn parse(text: &str) -> Result<Self, String> {
        let unclear = || {
            format!(
                "`{text}` is neither loom MODULE::NAME, test, pipe or no-std FILE::NAME, nor lib NAME"
            )
        };
        let (kind, path) = text.split_once(' ').ok_or_else(unclear)?;
        let inner =
            path.split_once("::").filter(|(file, name)| !file.is_empty() && !name.is_empty());
        let (kind, name) = match (kind, inner) {
            ("loom", Some(_)) => (Kind::Loom, format!("tests::{path}")),
            ("test", Some((file, name))) => (Kind::File(file.into()), name.into()),
            ("pipe", Some((file, name))) => (Kind::Pipe(file.into()), name.into()),
            ("no-std", Some((file, name))) => (Kind::NoStd(file.into()), name.into()),
            ("lib", _) => (Kind::Lib, path.into()),
            _ => return Err(unclear()),
        };
        if name.contains(char::is_whitespace) {
            return Err(unclear());
        }
        let release = kind == Kind::Loom;
        Ok(Self { kind, name, release, features: String::new(), windows: false })
    }

    /// Whether a function of this name stands where the test belongs.
    pub(crate) fn exists(&self) -> bool {
        let (modules, name) = self.name.rsplit_once("::").unwrap_or(("", &self.name));
        let paths: Vec<PathBuf> = match self.kind {
            Kind::Loom => vec![format!("src/{}.rs", modules.replace("::", "/")).into()],
            Kind::Lib => files::ending("src", "rs").unwrap_or_default(),
            // Its cases may be shared, in a folder below.
            Kind::File(_) | Kind::Pipe(_) | Kind::NoStd(_) => {
                files::ending("tests", "rs").unwrap_or_default()
            }
        };
        let has = |path| {
            let text = fs::read_to_string(path).unwrap_or_default();
            // To parse each file for each of hundreds of mutants would take half a minute.
            text.contains(&format!("fn {name}"))
                && Source::new(&text).functions().iter().any(|function| function.name == name)
        };
        paths.into_iter().any(has)
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Loom => write!(f, "loom {}", self.name.trim_start_matches("tests::")),
            Kind::Lib => write!(f, "lib {}", self.name),
            Kind::File(file) => write!(f, "test {file}::{}", self.name),
            Kind::Pipe(file) => write!(f, "pipe {file}::{}", self.name),
            Kind::NoStd(file) => write!(f, "no-std {file}::{}", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIFF: &str = "\ndiff --git a/src/event.rs b/src/event.rs\nShort: no, this is the diff\n";

    fn parse(head: &str) -> Result<Header, String> {
        Header::parse(&format!("{head}{DIFF}"))
    }

    #[test]
    fn header_is_read_up_to_the_diff() {
        let header = parse(
            "Breaks: `a`: b\nCaught-by: loom event::m\nFeatures: a,b\nCaught-by: test flag::x::y\n\
             Short: yes\n",
        );
        let test = |kind, name: &str, release| {
            let features = "a,b".into();
            Test { kind, name: name.into(), release, features, windows: false }
        };
        let caught_by = vec![
            test(Kind::Loom, "tests::event::m", true),
            test(Kind::File("flag".into()), "x::y", false),
        ];
        let breaks = "`a`: b".into();
        assert_eq!(header, Ok(Header { breaks, caught_by, short: true, hangs: false }));
    }

    #[test]
    fn profile_holds_for_tests_named_above_and_below_it() {
        let header =
            parse("Caught-by: lib a\nProfile: release\nCaught-by: lib b\nBreaks: c").unwrap();
        assert!(header.caught_by.iter().all(|test| test.release));
        assert!(!parse("Caught-by: lib a\nBreaks: c").unwrap().caught_by[0].release);
    }

    #[test]
    fn target_holds_for_all_tests() {
        let head = "Caught-by: lib a\nTarget: x86_64-pc-windows-gnu\nCaught-by: lib b\nBreaks: c";
        assert!(parse(head).unwrap().caught_by.iter().all(|test| test.windows));
        assert!(!parse("Caught-by: lib a\nBreaks: c").unwrap().caught_by[0].windows);
    }

    #[test]
    fn header_that_lacks_something_is_refused() {
        assert!(parse("Caught-by: lib a").unwrap_err().contains("Breaks"));
        assert!(parse("Breaks: a").unwrap_err().contains("Caught-by"));
        assert!(Header::parse("Breaks: a\nCaught-by: lib a").unwrap_err().contains("diff"));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for line in [
            "Caugth-by: lib b",
            "Short: no",
            "Target: wasm32",
            "some prose",
            "Breaks: twice",
            "Caught-by: loom m",
            "Caught-by: test a",
            "Caught-by: pipe a",
            "Caught-by: no-std a",
            "Caught-by: miri a::b",
            "Caught-by: lib",
            "Caught-by: lib a b",
            "Features: a\nFeatures: b",
        ] {
            assert!(parse(&format!("Breaks: a\nCaught-by: lib a\n{line}")).is_err(), "{line}");
        }
    }

    #[test]
    fn tests_are_shown_as_they_are_written() {
        for text in
            ["loom event::m", "test flag::x::y", "pipe flag::x", "no-std a::b", "lib raw::a"]
        {
            assert_eq!(Test::parse(text).unwrap().to_string(), text);
        }
    }
}
