//! What is known of the mutants of cargo-mutants.

use super::hash;
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    path::Path,
};

/// What became of a mutant; the names are those of cargo-mutants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Caught,
    /// Its tests overran their time: they do not pass.
    Timeout,
    Missed,
    /// It does not build.
    Unviable,
}

/// What is known; a line of the file each.
pub(super) struct Ledger {
    known: BTreeMap<String, Known>,
    file: fs::File,
    stamp: String,
}

#[derive(Default)]
struct Known {
    /// Of all passes.
    verdict: Option<Verdict>,
    /// The passes that missed it.
    missed_by: Vec<String>,
}

// === impl Verdict ===

impl Verdict {
    pub(super) const ALL: [Self; 4] = [Self::Caught, Self::Timeout, Self::Missed, Self::Unviable];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Caught => "caught",
            Self::Timeout => "timeout",
            Self::Missed => "missed",
            Self::Unviable => "unviable",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.word() == word)
    }
}

// === impl Ledger ===

impl Ledger {
    /// Opens what still holds; `stamp` is that of the tests.
    pub(super) fn open(path: &Path, stamp: &str) -> io::Result<Self> {
        let text = fs::read_to_string(path).unwrap_or_default();
        let file = fs::OpenOptions::new().create(true).append(true).open(path)?;
        let mut ledger = Self { known: BTreeMap::new(), file, stamp: stamp.into() };
        let mut files = BTreeMap::new();
        for line in text.lines() {
            let mut words = line.split('\t');
            let mut word = || words.next().unwrap_or_default();
            let (stamp, file, verdict, pass, name) = (word(), word(), word(), word(), word());
            let Some(verdict) = Verdict::parse(verdict) else { continue };
            let now = files.entry(path_of(name).to_string());
            let now = now.or_insert_with_key(|path| file_stamp(path));
            if now == file {
                ledger.take(stamp, name, verdict, pass);
            }
        }
        Ok(ledger)
    }

    /// What became of it in the end.
    pub(super) fn of(&self, name: &str) -> Option<Verdict> {
        self.known.get(name)?.verdict
    }

    /// Whether there is nothing to try in this pass.
    pub(super) fn is_done(&self, name: &str, pass: &str) -> bool {
        self.known.get(name).is_some_and(|known| {
            known.verdict.is_some() || known.missed_by.iter().any(|by| by == pass)
        })
    }

    /// Notes what a pass says; of no pass: what all have said.
    pub(super) fn note(&mut self, name: &str, verdict: Verdict, pass: &str) -> io::Result<()> {
        let (stamp, file) = (self.stamp.clone(), file_stamp(path_of(name)));
        self.note_of((&stamp, &file), name, verdict, pass)
    }

    /// The same, of tests and a file that may have changed since: their stamps.
    pub(super) fn note_of(
        &mut self,
        (stamp, file): (&str, &str),
        name: &str,
        verdict: Verdict,
        pass: &str,
    ) -> io::Result<()> {
        writeln!(self.file, "{stamp}\t{file}\t{}\t{pass}\t{name}", verdict.word())?;
        if file == file_stamp(path_of(name)) {
            self.take(stamp, name, verdict, pass);
        }
        Ok(())
    }

    /// The stamp of the tests.
    pub(super) fn stamp(&self) -> &str {
        &self.stamp
    }

    /// Takes over what was said of the file as it is, by tests of this stamp.
    fn take(&mut self, stamp: &str, name: &str, verdict: Verdict, pass: &str) {
        if verdict == Verdict::Missed && stamp != self.stamp {
            return;
        }
        let known = self.known.entry(name.into()).or_default();
        // What an earlier pass has built does build; that it does not with loom's types is no verdict. (In the
        // passes after that it may be: of code that is built there alone.)
        let built = verdict == Verdict::Unviable && pass == "loom" && !known.missed_by.is_empty();
        if built || (verdict == Verdict::Missed && !pass.is_empty()) {
            known.missed_by.push(pass.into());
        } else {
            known.verdict = Some(verdict);
        }
    }
}

pub(super) fn path_of(name: &str) -> &str {
    name.split(':').next().unwrap_or_default()
}

fn file_stamp(path: &str) -> String {
    hash(Path::new(""), &[path.into()]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caught_holds_while_the_file_does_and_missed_while_the_tests_do() {
        let folder = std::env::temp_dir().join(format!("xtask-verdicts-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (path, source) = (folder.join("verdicts"), folder.join("a.rs"));
        fs::write(&source, "one").unwrap();
        let [a, b] = ["1", "2"].map(|line| format!("{}:{line}:1: x", source.display()));
        let mut ledger = Ledger::open(&path, "tests").unwrap();
        ledger.note(&a, Verdict::Caught, "p").unwrap();
        ledger.note(&b, Verdict::Missed, "p").unwrap();
        let holds = |stamp: &str| {
            let ledger = Ledger::open(&path, stamp).unwrap();
            (ledger.of(&a), ledger.is_done(&b, "p"), ledger.is_done(&b, "q"), ledger.of(&b))
        };
        assert_eq!(holds("tests"), (Some(Verdict::Caught), true, false, None));
        assert_eq!(holds("others"), (Some(Verdict::Caught), false, false, None));
        ledger.note(&b, Verdict::Missed, "").unwrap();
        assert_eq!(holds("tests").3, Some(Verdict::Missed));
        ledger.note(&b, Verdict::Unviable, "loom").unwrap();
        assert_eq!(holds("tests").3, Some(Verdict::Missed));
        fs::write(&source, "two").unwrap();
        assert_eq!(holds("tests"), (None, false, false, None));
        fs::remove_dir_all(folder).unwrap();
    }
}
