//! From durations to Markdown: medians, ratios of pairs, the line that says what was measured.

use std::fmt::{self, Write};
use std::hint::black_box;
use std::thread;
use std::time::Instant;

use crate::interval;

/// What heads a column: ours, peers, and perhaps a floor.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub name: &'static str,
    /// The package it comes from; none for the floor.
    pub package: Option<&'static str>,
}

/// All that was measured in one run.
#[derive(Debug)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<Samples>,
}

/// All samples of one row: one a round for every column, in nanoseconds an iteration.
#[derive(Debug)]
pub struct Samples {
    pub row: String,
    /// What it measures: a sentence.
    pub about: String,
    /// How often that is done between two looks at the clock.
    pub batch: u64,
    /// `by_column[c][r]`: column `c` in round `r`; none where it takes no part.
    pub by_column: Vec<Option<Vec<f64>>>,
}

/// How one column's samples stand to another's, by the ratios within a round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    pub median: f64,
    /// The 95 % interval of the median; none of too few pairs.
    pub interval: Option<[f64; 2]>,
    pub pairs: usize,
}

// === impl Column ===

impl Column {
    #[must_use]
    pub fn is_floor(&self) -> bool {
        self.package.is_none()
    }

    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.package == Some("reveille")
    }

    #[must_use]
    pub fn is_peer(&self) -> bool {
        !self.is_floor() && !self.is_ours()
    }
}

// === impl Samples ===

impl Samples {
    #[must_use]
    pub fn new(row: String, about: String, batch: u64, columns: usize) -> Self {
        Self { row, about, batch, by_column: vec![None; columns] }
    }

    pub fn push(&mut self, column: usize, nanoseconds: f64) {
        self.by_column[column].get_or_insert_default().push(nanoseconds);
    }

    #[must_use]
    pub fn median(&self, column: usize) -> Option<f64> {
        self.by_column[column].as_deref().map(median)
    }

    /// The peer with the least median. The floor is no peer, nor are we.
    #[must_use]
    pub fn best_peer(&self, columns: &[Column]) -> Option<usize> {
        self.best_of((0..columns.len()).filter(|&column| columns[column].is_peer()))
    }

    /// The one of these with the least median.
    #[must_use]
    pub fn best_of(&self, columns: impl Iterator<Item = usize>) -> Option<usize> {
        let medians = columns.filter_map(|column| Some((column, self.median(column)?)));
        medians.min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(column, _)| column)
    }

    /// One's to another's, in each round.
    #[must_use]
    pub fn ratios(&self, one: usize, other: usize) -> Option<Vec<f64>> {
        let ones = self.by_column[one].as_deref()?;
        let others = self.by_column[other].as_deref()?;
        Some(ones.iter().zip(others).map(|(a, b)| a / b).collect())
    }

    /// Which part of what is measured the clock takes in the fastest column, if a look takes so many
    /// nanoseconds. A column that has nothing to do in a row is none.
    #[must_use]
    pub fn clock_share(&self, look: f64) -> Option<f64> {
        let medians = (0..self.by_column.len()).filter_map(|column| self.median(column));
        let least = medians.filter(|&median| median > 0.0).min_by(f64::total_cmp)?;
        Some(look / (least * self.batch as f64))
    }

    #[must_use]
    pub fn ratio(&self, one: usize, other: usize) -> Option<Ratio> {
        Ratio::of(self.ratios(one, other)?)
    }
}

// === impl Ratio ===

impl Ratio {
    /// None if no ratio is a number.
    #[must_use]
    pub fn of(mut ratios: Vec<f64>) -> Option<Self> {
        ratios.retain(|ratio| ratio.is_finite());
        (!ratios.is_empty()).then(|| Self {
            median: median(&ratios),
            interval: interval::of_median(&ratios),
            pairs: ratios.len(),
        })
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&figure(self.median))?;
        match self.interval {
            Some([low, high]) => write!(f, ", {}–{}", figure(low), figure(high)),
            None => Ok(()),
        }
    }
}

