//! The instructions of each row that one thread can run, counted by callgrind.
//!
//! ```text
//! benches/src/bin/instructions ── valgrind ─┬─► a line for each row    ─┐
//!                                           └─► a dump after each row  ─┴─► Counts ─► beside the baseline
//! ```
//! A count is the same in each run of one build, however busy the machine is. The accepted counts are
//! in `benches/instructions.tsv`, with the compiler: ours may take at most 3 % more with the same
//! compiler. Another compiler generates other code; the change is then shown, and not judged. The
//! counts of the peers are there for comparison, and are not judged.
//!
//! # Limits
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

/// The function in which callgrind counts, called once for each line that the program prints.
const COUNTED: &str = "reveille_benches_counted";

/// The counts that were accepted last.
const BASELINE: &str = "benches/instructions.tsv";

/// How much more ours may take.
const MOST: f64 = 1.03;

/// How long callgrind may take.
const LIMIT: Duration = Duration::from_secs(1800);

const ACCEPT: &str =
    "if it is intended, run `cargo xtask instructions-accept`, and give the reason in the commit";

/// Counts of one compiler.
#[derive(Debug, PartialEq)]
struct Counts {
    /// As `rustc -V` prints it.
    compiler: String,
    rows: Vec<Row>,
}

/// One line of the baseline, and of the program that is counted.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    /// The type, the column, the row.
    name: [String; 3],
    ours: bool,
    /// Instructions of one iteration; in a line of the program, the iterations.
    figure: f64,
}

/// The counts beside the baseline.
#[derive(Debug)]
struct Report {
    text: String,
    /// What breaks the rule; empty with another compiler.
    wrong: Vec<String>,
    /// Rows of ours that take so much less that they could grow again unnoticed.
    less: usize,
}

pub(crate) fn check() -> Done {
    let now = count()?;
    let baseline = fs::read_to_string(BASELINE)
        .map_err(|error| Stop::Failed(format!("{BASELINE}: {error}; {ACCEPT}")))?;
    let baseline = Counts::read(&baseline).map_err(Stop::Failed)?;
    let Report { text, wrong, less } = now.beside(&baseline);
    print!("{text}");
    if less > 0 {
        note(format!("{less} rows take less: `cargo xtask instructions-accept` keeps them there"));
    }
    if now.compiler != baseline.compiler {
        note(format!("the baseline is of {}: nothing is judged", baseline.compiler));
    }
    match wrong.len() {
        0 => Ok(()),
        _ => Err(Stop::Failed(format!("{}; {ACCEPT}", wrong.join("; ")))),
    }
}

