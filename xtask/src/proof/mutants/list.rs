//! The patches as they lie in their folder, and what is wrong with them there.

use super::header::{Header, Rule};
use crate::{read::files, step::Stop};
use std::{fs, path::PathBuf};

/// The folder of the patches.
const FOLDER: &str = "verify/mutants";

/// A patch that can be tried.
pub(super) struct Mutant {
    pub(super) path: PathBuf,
    pub(super) header: Header,
}

/// The patch of this name.
pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(FOLDER).join(name).with_extension("patch")
}

/// The patches, and what is wrong with those that cannot be read.
pub(super) fn all() -> Result<(Vec<Mutant>, Vec<String>), Stop> {
    let (mut mutants, mut unreadable) = (Vec::new(), Vec::new());
    for path in files::ending(FOLDER, "patch")? {
        match Header::parse(&fs::read_to_string(&path)?) {
            Ok(header) => mutants.push(Mutant { path, header }),
            Err(why) => unreadable.push(format!("{}: {why}", path.display())),
        }
    }
    Ok((mutants, unreadable))
}

/// How many patches there are, and what is wrong with them: a header that cannot be read, a test or an
/// invariant that does not exist, a promise that none of them breaks.
pub(crate) fn check() -> Result<(usize, Vec<String>), Stop> {
    let (mutants, mut offences) = all()?;
    let mut sources = String::new();
    for path in files::ending("src", "rs")? {
        sources += &fs::read_to_string(path)?;
    }
    for Mutant { path, header } in &mutants {
        let mut offend = |what: String| offences.push(format!("{}: {what}", path.display()));
        for test in header.caught_by.iter().filter(|test| !test.exists()) {
            offend(format!("there is no test `{test}`"));
        }
        for rule in header.rules.iter().filter(|rule| !rule.exists(&sources)) {
            offend(format!("no file of src states `{rule}`"));
        }
    }
    let broken: Vec<&Rule> = mutants.iter().flat_map(|mutant| &mutant.header.rules).collect();
    offences.extend(unbroken(&broken));
    Ok((mutants.len(), offences))
}

/// The promises that are not among those that some patch breaks.
fn unbroken(broken: &[&Rule]) -> impl Iterator<Item = String> {
    Rule::promises()
        .filter(|promise| !broken.contains(&promise))
        .map(|promise| format!("{FOLDER}: no patch breaks promise {promise} of docs/design.md"))
}

// === impl Rule ===

impl Rule {
    /// Whether it is a promise, or an invariant that these sources state.
    fn exists(&self, sources: &str) -> bool {
        match self {
            Self::Invariant(name) => sources.contains(&format!("//! **{name}.**")),
            Self::Promise(_) | Self::AnyContext => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promise_that_no_patch_breaks_is_named() {
        let all: Vec<Rule> = Rule::promises().collect();
        assert_eq!(unbroken(&all.iter().collect::<Vec<_>>()).count(), 0);
        let some: Vec<&Rule> = all.iter().filter(|rule| **rule != Rule::Promise(7)).collect();
        let named: Vec<String> = unbroken(&some).collect();
        assert!(matches!(&*named, [one] if one.contains("promise 7 ")), "{named:?}");
        assert_eq!(unbroken(&[]).count(), all.len());
    }

    #[test]
    fn invariant_must_stand_in_bold_in_a_source() {
        let rule = Rule::Invariant("One Owner".into());
        assert!(rule.exists("//! a\n//! **One Owner.** A node …"));
        assert!(!rule.exists("// SAFETY: One Owner."));
    }
}
