//! How many instructions each row takes that one thread can do, counted by callgrind.
//!
//! ```text
//! benches/src/bin/instructions ── valgrind ─┬─► a line for each deed    ─┐
//!                                           └─► a dump after each deed  ─┴─► Counts ─► beside the baseline
//! ```
//! A count is the same in each run of one build, on a machine however busy. So it is kept,
//! in `benches/instructions.tsv`, with the compiler that made it: what is ours may take 3 % more with the
//! same compiler, and no more. Another compiler makes other code, and there the change is told alone. The
//! peers' counts are there to compare with, and are not judged.
//!
//! # What this does not show
//! An atomic read-modify-write counts as one instruction, as does a load that misses every cache.

use crate::{
    install,
    run::{Run, target},
    step::{Done, Stop, note},
};
use std::{
    fmt::{self, Write as _},
    fs,
    path::Path,
    time::Duration,
};

/// The function that has in it all that is counted, once for each line that the program prints.
const COUNTED: &str = "reveille_benches_counted";

/// What was accepted last.
const BASELINE: &str = "benches/instructions.tsv";

/// How much more than that ours may take.
const MOST: f64 = 1.03;

/// How long callgrind may take.
const LIMIT: Duration = Duration::from_secs(1800);

/// Counts of one compiler.
#[derive(Debug, PartialEq)]
struct Counts {
    /// As `rustc -V` says.
    compiler: String,
    rows: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq)]
struct Row {
    /// The type, the column, the row.
    name: [String; 3],
    ours: bool,
    /// Instructions for each time.
    instructions: f64,
}

/// What the counts are, beside the baseline.
#[derive(Debug)]
struct Report {
    text: String,
    /// What is against the rule; nothing with another compiler.
    wrong: Vec<String>,
    /// Rows of ours that take so much less that they could grow again unseen.
    less: usize,
}

pub(crate) fn check() -> Done {
    let now = count()?;
    let baseline = fs::read_to_string(BASELINE)
        .map_err(|error| Stop::Failed(format!("{BASELINE}: {error}; {}", accept_it())))?;
    let baseline = Counts::read(&baseline).map_err(Stop::Failed)?;
    let Report { text, wrong, less } = now.beside(&baseline);
    print!("{text}");
    if less > 0 {
        note(format!(
            "{less} rows take less: `cargo xtask instructions-accept` holds them to that"
        ));
    }
    if now.compiler != baseline.compiler {
        note(format!("the baseline is of {}: told, not judged", baseline.compiler));
    }
    match wrong.len() {
        0 => Ok(()),
        _ => Err(Stop::Failed(format!("{}; {}", wrong.join("; "), accept_it()))),
    }
}

/// Makes the counts of this tree the baseline.
pub(crate) fn accept() -> Done {
    let now = count()?;
    fs::write(BASELINE, now.to_string())?;
    println!("{BASELINE}: {} counts of {}", now.rows.len(), now.compiler);
    Ok(())
}

fn accept_it() -> &'static str {
    "if it must be so, `cargo xtask instructions-accept`, and say why in the commit"
}

/// Builds the program, and runs it under callgrind.
fn count() -> Result<Counts, Stop> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err(Stop::Skipped("the counts are of Linux on x86-64".into()));
    }
    install::debian(&install::VALGRIND)?;
    let words = "build --profile bench -p reveille-benches --locked --bin instructions";
    Run::cargo(words).target("instructions").go()?;
    let folder = target("instructions");
    let dumps = folder.join("dumps");
    if dumps.exists() {
        fs::remove_dir_all(&dumps)?;
    }
    fs::create_dir_all(&dumps)?;
    let program = folder.join("release/instructions");
    let words = format!(
        "--tool=callgrind --quiet --callgrind-out-file={}/count --toggle-collect={COUNTED} \
         --dump-after={COUNTED} {}",
        dumps.display(),
        program.display(),
    );
    let output = Run::program("valgrind", &words).limit(LIMIT).hushed()?;
    if !output.passed() {
        return Err(Stop::Failed(format!("callgrind: {}", output.text)));
    }
    let deeds: Vec<(Row, f64)> = output.text.lines().filter_map(deed).collect();
    let mut rows = Vec::new();
    for (number, (mut row, times)) in deeds.into_iter().enumerate() {
        row.instructions = total(&dumps.join(format!("count.{}", number + 1)))? / times;
        rows.push(row);
    }
    if rows.is_empty() {
        return Err(Stop::Failed(format!("nothing was counted: {}", output.text)));
    }
    Ok(Counts { compiler: compiler()?, rows })
}

