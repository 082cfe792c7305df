//! Which lines of `src/` the plain tests run: per file, in all, and those that they do not.
//!
//! # From a test to a line
//! ```text
//! cargo test, -Cinstrument-coverage ─► target/coverage/profiles/*.profraw
//!   a test that runs its own program once more, as a child, leaves one of that, too
//! llvm-profdata merge ─► all.profdata ─► llvm-cov export ─► lcov ─► [`Report`]
//! ```
//! A child that ends by `_exit` or by a signal leaves nothing: what only it has run counts as not run.
//! Left out are `src/tests/` and the unit tests inside the files. What another build alone has (loom, Miri,
//! no std, the pipe, other systems) is no line of this one.

use crate::{
    everyday::test::TESTS,
    install::{NIGHTLY, Tool, rustup},
    run::{Run, target},
    step::{Done, Stop},
};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The tests that are run: all but the examples of the documentation.
const WHAT: &str = "test -p reveille --locked --lib --tests";

/// How often each line of each file was run.
#[derive(Debug, Default, PartialEq, Eq)]
struct Report {
    files: BTreeMap<String, BTreeMap<usize, u64>>,
}

pub(crate) fn print() -> Done {
    rustup(&[Tool::Toolchain(NIGHTLY), Tool::Component(NIGHTLY, "llvm-tools")])?;
    let folder = target("coverage");
    let profiles = folder.join("profiles");
    // Those of an earlier run would count as well.
    if profiles.exists() {
        fs::remove_dir_all(&profiles)?;
    }
    let tests = |words: &str| {
        Run::cargo_on(NIGHTLY, &format!("{WHAT} {words}"))
            .rustflags("-Cinstrument-coverage")
            // Each process one of a few files, which it adds to under a lock.
            .env("LLVM_PROFILE_FILE", &profiles.join("%8m.profraw").display().to_string())
            .target("coverage")
            .limit(TESTS)
    };
    let built = tests("--no-run --message-format=json").unseen()?;
    if !built.passed() {
        return Err(Stop::Failed(format!("the tests do not build:\n{}", built.text)));
    }
    let programs = programs(&built.text);
    tests("").go()?;
    let tools = tools()?;
    let merged = folder.join("all.profdata");
    let words = format!("merge -sparse {} -o {}", profiles.display(), merged.display());
    Run::program(&tools.join("llvm-profdata").display().to_string(), &words).go()?;
    let objects: String = programs.iter().fold(String::new(), |mut words, program| {
        // Writing to a String cannot fail.
        _ = write!(words, " -object {program}");
        words
    });
    let words = format!("export -format=lcov -instr-profile={}{objects}", merged.display());
    let exported = Run::program(&tools.join("llvm-cov").display().to_string(), &words).unseen()?;
    if !exported.passed() {
        return Err(Stop::Failed(format!("llvm-cov: {}", exported.text)));
    }
    let src = crate::root().canonicalize()?.join("src");
    let mut report = Report::read(&exported.text, &src);
    for (file, lines) in &mut report.files {
        let tests = unit_tests(&fs::read_to_string(src.join(file))?);
        lines.retain(|&line, _| !tests.contains(&line));
    }
    print!("{}", report.tell());
    if report.total().1 == 0 {
        return Err(Stop::Failed("no line of src/ is in the profiles".into()));
    }
    Ok(())
}

/// The folder of the tools of LLVM that belong to the compiler.
fn tools() -> Result<PathBuf, Stop> {
    let toolchain = format!("+{NIGHTLY}");
    let asked = Command::new("rustc").args([&*toolchain, "--print", "target-libdir"]).output()?;
    let libraries = PathBuf::from(String::from_utf8_lossy(&asked.stdout).trim());
    let tools = libraries.with_file_name("bin");
    match tools.join("llvm-cov").exists() {
        true => Ok(tools),
        false => Err(Stop::Failed(format!("there is no llvm-cov in {}", tools.display()))),
    }
}

/// The programs that cargo says it has built.
fn programs(messages: &str) -> Vec<&str> {
    let marks = messages.lines().filter_map(|line| line.split_once("\"executable\":\""));
    marks.filter_map(|(_, rest)| rest.split('"').next()).collect()
}

