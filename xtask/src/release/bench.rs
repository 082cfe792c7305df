//! Runs all comparisons of `benches/`, and writes the page that shows them.
//!
//! The records of a commit are kept: a run that was stopped continues where it was, and one that is
//! repeated writes the page again, with the current `benches/notes.md`.
//!
//! `REVEILLE_BENCH=flag,result` measures these comparisons alone, even if there is a record;
//! `REVEILLE_ROUNDS=61` has more rounds than 31. The page is written when the commit has a record of each
//! comparison with that number of rounds.

use crate::{
    install,
    read::sections::Sections,
    run::{Run, target},
    step::{Done, Stop, note},
};
use std::{env, fs};

/// Each target, and the last record that it saves.
const COMPARISONS: [(&str, &str); 6] = [
    ("compare", "event"),
    ("compare_flag", "signal"),
    ("compare_blocking", "blocking"),
    ("compare_result", "result"),
    ("compare_waitable", "waitable"),
    ("compare_originals", "originals"),
];

/// What is not measured, and may differ from the commit.
const NOT_MEASURED: &str = ":!docs :!*.md";

/// The packages of the originals, with versions: the next run has the same.
const ORIGINALS: &str = "gevent==26.9.0 eventlet==0.41.3 bacpypes==0.19.0";

/// The load average above which a machine is not quiet.
const QUIET: f64 = 0.5;

/// Measures, and writes `docs/benchmarks.md` and `docs/benchmarks.svg`.
pub(crate) fn bench() -> Done {
    let only = env::var("REVEILLE_BENCH").ok();
    let rounds = env::var("REVEILLE_ROUNDS").unwrap_or_else(|_| "31".into());
    let commit = commit()?;
    let records = target("benchmarks").join(format!("{commit}-{rounds}"));
    // Uncommitted changes may have changed again.
    if commit.ends_with("-dirty") && only.is_none() && records.exists() {
        fs::remove_dir_all(&records)?;
    }
    let save = format!("--save {} --rounds {rounds}", records.display());
    let load = load();
    let mut measured = false;
    let mut missing = Vec::new();
    for (name, record) in COMPARISONS {
        let exists = records.join(record).with_extension("json").exists();
        if only.as_deref().map_or(!exists, |only| named((name, record), only)) {
            measured = true;
            let words = format!("bench -p reveille-benches --locked --bench {name} -- {save}");
            let python = if name == "compare_originals" { python() } else { String::new() };
            Run::cargo(&words).env("REVEILLE_PYTHON", &python).go()?;
        } else if exists {
            println!("{name} was measured at {commit}");
        } else {
            missing.push(name);
        }
    }
    let code = records.join("code.tsv");
    if measured || !code.exists() {
        match sizes() {
            Ok(lines) => fs::write(&code, lines)?,
            Err(Stop::Skipped(why)) => note(format!("sizes left out: {why}")),
            Err(failed) => return Err(failed),
        }
    }
    if measured && load > QUIET {
        note(format!("the machine was not quiet, load average {load}: repeat before quoting"));
    }
    if !missing.is_empty() {
        note(format!("the page waits for {}", missing.join(", ")));
        return Ok(());
    }
    let date = ask("date", "-u +%F")?;
    let program = "run --quiet --profile bench -p reveille-benches --locked --bin benchmarks";
    Run::cargo(&format!("{program} -- {} docs {date} {commit}", records.display())).go()
}

/// The sizes of the minimal program of each event beyond the floor's: lines of a panic strategy, a name
/// and bytes, between tabs.
fn sizes() -> Result<String, Stop> {
    if !cfg!(target_os = "linux") {
        return Err(Stop::Skipped("sizes are read from ELF sections".into()));
    }
    install::debian(&install::BINUTILS)?;
    let program = target("small").join("minimal");
    let mut lines = String::new();
    for panic in ["unwind", "abort"] {
        let mut sizes: Vec<(String, u64)> = Vec::new();
        while sizes.last().is_none_or(|(name, _)| name != "floor") {
            let build = "build --quiet --profile small -p reveille-benches --locked --bin minimal";
            let build = Run::cargo(build).env("CARGO_PROFILE_SMALL_PANIC", panic);
            build.env("BENCHES_SUBJECT", &sizes.len().to_string()).go()?;
            let name = Run::program(&program.display().to_string(), "").go_and_tell()?;
            let parts = [".text", ".rodata", ".data", ".data.rel.ro"];
            let bytes = Sections::of(&program)?.bytes(&parts);
            let bytes = bytes.ok_or_else(|| Stop::Failed("a section is missing".into()))?;
            sizes.push((name.trim().to_owned(), bytes));
        }
        let floor = sizes.pop().map_or(0, |(_, bytes)| bytes);
        for (name, bytes) in sizes {
            let more = bytes.checked_sub(floor);
            let more = more.ok_or_else(|| Stop::Failed(format!("{name} is below the floor")))?;
            lines += &format!("{panic}\t{name}\t{more}\n");
        }
    }
    Ok(lines)
}

/// Whether a comparison is among those in this list.
fn named((name, record): (&str, &str), list: &str) -> bool {
    // The part that all names have in common does not count.
    let names = [name.trim_start_matches("compare"), record];
    list.split(',').any(|part| names.iter().any(|name| name.contains(part.trim())))
}

/// The commit, and whether something that is measured has changed since.
fn commit() -> Result<String, Stop> {
    let commit = ask("git", "rev-parse --short=10 HEAD")?;
    let words = format!("status --porcelain -uno -- . {NOT_MEASURED}");
    let changed = Run::program("git", &words).unseen()?;
    let dirty = !changed.passed() || !changed.text.trim().is_empty();
    Ok(format!("{commit}{}", if dirty { "-dirty" } else { "" }))
}

/// The load average of the last minute, if the system reports it.
fn load() -> f64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().and_then(|load| load.parse().ok()).unwrap_or(0.0)
}

/// A Python with the originals; a note if there is none.
fn python() -> String {
    match install::pip("originals", ORIGINALS) {
        Ok(python) => python.display().to_string(),
        Err(Stop::Failed(why) | Stop::Skipped(why)) => {
            note(format!("originals left out: {why}"));
            String::new()
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
        let read = |path: &str| fs::read_to_string(crate::root().join(path)).unwrap();
        let manifest = read("benches/Cargo.toml");
        assert_eq!(manifest.matches("\nname = \"compare").count(), COMPARISONS.len());
        let page = read("benches/src/bin/benchmarks.rs");
        for (name, record) in COMPARISONS {
            assert!(manifest.contains(&format!("[[bench]]\nname = \"{name}\"")), "{name}");
            // The page reads what the target saves.
            let target = read(&format!("benches/benches/{name}.rs"));
            let record = format!("\"{record}\"");
            assert!(target.contains(&record) && page.contains(&record), "{name}: {record}");
        }
    }

    #[test]
    fn list_names_comparisons_by_their_target_or_record() {
        let flag = ("compare_flag", "signal");
        assert!(named(flag, "result, flag") && named(flag, "signal"));
        assert!(!named(("compare_waitable", "waitable"), "result,flag"));
        let count = |list| COMPARISONS.iter().filter(|&&one| named(one, list)).count();
        assert_eq!(["event", "waitable", "compare"].map(count), [1, 1, 0]);
    }
}