/// What the program says of what it is about to do: the row, and by how many its count is divided.
fn deed(line: &str) -> Option<(Row, f64)> {
    let (row, times) = line.rsplit_once('\t')?;
    Some((row_of(row, 0.0)?, times.parse().ok()?))
}

/// The instructions in one dump.
fn total(dump: &Path) -> Result<f64, Stop> {
    let text = fs::read_to_string(dump)
        .map_err(|error| Stop::Failed(format!("{}: {error}", dump.display())))?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
    let total = total.and_then(|total| total.trim().parse().ok());
    total.ok_or_else(|| Stop::Failed(format!("{} has no total", dump.display())))
}

fn compiler() -> Result<String, Stop> {
    let output = Run::program("rustc", "-V").unseen()?;
    match output.passed() {
        true => Ok(output.text.trim().into()),
        false => Err(Stop::Failed(format!("`rustc -V`: {}", output.text))),
    }
}

fn row_of(text: &str, instructions: f64) -> Option<Row> {
    let fields: Vec<&str> = text.split('\t').collect();
    let [of, column, row, whose] = fields[..] else { return None };
    let ours = match whose {
        "ours" => true,
        "peer" => false,
        _ => return None,
    };
    Some(Row { name: [of, column, row].map(Into::into), ours, instructions })
}

// === impl Counts ===

impl Counts {
    /// What [`fmt::Display`] has written.
    fn read(text: &str) -> Result<Self, String> {
        let mut lines = text.lines();
        let compiler = lines.next().unwrap_or_default().to_owned();
        let row = |line: &str| {
            let (row, instructions) = line.rsplit_once('\t')?;
            row_of(row, instructions.parse().ok()?)
        };
        let rows = lines.map(|line| row(line).ok_or(format!("{BASELINE}: not a count: {line:?}")));
        Ok(Self { compiler, rows: rows.collect::<Result<_, _>>()? })
    }

    fn row(&self, name: &[String; 3]) -> Option<&Row> {
        self.rows.iter().find(|row| row.name == *name)
    }

    /// The peer that takes the fewest instructions in the row of this name.
    fn best_peer(&self, [of, _, row]: &[String; 3]) -> Option<&Row> {
        let peers =
            self.rows.iter().filter(|one| !one.ours && one.name[0] == *of && one.name[2] == *row);
        peers.min_by(|one, other| one.instructions.total_cmp(&other.instructions))
    }

