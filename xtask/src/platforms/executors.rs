//! The promises on every executor, and the table of verify/conformance/README.md.
//!
//! ```text
//! reveille-conformance EXECUTOR, one process each ─► "NAME: 12 shared, 9 parked" ─► a row
//! cargo tree ─► the version of the executor's crate                             ─┘
//! `executors` writes the table; `executors-check` fails if it differs from the one in the file
//! ```
//! An executor that this system does not allow (glommio without io_uring) keeps its row.

use crate::{
    everyday::test::TESTS,
    run::{Run, target},
    step::{self, Done, Stop},
};
use std::{fs, time::Duration};

const PACKAGE: &str = "reveille-conformance";

/// The file with the table, which reaches to its end.
const README: &str = "verify/conformance/README.md";
const HEAD: &str = "| executor | version | shared cases | parked cases |\n|---|---|---:|---:|\n";

/// Builds the program and the tests of the combinators, with the same dependencies.
const BUILD: &str = "test -p reveille-conformance --test ecosystem --locked";

/// The time for one executor; the program itself stops a case that hangs much earlier.
const LIMIT: Duration = Duration::from_secs(300);

pub(crate) fn write() -> Done {
    let (prose, old) = readme()?;
    Ok(fs::write(README, prose + &run_all(&old)?)?)
}

pub(crate) fn check() -> Done {
    let (_, old) = readme()?;
    let new = run_all(&old)?;
    if new == old {
        return Ok(());
    }
    println!("{new}");
    Err(Stop::Failed(format!("the table of {README} is out of date: run `cargo xtask executors`")))
}

/// The combinators of other crates, with our futures in them.
pub(crate) fn ecosystem() -> Done {
    Run::cargo(BUILD).limit(TESTS).go()
}

/// The file in two parts: its prose, and its table.
fn readme() -> Result<(String, String), Stop> {
    let text = fs::read_to_string(README)?;
    let start = text.find(HEAD).ok_or_else(|| Stop::Failed(format!("{README} has no table")))?;
    Ok((text[..start].into(), text[start..].into()))
}

/// Runs every executor, and returns the table.
fn run_all(old: &str) -> Result<String, Stop> {
    if !cfg!(target_os = "linux") {
        return Err(Stop::skipped("two of the executors run on Linux only"));
    }
    Run::cargo(&format!("{BUILD} --no-run")).go()?;
    let tree = format!("tree -p {PACKAGE} --depth 1 -e normal --prefix none --locked");
    let tree = Run::cargo(&tree).hushed()?.text;
    let program = target("debug").join(PACKAGE).display().to_string();
    let listed = Run::program(&program, "").unseen()?;
    let (mut table, mut passed, mut failed) = (HEAD.to_owned(), 0, Vec::new());
    for line in listed.text.lines() {
        let (name, package) = line.split_once(' ').unwrap_or((line, ""));
        let output = Run::program(&program, name).limit(LIMIT).hushed()?;
        let last = output.text.lines().last().unwrap_or_default();
        println!("{last}");
        if let Some(row) = row(last, version(&tree, package)).filter(|_| output.passed()) {
            table += &row;
            passed += 1;
        } else if let Some(row) = row_of(old, name).filter(|_| last.contains(": skipped: ")) {
            table += row;
            step::note(last);
        } else {
            println!("{}", output.text);
            failed.push(name);
        }
    }
    match &*failed.join(", ") {
        "" if passed > 0 => Ok(table),
        "" => Err(Stop::failed("no executor passed")),
        names => Err(Stop::Failed(format!("{passed} executors passed; these did not: {names}"))),
    }
    .inspect(|_| step::note(format!("{passed} executors")))
}

/// The row for `NAME: 12 shared, 9 parked`.
fn row(line: &str, version: &str) -> Option<String> {
    let (name, counts) = line.split_once(": ")?;
    let (shared, parked) = counts.strip_suffix(" parked")?.split_once(" shared, ")?;
    Some(format!("| {name} | {version} | {shared} | {parked} |\n"))
}

/// The row of this executor in a table.
fn row_of<'a>(table: &'a str, name: &str) -> Option<&'a str> {
    table.split_inclusive('\n').find(|line| line.starts_with(&format!("| {name} |")))
}

/// The version of a package in the output of `cargo tree`: `tokio v1.54.1`.
fn version<'a>(tree: &'a str, package: &str) -> &'a str {
    let mut lines = tree.lines().filter_map(|line| line.split_once(" v"));
    let found = lines.find(|&(name, _)| name == package);
    found.map_or("–", |(_, rest)| rest.split(' ').next().unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_has_the_counts_and_the_version_of_the_package() {
        let tree = "a v1\nsmol v2.0.2 (*)";
        let row = |package| row("smol: 70 shared, 10 parked", version(tree, package)).unwrap();
        assert_eq!(row("smol"), "| smol | 2.0.2 | 70 | 10 |\n");
        assert_eq!(row(""), "| smol | – | 70 | 10 |\n");
    }

    #[test]
    fn skipped_executor_keeps_its_row() {
        assert_eq!(row("ab: skipped: no io_uring", "1"), None);
        assert_eq!(row_of("| a | 1 |\n| ab | 2 |\n", "ab"), Some("| ab | 2 |\n"));
    }
}