/// The lines of `mod tests { … }`, which begins and ends at the left margin.
fn unit_tests(text: &str) -> std::ops::Range<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let Some(begin) = lines.iter().position(|line| *line == "mod tests {") else { return 0..0 };
    let length = lines[begin..].iter().position(|line| *line == "}").unwrap_or(lines.len());
    begin + 1..begin + length + 2
}

// === impl Report ===

impl Report {
    /// Reads lcov's lines, of files below `src` that are no tests.
    fn read(lcov: &str, src: &Path) -> Self {
        let mut report = Self::default();
        let mut file = None;
        for line in lcov.lines() {
            if let Some(path) = line.strip_prefix("SF:") {
                let inner = Path::new(path).strip_prefix(src).ok();
                let inner = inner.filter(|inner| !inner.starts_with("tests"));
                file = inner.map(|inner| inner.display().to_string());
            } else if let (Some(file), Some(data)) = (&file, line.strip_prefix("DA:")) {
                let mut numbers = data.split(',').map(str::parse::<u64>);
                if let (Some(Ok(line)), Some(Ok(count))) = (numbers.next(), numbers.next()) {
                    let lines = report.files.entry(file.clone()).or_default();
                    *lines.entry(line as usize).or_default() += count;
                }
            }
        }
        report
    }

    /// How many lines were run, and how many there are.
    fn total(&self) -> (usize, usize) {
        self.files.values().map(of).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }

    /// A line for each file, and one for all.
    fn tell(&self) -> String {
        let mut text = String::new();
        let mut line = |(run, all): (usize, usize), name: &str, missed: &str| {
            let share = 100.0 * run as f64 / all.max(1) as f64;
            // Writing to a String cannot fail.
            _ = writeln!(text, "{name:<18} {run:>5} of {all:>5} {share:>6.2} %  {missed}");
        };
        for (file, lines) in &self.files {
            line(of(lines), file, &missed(lines));
        }
        line(self.total(), "src/", "");
        text
    }
}

fn of(lines: &BTreeMap<usize, u64>) -> (usize, usize) {
    (lines.values().filter(|&&count| count > 0).count(), lines.len())
}

/// The lines that were not run, those that follow each other as `from-to`.
fn missed(lines: &BTreeMap<usize, u64>) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    let mut joins = false;
    for (&line, &count) in lines {
        match ranges.last_mut() {
            Some(last) if count == 0 && joins => last.1 = line,
            _ if count == 0 => ranges.push((line, line)),
            _ => {}
        }
        joins = count == 0;
    }
    let show = |&(from, to): &(usize, usize)| match from == to {
        true => from.to_string(),
        false => format!("{from}-{to}"),
    };
    ranges.iter().map(show).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LCOV: &str = "SF:/p/src/a.rs\nDA:1,1\nDA:2,0\nDA:4,0\nDA:5,7\nDA:9,0\nend_of_record\n\
                        SF:/p/src/tests/a.rs\nDA:1,0\nend_of_record\n\
                        SF:/q/src/b.rs\nDA:1,0\nend_of_record\n\
                        SF:/p/src/raw/b.rs\nDA:3,0\nend_of_record\n\
                        SF:/p/src/raw/b.rs\nDA:3,2\nend_of_record\n";

    #[test]
    fn lines_are_counted_below_src_alone_and_without_the_tests() {
        let report = Report::read(LCOV, Path::new("/p/src"));
        assert_eq!(report.files.keys().collect::<Vec<_>>(), ["a.rs", "raw/b.rs"]);
        assert_eq!(report.total(), (3, 6));
        assert!(report.tell().contains("src/                   3 of     6  50.00 %"));
    }

    #[test]
    fn missed_lines_that_follow_each_other_are_one_range() {
        let report = Report::read(LCOV, Path::new("/p/src"));
        assert_eq!(missed(&report.files["a.rs"]), "2-4 9");
        assert_eq!(missed(&report.files["raw/b.rs"]), "");
    }

    #[test]
    fn unit_tests_are_found_with_their_braces() {
        assert_eq!(unit_tests("a\nmod tests {\n    b\n}\nc\n"), 2..5);
        assert!(unit_tests("a\n").is_empty());
    }

    #[test]
    fn programs_are_those_that_cargo_names() {
        let said = "x\n{\"executable\":\"/p/one\",\"fresh\":true}\n{\"executable\":null}\n";
        assert_eq!(programs(said), ["/p/one"]);
    }
}