// === impl Table ===

impl Table {
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    #[must_use]
    pub fn row(&self, name: &str) -> Option<&Samples> {
        self.rows.iter().find(|samples| samples.row == name)
    }

    /// Our columns.
    pub fn ours(&self) -> impl Iterator<Item = usize> {
        (0..self.columns.len()).filter(|&column| self.columns[column].is_ours())
    }

    #[must_use]
    pub fn floor(&self) -> Option<usize> {
        self.columns.iter().position(Column::is_floor)
    }

    /// Every row by every column, medians in nanoseconds.
    #[must_use]
    pub fn medians(&self) -> String {
        let mut table = header("median, ns", self.columns.iter().map(|column| column.name));
        for samples in &self.rows {
            let cells = (0..self.columns.len()).map(|column| nanoseconds(samples.median(column)));
            line(&mut table, &samples.row, cells);
        }
        table
    }

    /// The column `ours` to every other that is not ours too; below 1 we are faster.
    #[must_use]
    pub fn ratios(&self, ours: usize) -> String {
        let others = || {
            let own = self.columns[ours].package;
            (0..self.columns.len()).filter(move |&other| self.columns[other].package != own)
        };
        let names = others().map(|other| self.columns[other].name);
        let columns = ["best peer", "ours/best", "95 % interval"].into_iter().chain(names);
        let mut table = header("ours/theirs", columns);
        for samples in &self.rows {
            let best = samples.best_peer(&self.columns);
            let ratio = best.and_then(|best| samples.ratio(ours, best));
            let mut cells = vec![
                best.map_or("–".into(), |best| self.columns[best].name.to_string()),
                ratio.map_or("–".into(), |ratio| format!("**{}**", figure(ratio.median))),
                ratio.and_then(|ratio| ratio.interval).map_or("–".into(), |[low, high]| {
                    format!("{}–{}", figure(low), figure(high))
                }),
            ];
            cells.extend(others().map(|other| match samples.ratio(ours, other) {
                Some(ratio) => figure(ratio.median),
                None => "–".into(),
            }));
            line(&mut table, &samples.row, cells);
        }
        table
    }
}

// === Markdown ===

/// A ratio: two places behind the point, and two digits where those would be noughts.
pub(crate) fn figure(ratio: f64) -> String {
    match ratio {
        ratio if ratio >= 0.095 || ratio <= 0.0 => format!("{ratio:.2}"),
        ratio => {
            let noughts = (-ratio.log10()).ceil() as usize;
            format!("{ratio:.places$}", places = noughts + 1)
        }
    }
}

/// A median in a cell.
pub(crate) fn nanoseconds(median: Option<f64>) -> String {
    match median {
        Some(median) if median < 100.0 => format!("{median:.1}"),
        Some(median) => format!("{median:.0}"),
        None => "–".into(),
    }
}

/// A Markdown table with its title in the corner.
pub fn header<S: AsRef<str>>(corner: &str, columns: impl IntoIterator<Item = S>) -> String {
    let mut table = String::new();
    let before = columns.into_iter().fold(format!("| {corner} |"), |mut head, column| {
        let _ = write!(head, " {} |", column.as_ref());
        head
    });
    let columns = before.matches('|').count() - 2;
    let _ = writeln!(table, "{before}\n|---|{}", "---:|".repeat(columns));
    table
}

/// One more line below it.
pub fn line<S: AsRef<str>>(table: &mut String, name: &str, cells: impl IntoIterator<Item = S>) {
    let _ = write!(table, "| {name} |");
    for cell in cells {
        let _ = write!(table, " {} |", cell.as_ref());
    }
    table.push('\n');
}

// === what was measured ===

/// Compiler, packages and cores.
#[must_use]
pub fn conditions(columns: &[Column]) -> String {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let mut packages: Vec<_> = columns.iter().filter_map(|column| column.package).collect();
    packages.dedup();
    // std's version is the compiler's.
    packages.retain(|&package| package != "std");
    let packages: Vec<_> = (packages.iter())
        .map(|name| match version(name) {
            Some(version) => format!("{name} {version}"),
            // What is not cargo's tells its version in its name.
            None => (*name).to_owned(),
        })
        .collect();
    format!("{}; {}; {cores} cores", env!("BENCHES_RUSTC"), packages.join(", "))
}