    /// Each of ours beside what it was, and beside the best peer.
    fn beside(&self, baseline: &Self) -> Report {
        let mut report = Report { text: String::new(), wrong: Vec::new(), less: 0 };
        for row in self.rows.iter().filter(|row| row.ours) {
            let before = baseline.row(&row.name).map(|before| before.instructions);
            let name = row.name.join(", ");
            let change = match before {
                Some(before) => format!("{:+.1} %", 100.0 * (row.instructions / before - 1.0)),
                None => "new".into(),
            };
            let peer = self
                .best_peer(&row.name)
                .map(|peer| format!("{} {:.1}", peer.name[1], peer.instructions));
            // Writing to a String cannot fail.
            _ = writeln!(
                report.text,
                "{name:<58} {:>8.1} {change:>8}   {}",
                row.instructions,
                peer.unwrap_or_default(),
            );
            match before {
                Some(before) if row.instructions > MOST * before => {
                    report
                        .wrong
                        .push(format!("{name}: {before:.1} became {:.1}", row.instructions));
                }
                Some(before) => {
                    report.less += usize::from(row.instructions * MOST < before);
                }
                None => report.wrong.push(format!("{name} is not in {BASELINE}")),
            }
        }
        for gone in baseline.rows.iter().filter(|row| row.ours && self.row(&row.name).is_none()) {
            report.wrong.push(format!("{} is counted no more", gone.name.join(", ")));
        }
        if self.compiler != baseline.compiler {
            report.wrong.clear();
            report.less = 0;
        }
        report
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.compiler)?;
        for Row { name, ours, instructions } in &self.rows {
            let whose = if *ours { "ours" } else { "peer" };
            writeln!(f, "{}\t{whose}\t{instructions:.2}", name.join("\t"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(compiler: &str, rows: &[(&str, &str, bool, f64)]) -> Counts {
        let row = |&(column, row, ours, instructions): &(&str, &str, bool, f64)| Row {
            name: ["event", column, row].map(Into::into),
            ours,
            instructions,
        };
        Counts { compiler: compiler.into(), rows: rows.iter().map(row).collect() }
    }

    fn wrong(now: f64, compiler: &str) -> Vec<String> {
        let baseline = counts("one", &[("reveille", "set", true, 100.0)]);
        counts(compiler, &[("reveille", "set", true, now)]).beside(&baseline).wrong
    }

    #[test]
    fn ours_may_take_three_in_a_hundred_more_and_no_more() {
        assert!(wrong(102.9, "one").is_empty());
        assert!(wrong(50.0, "one").is_empty());
        assert_eq!(wrong(103.1, "one"), ["event, reveille, set: 100.0 became 103.1"]);
    }

    #[test]
    fn what_has_shrunk_is_counted() {
        let before = counts("one", &[("reveille", "set", true, 100.0)]);
        let less = |now| counts("one", &[("reveille", "set", true, now)]).beside(&before).less;
        assert_eq!([97.5, 96.0].map(less), [0, 1]);
    }

    #[test]
    fn another_compiler_is_told_and_not_judged() {
        assert!(wrong(200.0, "another").is_empty());
    }

    #[test]
    fn row_that_comes_or_goes_is_wrong_until_it_is_accepted() {
        let one = counts("one", &[("reveille", "set", true, 1.0)]);
        let other = counts("one", &[("reveille", "clear", true, 1.0)]);
        let wrong = other.beside(&one).wrong;
        let expected =
            ["event, reveille, clear is not in", "event, reveille, set is counted no more"];
        assert!(wrong.iter().zip(expected).all(|(wrong, expected)| wrong.starts_with(expected)));
        assert_eq!(wrong.len(), 2);
    }

    #[test]
    fn peers_are_shown_and_not_judged() {
        let rows =
            [("reveille", "set", true, 9.0), ("a", "set", false, 8.0), ("b", "set", false, 7.0)];
        let before = counts("one", &[("reveille", "set", true, 9.0), ("b", "set", false, 1.0)]);
        let report = counts("one", &rows).beside(&before);
        assert!(report.wrong.is_empty());
        assert!(report.text.trim_end().ends_with("9.0   +0.0 %   b 7.0"), "{}", report.text);
    }

    #[test]
    fn baseline_is_read_as_it_was_written() {
        let counts =
            counts("rustc 1.2.3", &[("reveille", "set", true, 9.25), ("a b", "c", false, 8.0)]);
        assert_eq!(Counts::read(&counts.to_string()), Ok(counts));
        assert!(Counts::read("rustc 1.2.3\nevent\ta\tset\ttheirs\t1.0").is_err());
    }

    #[test]
    fn lines_of_valgrind_are_no_deeds() {
        let (row, times) = deed("event\ttokio Notify\tset, 100 waiters\tpeer\t100").unwrap();
        assert_eq!(
            (row.name.join("/"), row.ours, times),
            ("event/tokio Notify/set, 100 waiters".into(), false, 100.0)
        );
        assert!(deed("==12== Events    : Ir").is_none());
    }

    #[test]
    fn baseline_of_this_tree_can_be_read() {
        let text = fs::read_to_string(crate::root().join(BASELINE)).unwrap();
        let baseline = Counts::read(&text).unwrap();
        assert!(baseline.compiler.starts_with("rustc 1."));
        assert!(baseline.rows.iter().any(|row| row.ours));
    }
}
