//! All comparisons of `benches/`, and the page that shows them.
//!
//! What a comparison has measured is kept, under the commit that it was measured at. So a run that was stopped
//! goes on where it was, and one that is repeated writes the page anew, with what `benches/notes.md` says now.
//!
//! `REVEILLE_BENCH=flag,result` measures the comparisons of these alone, also again; `REVEILLE_ROUNDS=61` does it
//! in more rounds than 31. The page is written as soon as each comparison has been made at this commit, in as many
//! rounds.

use crate::{
    install,
    read::sections::Sections,
    run::{Run, target},
    step::{Done, Stop, note},
};
use std::{env, fs};

/// Each interleaves our type with its peers, and saves what it has measured: last of all under this name.
const COMPARISONS: [(&str, &str); 6] = [
    ("compare", "event"),
    ("compare_flag", "signal"),
    ("compare_blocking", "blocking"),
    ("compare_result", "result"),
    ("compare_waitable", "waitable"),
    ("compare_originals", "originals"),
];

/// Where the page and its picture are.
const DOCS: &str = "docs";

/// What is not measured: it may differ from the commit.
const BESIDE: &str = ":!docs :!*.md";

/// The Python that compares with the originals, and what it is given: versions, for the next run to have the same.
const ORIGINALS: &str = "gevent==26.9.0 eventlet==0.41.3 bacpypes==0.19.0";

/// The program that does nothing, by the name that it tells.
const FLOOR: &str = "floor";

/// Of a machine that does nothing else.
const QUIET: f64 = 0.5;

/// Measures all, and writes `docs/benchmarks.md` and `docs/benchmarks.svg`.
pub(crate) fn bench() -> Done {
    let only = env::var("REVEILLE_BENCH").ok();
    let rounds = env::var("REVEILLE_ROUNDS").ok();
    let commit = commit()?;
    let kept = format!("{commit}{}", rounds.iter().map(|n| format!("-{n}")).collect::<String>());
    let records = target("benchmarks").join(kept);
    // What was changed since may have been changed again.
    if commit.ends_with("-dirty") && only.is_none() && records.exists() {
        fs::remove_dir_all(&records)?;
    }
    let load = load().filter(|&load| load > QUIET);
    let mut measured = false;
    let mut left = Vec::new();
    for (name, record) in COMPARISONS {
        let there = records.join(record).with_extension("tsv").exists();
        match (wanted((name, record), only.as_deref()), there) {
            (true, true) if only.is_none() => println!("{name} was measured at {commit}"),
            (true, _) => {
                measured = true;
                let rounds = rounds.iter().map(|n| format!(" --rounds {n}")).collect::<String>();
                let words = format!(
                    "bench -p reveille-benches --locked --bench {name} -- --save {}{rounds}",
                    records.display()
                );
                let run = Run::cargo(&words);
                match if name == "compare_originals" { python() } else { None } {
                    Some(python) => run.env("REVEILLE_PYTHON", &python).go()?,
                    None => run.go()?,
                }
            }
            (false, true) => {}
            (false, false) => left.push(name),
        }
    }
    let code = records.join("code.tsv");
    if measured || !code.exists() {
        match weigh() {
            Ok(lines) => fs::write(&code, lines)?,
            Err(Stop::Skipped(why)) => note(format!("code left out: {why}")),
            Err(failed) => return Err(failed),
        }
    }
    if let Some(load) = load.filter(|_| measured) {
        note(format!(
            "the machine was not quiet, load average {load}: repeat it before you quote it"
        ));
    }
    if !left.is_empty() {
        note(format!("the page waits for {}", left.join(", ")));
        return Ok(());
    }
    let date = ask("date", "-u +%F")?;
    let program = "run --quiet --profile bench -p reveille-benches --locked --bin benchmarks";
    Run::cargo(&format!("{program} -- {} {DOCS} {date} {commit}", records.display())).go()
}

/// What the linker keeps for the minimal program of each event: lines of what happens in a panic, a name and
/// bytes, between tabs.
fn weigh() -> Result<String, Stop> {
    if !cfg!(target_os = "linux") {
        return Err(Stop::Skipped("it is read from the sections of Linux' programs".into()));
    }
    install::debian(&install::BINUTILS)?;
    let mut lines = String::new();
    for panic in ["unwind", "abort"] {
        let mut weights = weights(panic)?;
        let floor = weights.pop().map_or(0, |(_, bytes)| bytes);
        for (name, bytes) in weights {
            let more = bytes.checked_sub(floor);
            let more = more.ok_or_else(|| Stop::Failed(format!("{name} is below the floor")))?;
            lines += &format!("{panic}\t{name}\t{more}\n");
        }
    }
    Ok(lines)
}