/// Makes the counts of this tree the baseline.
pub(crate) fn accept() -> Done {
    let now = count()?;
    fs::write(BASELINE, now.to_string())?;
    println!("{BASELINE}: {} counts of {}", now.rows.len(), now.compiler);
    Ok(())
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
    let words = format!(
        "--tool=callgrind --quiet --callgrind-out-file={}/count --toggle-collect={COUNTED} \
         --dump-after={COUNTED} {}/release/instructions",
        dumps.display(),
        folder.display(),
    );
    let output = Run::program("valgrind", &words).limit(LIMIT).hushed()?;
    if !output.passed() {
        return Err(Stop::Failed(format!("callgrind: {}", output.text)));
    }
    // Valgrind prints lines of its own.
    let mut rows: Vec<Row> = output.text.lines().filter_map(Row::read).collect();
    for (number, row) in rows.iter_mut().enumerate() {
        row.figure = total(&dumps.join(format!("count.{}", number + 1)))? / row.figure;
    }
    if rows.is_empty() {
        return Err(Stop::Failed(format!("nothing was counted: {}", output.text)));
    }
    Ok(Counts { compiler: compiler()?, rows })
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

// === impl Row ===

impl Row {
    fn read(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split('\t').collect();
        let [of, column, row, whose @ ("ours" | "peer"), figure] = fields[..] else { return None };
        let name = [of, column, row].map(Into::into);
        Some(Self { name, ours: whose == "ours", figure: figure.parse().ok()? })
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = if self.ours { "ours" } else { "peer" };
        write!(f, "{}\t{whose}\t{:.2}", self.name.join("\t"), self.figure)
    }
}

// === impl Counts ===

impl Counts {
    /// Reads what [`fmt::Display`] has written.
    fn read(text: &str) -> Result<Self, String> {
        let mut lines = text.lines();
        let compiler = lines.next().unwrap_or_default().to_owned();
        let row = |line| Row::read(line).ok_or(format!("{BASELINE}: not a count: {line:?}"));
        Ok(Self { compiler, rows: lines.map(row).collect::<Result<_, _>>()? })
    }

    fn row(&self, name: &[String; 3]) -> Option<&Row> {
        self.rows.iter().find(|row| row.name == *name)
    }

    /// The peer that takes the fewest instructions in the row of this name.
    fn best_peer(&self, [of, _, row]: &[String; 3]) -> Option<&Row> {
        let same = |peer: &&Row| !peer.ours && peer.name[0] == *of && peer.name[2] == *row;
        let peers = self.rows.iter().filter(same);
        peers.min_by(|one, other| one.figure.total_cmp(&other.figure))
    }

    /// Each row of ours beside the baseline, and beside the best peer.
    fn beside(&self, baseline: &Self) -> Report {
        let mut report = Report { text: String::new(), wrong: Vec::new(), less: 0 };
        for row in self.rows.iter().filter(|row| row.ours) {
            let (name, now) = (row.name.join(", "), row.figure);
            let change = match baseline.row(&row.name).map(|before| before.figure) {
                Some(before) => {
                    if now > MOST * before {
                        report.wrong.push(format!("{name}: {before:.1} became {now:.1}"));
                    }
                    report.less += usize::from(now * MOST < before);
                    format!("{:+.1} %", 100.0 * (now / before - 1.0))
                }
                None => {
                    report.wrong.push(format!("{name} is not in {BASELINE}"));
                    "new".into()
                }
            };
            let peer = self.best_peer(&row.name);
            let peer = peer.map(|peer| format!("{} {:.1}", peer.name[1], peer.figure));
            let peer = peer.unwrap_or_default();
            // Writing to a String cannot fail.
            _ = writeln!(report.text, "{name:<58} {now:>8.1} {change:>8}   {peer}");
        }
        for gone in baseline.rows.iter().filter(|row| row.ours && self.row(&row.name).is_none()) {
            report.wrong.push(format!("{} is no longer counted", gone.name.join(", ")));
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
        self.rows.iter().try_for_each(|row| writeln!(f, "{row}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(compiler: &str, rows: &[(&str, &str, bool, f64)]) -> Counts {
        let row = |&(column, row, ours, figure): &(&str, &str, bool, f64)| {
            let name = ["event", column, row].map(Into::into);
            Row { name, ours, figure }
        };
        Counts { compiler: compiler.into(), rows: rows.iter().map(row).collect() }
    }

    fn report(now: f64, compiler: &str) -> Report {
        let baseline = counts("one", &[("reveille", "set", true, 100.0)]);
        counts(compiler, &[("reveille", "set", true, now)]).beside(&baseline)
    }

    #[test]
    fn ours_may_take_three_per_cent_more_with_the_same_compiler() {
        assert!(report(102.9, "one").wrong.is_empty());
        assert_eq!(report(103.1, "one").wrong, ["event, reveille, set: 100.0 became 103.1"]);
        assert!(report(200.0, "another").wrong.is_empty());
    }

    #[test]
    fn rows_that_take_three_per_cent_less_are_reported() {
        assert_eq!([97.5, 96.0].map(|now| report(now, "one").less), [0, 1]);
    }

    #[test]
    fn row_that_comes_or_goes_is_wrong_until_it_is_accepted() {
        let one = counts("one", &[("reveille", "set", true, 1.0)]);
        let other = counts("one", &[("reveille", "clear", true, 1.0)]);
        let [new, gone] = &other.beside(&one).wrong[..] else { panic!("two rows are wrong") };
        assert!(new.starts_with("event, reveille, clear is not in"), "{new}");
        assert_eq!(gone, "event, reveille, set is no longer counted");
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
        for line in ["event\ta\tset\ttheirs\t1.0", "==12== Events    : Ir"] {
            assert!(Counts::read(&format!("rustc 1.2.3\n{line}")).is_err(), "{line}");
        }
    }

    #[test]
    fn baseline_of_this_tree_can_be_read() {
        let text = fs::read_to_string(crate::root().join(BASELINE)).unwrap();
        let baseline = Counts::read(&text).unwrap();
        assert!(baseline.compiler.starts_with("rustc 1."));
        assert!(baseline.rows.iter().any(|row| row.ours));
    }
}
