//! What the crate drags in: how much it is, that README.md has a line for each of it, under which licences it
//! comes, and that none of it comes twice.
//!
//! | looked at                               | rule                                                        |
//! |-----------------------------------------|-------------------------------------------------------------|
//! | a default build on Linux                | at most 8 crates beside libc and linux-raw-sys; those of README.md |
//! | what users build, any target or feature | MIT or Apache-2.0 can be chosen; no crate in two versions   |
//! | what we build besides                   | a licence of the list below; what comes twice is counted    |

use crate::{
    run::Run,
    step::{self, Done, Stop},
};
use std::{collections::BTreeSet, fs};

/// How many crates a default build on Linux may have beside those of the system.
const MOST: usize = 8;
const SYSTEM: [&str; 2] = ["libc", "linux-raw-sys"];

/// One of these can be chosen for all that users build.
const OURS: [&str; 2] = ["MIT", "Apache-2.0"];

/// What tests, benches and conformance may come under as well.
const BESIDES: [&str; 6] =
    ["BSD-3-Clause", "MPL-2.0+", "MPL-2.0", "Unicode-3.0", "Unlicense", "Zlib"];

/// The table of README.md that has a line for each crate begins below this.
const HEADING: &str = "## What it depends on";

/// A line of `cargo tree`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
struct Crate {
    name: String,
    version: String,
    licence: String,
}

pub(crate) fn check() -> Done {
    let linux = tree("-p reveille -e normal,build --target x86_64-unknown-linux-gnu")?;
    let users = tree("-p reveille -e normal,build --target all --all-features")?;
    let all = tree("--workspace -e normal,build,dev --target all --all-features")?;
    let mut wrong = Vec::new();

    let names: BTreeSet<&str> = linux.iter().map(|found| &*found.name).collect();
    let counted = names.iter().filter(|name| !SYSTEM.contains(name)).count();
    println!("a default build on Linux: {}", names.iter().copied().collect::<Vec<_>>().join(", "));
    if counted > MOST {
        wrong.push(format!("{counted} crates beside {}: more than {MOST}", SYSTEM.join(" and ")));
    }
    let readme = fs::read_to_string("README.md")?;
    let told = in_table(&readme).ok_or_else(|| Stop::failed("README.md has no such table"))?;
    wrong.extend(names.difference(&told).map(|name| format!("{name}: not in README.md")));
    wrong.extend(told.difference(&names).map(|name| format!("{name}: in README.md alone")));

    let refused = |found: &&Crate, list: &[&str]| !allows(&found.licence, list);
    let line = |found: &Crate| format!("{} {}: {:?}", found.name, found.version, found.licence);
    wrong.extend(users.iter().filter(|found| refused(found, &OURS)).map(line));
    let wide: Vec<&str> = OURS.into_iter().chain(BESIDES).collect();
    wrong.extend(all.iter().filter(|found| refused(found, &wide)).map(line));
    wrong.extend(twice(&users).into_iter().map(|name| format!("{name}: comes in two versions")));

    wrong.iter().for_each(|line| println!("{line}"));
    if !wrong.is_empty() {
        return Err(Stop::Failed(format!("{} things are wrong with dependencies", wrong.len())));
    }
    step::note(format!(
        "{counted} crates beside {} on Linux, {} in all",
        SYSTEM.join(" and "),
        all.len()
    ));
    step::note(format!("twice among what we build besides: {}", twice(&all).len()));
    Ok(())
}

/// What `cargo tree` lists for these words, each crate once, without those of this workspace.
fn tree(words: &str) -> Result<BTreeSet<Crate>, Stop> {
    let words = format!("tree {words} --prefix none --format {{p}}|{{l}} --locked");
    let output = Run::cargo(&words).hushed()?;
    if !output.passed() {
        return Err(Stop::Failed(output.text));
    }
    let found: BTreeSet<Crate> = output.text.lines().filter_map(Crate::parse).collect();
    if found.is_empty() {
        return Err(Stop::failed("`cargo tree` lists nothing"));
    }
    Ok(found)
}

/// The names in the first column of the table.
fn in_table(readme: &str) -> Option<BTreeSet<&str>> {
    let section = readme.split_once(HEADING)?.1;
    let rows = section.lines().skip_while(|line| !line.starts_with('|'));
    let rows = rows.take_while(|line| line.starts_with('|')).skip(2);
    Some(rows.filter_map(|row| row.split('`').nth(1)).collect())
}

/// Whether a licence of the list can be chosen, and, where several hold together, all are of the list.
fn allows(licence: &str, list: &[&str]) -> bool {
    let plain = licence.replace(['(', ')'], " ").replace('/', " OR ");
    plain.split(" AND ").all(|part| part.split(" OR ").any(|one| list.contains(&one.trim())))
}

/// The names that come in more than one version.
fn twice(crates: &BTreeSet<Crate>) -> BTreeSet<&str> {
    let is_again = |found: &&Crate| {
        crates.iter().any(|other| other.name == found.name && other.version != found.version)
    };
    crates.iter().filter(is_again).map(|found| &*found.name).collect()
}

// === impl Crate ===

impl Crate {
    /// `name v1.2.3|MIT`, perhaps with ` (*)` behind it; none of it a path, as our own members have.
    fn parse(line: &str) -> Option<Self> {
        let (package, licence) = line.split_once('|')?;
        let mut words = package.split_whitespace();
        let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
        if words.any(|word| word.contains('/')) {
            return None;
        }
        let licence = licence.trim_end().trim_end_matches("(*)").trim_end();
        Some(Self { name: name.into(), version: version.into(), licence: licence.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn member_of_the_workspace_is_no_dependency() {
        assert_eq!(Crate::parse("reveille v0.1.0 (/home/x)|MIT"), None);
        let found = Crate::parse("a v1.2.3 (proc-macro)|MIT OR Zlib (*)").unwrap();
        assert_eq!((&*found.version, &*found.licence), ("1.2.3", "MIT OR Zlib"));
    }

    #[test]
    fn licence_that_must_be_kept_beside_another_must_be_allowed_too() {
        assert!(allows("Apache-2.0/MIT", &OURS) && allows("GPL-3.0 OR MIT", &OURS));
        assert!(!allows("(MIT OR Apache-2.0) AND Unicode-3.0", &OURS));
        assert!(!allows("GPL-3.0", &OURS) && !allows("", &OURS));
    }

    #[test]
    fn crate_in_two_versions_is_found() {
        let of = |line: &str| Crate::parse(line).unwrap();
        let both = BTreeSet::from([of("a v1.0.0|MIT"), of("a v2.0.0|MIT"), of("b v1.0.0|MIT")]);
        assert_eq!(twice(&both), BTreeSet::from(["a"]));
    }

    #[test]
    fn table_is_read_by_its_first_column() {
        let text =
            "## What it depends on\n\nProse.\n\n| a | b |\n|---|---|\n| `x` | `y` |\n\n| `z` |\n";
        assert_eq!(in_table(text), Some(BTreeSet::from(["x"])));
    }
}