/// Each program and its bytes, the floor's last.
fn weights(panic: &str) -> Result<Vec<(String, u64)>, Stop> {
    let program = target("small").join("minimal");
    let mut weights: Vec<(String, u64)> = Vec::new();
    while weights.last().is_none_or(|(name, _)| name != FLOOR) {
        let build = "build --quiet --profile small -p reveille-benches --locked --bin minimal";
        let build = Run::cargo(build).env("CARGO_PROFILE_SMALL_PANIC", panic);
        build.env("BENCHES_SUBJECT", &weights.len().to_string()).go()?;
        let name = Run::program(&program.display().to_string(), "").go_and_tell()?;
        let bytes = Sections::of(&program)?.bytes(&[".text", ".rodata", ".data", ".data.rel.ro"]);
        let bytes = bytes.ok_or_else(|| Stop::Failed("a section is missing".into()))?;
        weights.push((name.trim().to_owned(), bytes));
    }
    Ok(weights)
}

/// Whether a comparison is among those that were asked for.
fn wanted((name, record): (&str, &str), only: Option<&str>) -> bool {
    // All have this in their names.
    let names = [name.trim_start_matches("compare"), record];
    let named = |part: &str| names.iter().any(|name| name.contains(part.trim()));
    only.is_none_or(|parts| parts.split(',').any(named))
}

/// What is measured: a commit, and whether something was changed since.
fn commit() -> Result<String, Stop> {
    let commit = ask("git", "rev-parse --short=10 HEAD")?;
    let changed =
        Run::program("git", &format!("status --porcelain -uno -- . {BESIDE}")).unseen()?;
    let dirty = !changed.passed() || !changed.text.trim().is_empty();
    Ok(format!("{commit}{}", if dirty { "-dirty" } else { "" }))
}

/// How much the machine had to do in the last minute, where the system tells.
fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}

/// A Python with the originals in it; a note if there is none.
fn python() -> Option<String> {
    match install::pip("originals", ORIGINALS) {
        Ok(python) => Some(python.display().to_string()),
        Err(Stop::Failed(why) | Stop::Skipped(why)) => {
            note(format!("originals left out: {why}"));
            None
        }
    }
}

fn ask(program: &str, words: &str) -> Result<String, Stop> {
    let output = Run::program(program, words).unseen()?;
    match output.text.split_whitespace().next() {
        Some(word) if output.passed() => Ok(word.into()),
        _ => Err(Stop::Failed(format!("`{program} {words}`: {}", output.text.trim()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_comparison_of_the_benches_is_run() {
        let manifest = fs::read_to_string(crate::root().join("benches/Cargo.toml")).unwrap();
        let names = manifest.lines().filter_map(|line| line.strip_prefix("name = \"compare"));
        assert_eq!(names.count(), COMPARISONS.len());
        for (name, record) in COMPARISONS {
            assert!(manifest.contains(&format!("[[bench]]\nname = \"{name}\"")), "{name}");
            // And the page looks for what it saves.
            let source = format!("benches/benches/{name}.rs");
            let source = fs::read_to_string(crate::root().join(source)).unwrap();
            let page = "benches/src/bin/benchmarks.rs";
            let page = fs::read_to_string(crate::root().join(page)).unwrap();
            let record = format!("\"{record}\"");
            assert!(source.contains(&record) && page.contains(&record), "{name}: {record}");
        }
    }

    #[test]
    fn a_part_is_those_that_were_named() {
        let flag = ("compare_flag", "signal");
        assert!(wanted(flag, None));
        assert!(wanted(flag, Some("result, flag")) && wanted(flag, Some("signal")));
        assert!(!wanted(("compare_waitable", "waitable"), Some("result,flag")));
        let parts = |only| COMPARISONS.iter().filter(|&&one| wanted(one, Some(only))).count();
        assert_eq!((parts("event"), parts("waitable"), parts("compare")), (1, 1, 0));
    }
}
