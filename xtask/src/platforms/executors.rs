//! The promises on every executor, and the table of README.md that says so.
//!
//! ```text
//! reveille-conformance EXECUTOR, one process each ─► "NAME: 12 shared, 9 parked" ─► a row
//! cargo tree ─► the version of the crate that it is of                          ─┘
//! `executors` writes the table; `executors-check`, part of ci, fails if it would be another
//! ```
//! An executor that this system does not allow (glommio without io_uring) keeps the row that it has, and the
//! table at the end says so.

use crate::{
    everyday::test::TESTS,
    run::{Run, target},
    step::{self, Done, Stop},
};
use std::{fs, ops::Range, time::Duration};

const PACKAGE: &str = "reveille-conformance";
const README: &str = "README.md";

/// Builds the program and the tests of the combinators, with the same dependencies: so they are built once.
const BUILD: &str = "test -p reveille-conformance --test ecosystem";

/// The section of README.md that has the table, and its first two lines.
const HEADING: &str = "## On which executors";
const HEAD: &str = "| executor | version | shared cases | parked cases |\n|---|---|---:|---:|\n";

/// How long one executor may take; a case that hangs is told much earlier.
const LIMIT: Duration = Duration::from_secs(300);

pub(crate) fn write() -> Done {
    let readme = fs::read_to_string(README)?;
    let place = table(&readme).ok_or_else(no_table)?;
    let table = run_all(&readme[place.clone()])?;
    let text = format!("{}{table}{}", &readme[..place.start], &readme[place.end..]);
    Ok(fs::write(README, text)?)
}

pub(crate) fn check() -> Done {
    let readme = fs::read_to_string(README)?;
    let place = table(&readme).ok_or_else(no_table)?;
    let table = run_all(&readme[place.clone()])?;
    if table == readme[place] {
        return Ok(());
    }
    println!("{table}");
    Err(Stop::failed("README.md has another table: `cargo xtask executors` writes it"))
}

/// The combinators of other crates, with our futures in them.
pub(crate) fn ecosystem() -> Done {
    Run::cargo(&format!("{BUILD} --locked")).limit(TESTS).go()
}

fn no_table() -> Stop {
    Stop::Failed(format!("README.md has no table below `{HEADING}`"))
}

/// Runs every executor, and gives back the table.
fn run_all(old: &str) -> Result<String, Stop> {
    if !cfg!(target_os = "linux") {
        return Err(Stop::Skipped("two of them are for Linux alone".into()));
    }
    Run::cargo(&format!("{BUILD} --no-run --locked")).go()?;
    let versions = format!("tree -p {PACKAGE} --depth 1 -e normal --prefix none --locked");
    let versions = Run::cargo(&versions).hushed()?.text;
    let program = target("debug").join(PACKAGE).display().to_string();
    let listed = Run::program(&program, "").unseen()?;
    let mut table = HEAD.to_owned();
    let (mut failed, mut passed) = (Vec::new(), 0);
    for line in listed.text.lines() {
        let (name, package) = line.split_once(' ').unwrap_or((line, ""));
        let output = Run::program(&program, name).limit(LIMIT).hushed()?;
        let last = output.text.lines().last().unwrap_or_default();
        println!("{last}");
        if let Some(counts) = output.passed().then(|| counts(last)).flatten() {
            table += &row(name, version(&versions, package), counts);
            passed += 1;
        } else if last.contains(": skipped: ") {
            step::note(last);
            table +=
                &row_of(old, name).ok_or_else(|| Stop::Failed(format!("{name} has no row")))?;
        } else {
            println!("{}", output.text);
            failed.push(name.to_owned());
        }
    }
    if !failed.is_empty() || passed == 0 {
        return Err(Stop::Failed(format!(
            "of {passed} that passed, missing: {}",
            failed.join(", ")
        )));
    }
    step::note(format!("{passed} executors"));
    Ok(table)
}

/// Where the table of the section stands, its last line break included.
fn table(readme: &str) -> Option<Range<usize>> {
    let section = readme.find(HEADING)?;
    let start = section + readme[section..].find("\n|")? + 1;
    let length = readme[start..].find("\n\n").map_or(readme.len() - start, |end| end + 1);
    Some(start..start + length)
}

/// `NAME: 12 shared, 9 parked`: the two numbers.
fn counts(line: &str) -> Option<(usize, usize)> {
    let (shared, parked) = line.split_once(": ")?.1.split_once(" shared, ")?;
    Some((shared.parse().ok()?, parked.strip_suffix(" parked")?.parse().ok()?))
}

fn row(name: &str, version: Option<&str>, (shared, parked): (usize, usize)) -> String {
    format!("| {name} | {} | {shared} | {parked} |\n", version.unwrap_or("–"))
}

/// The row of this executor in a table.
fn row_of(table: &str, name: &str) -> Option<String> {
    let start = format!("| {name} |");
    table.lines().find(|line| line.starts_with(&start)).map(|line| format!("{line}\n"))
}

/// The version of a crate in what `cargo tree` says: `tokio v1.54.1`.
fn version<'a>(tree: &'a str, package: &str) -> Option<&'a str> {
    tree.lines().find_map(|line| {
        let (name, rest) = line.split_once(" v")?;
        (name == package).then(|| rest.split(' ').next().unwrap_or(rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_found_whole_and_nothing_else() {
        let text =
            format!("# x\n\n| no |\n\n{HEADING}\n\nProse.\n\n| a |\n|---|\n| b |\n\nMore.\n");
        assert_eq!(&text[table(&text).unwrap()], "| a |\n|---|\n| b |\n");
        assert_eq!(table("| a |\n"), None);
    }

    #[test]
    fn row_has_the_counts_and_the_version_of_the_crate() {
        let counts = counts("smol: 70 shared, 10 parked").unwrap();
        assert_eq!(
            row("smol", version("a v1\nsmol v2.0.2 (*)", "smol"), counts),
            "| smol | 2.0.2 | 70 | 10 |\n"
        );
        assert_eq!(row("own", version("a v1", ""), counts), "| own | – | 70 | 10 |\n");
    }

    #[test]
    fn failure_has_no_counts() {
        assert_eq!(counts("smol: FAILED: event::x: task 0 panicked: 1 shared, 2 parked"), None);
        assert_eq!(counts("smol: skipped: no io_uring"), None);
    }

    #[test]
    fn skipped_executor_keeps_its_row() {
        assert_eq!(row_of("| a | 1 |\n| ab | 2 |\n", "ab").as_deref(), Some("| ab | 2 |\n"));
    }
}
