//! All comparisons of `benches/`, and the page that shows them.

use crate::{
    run::{Run, target},
    step::{Done, Stop},
};
use std::fs;

/// Each interleaves our type with its peers, and saves what it has measured.
const COMPARISONS: [&str; 5] =
    ["compare", "compare_flag", "compare_blocking", "compare_result", "compare_waitable"];

/// Where the page and its picture are.
const DOCS: &str = "docs";

/// Measures all, and writes `docs/benchmarks.md` and `docs/benchmarks.svg`.
pub(crate) fn bench() -> Done {
    let records = target("benchmarks");
    // Those of an earlier run are not of this commit.
    if records.exists() {
        fs::remove_dir_all(&records)?;
    }
    let records = records.display();
    for name in COMPARISONS {
        let words =
            format!("bench -p reveille-benches --locked --bench {name} -- --save {records}");
        Run::cargo(&words).go()?;
    }
    let date = ask("date", "-u +%F")?;
    let commit = ask("git", "describe --always --dirty --abbrev=10")?;
    let program = "run --quiet --profile bench -p reveille-benches --locked --bin benchmarks";
    Run::cargo(&format!("{program} -- {records} {DOCS} {date} {commit}")).go()
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
        for name in COMPARISONS {
            assert!(manifest.contains(&format!("[[bench]]\nname = \"{name}\"")), "{name}");
        }
    }
}