/// The version of `package` in the lock file that this was built with.
#[must_use]
pub fn version(package: &str) -> Option<&'static str> {
    const LOCK: &str = include_str!("../../Cargo.lock");
    let (_, found) = LOCK.split_once(&format!("\nname = \"{package}\"\nversion = \""))?;
    found.split('"').next()
}

/// Nanoseconds of one look at the clock: the midmean of many, a thousand at a time.
#[must_use]
pub fn look_at_the_clock() -> f64 {
    const LOOKS: u32 = 1_000;
    let looks = (0..LOOKS).map(|_| {
        let begin = Instant::now();
        for _ in 0..LOOKS {
            black_box(Instant::now());
        }
        begin.elapsed().as_secs_f64() * 1e9 / f64::from(LOOKS)
    });
    midmean(&looks.collect::<Vec<_>>())
}

// === statistics ===

#[must_use]
pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// The mean of the middle half: outliers have no part in it, and it does not jump between two modes.
#[must_use]
pub fn midmean(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let quarter = sorted.len() / 4;
    let middle = &sorted[quarter..sorted.len() - quarter];
    middle.iter().sum::<f64>() / middle.len() as f64
}

/// All but the slowest hundredth are faster.
#[must_use]
pub fn p99(values: &[f64]) -> f64 {
    quantile(values, 0.99)
}

/// By linear interpolation between neighbours.
fn quantile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = part * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    low + (high - low) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 4] = [
        Column { name: "ours", package: Some("reveille") },
        Column { name: "slow", package: Some("tokio") },
        Column { name: "fast", package: Some("events") },
        Column { name: "floor", package: None },
    ];

    #[test]
    fn median_of_an_even_number_lies_between_the_two_in_the_middle() {
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), 2.5);
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
    }

    #[test]
    fn midmean_leaves_out_a_quarter_at_either_end() {
        assert_eq!(midmean(&[900.0, 3.0, 1.0, 2.0, 4.0]), 3.0);
        assert_eq!(midmean(&[7.0]), 7.0);
    }

    #[test]
    fn ratio_pairs_the_samples_of_one_round() {
        let mut samples = Samples::new("row".into(), String::new(), 1, 2);
        for (ours, theirs) in [(1.0, 2.0), (10.0, 20.0), (100.0, 400.0)] {
            samples.push(0, ours);
            samples.push(1, theirs);
        }
        assert_eq!(samples.ratio(0, 1).map(|ratio| ratio.median), Some(0.5));
    }

    #[test]
    fn best_peer_is_neither_ours_nor_the_floor() {
        let mut samples = Samples::new("row".into(), String::new(), 1, COLUMNS.len());
        for (column, nanoseconds) in [1.0, 5.0, 4.0, 0.5].into_iter().enumerate() {
            samples.push(column, nanoseconds);
        }
        assert_eq!(samples.best_peer(&COLUMNS), Some(2));
    }

    #[test]
    fn clock_share_is_that_of_the_fastest_column_that_does_anything() {
        let mut samples = Samples::new("row".into(), String::new(), 100, 3);
        for (column, nanoseconds) in [8.0, 4.0, 0.0].into_iter().enumerate() {
            samples.push(column, nanoseconds);
        }
        assert_eq!(samples.clock_share(20.0), Some(0.05));
    }

    #[test]
    fn figure_has_two_digits_that_say_something() {
        let figures = [12.345, 1.0, 0.999, 0.0951, 0.0949, 0.01, 0.009_96, 0.000_123, 0.0];
        let shown =
            ["12.35", "1.00", "1.00", "0.10", "0.095", "0.010", "0.0100", "0.00012", "0.00"];
        assert_eq!(figures.map(figure), shown);
    }
}
