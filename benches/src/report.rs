//! From durations to Markdown: medians, ratios within a round, and the conditions of a run.

use std::fmt::{self, Write};
use std::hint::black_box;
use std::thread;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::interval;

/// The head of a column: one of ours, a peer, or the floor.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Column {
    pub name: &'static str,
    /// The package it comes from; `None` for the floor.
    pub package: Option<&'static str>,
}

/// The samples of one run.
#[derive(Debug, Deserialize, Serialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<Samples>,
}

/// The samples of one row: one a round for every column, in nanoseconds an iteration.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Samples {
    pub row: String,
    /// What it measures: a sentence.
    pub about: String,
    /// Iterations between two readings of the clock.
    pub batch: u64,
    /// `by_column[c][r]`: column `c` in round `r`; `None` where it has no answer.
    pub by_column: Vec<Option<Vec<f64>>>,
}

/// The ratio of one column to another, from the ratios within a round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    pub median: f64,
    /// The 95 % interval of the median; `None` with fewer than six rounds.
    pub interval: Option<[f64; 2]>,
}

/// Which side of 1 the interval of a ratio is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Ahead,
    /// The interval contains 1, or there is none.
    Level,
    Behind,
}

// === impl Column ===

impl Column {
    #[must_use]
    pub const fn new(name: &'static str, package: Option<&'static str>) -> Self {
        Self { name, package }
    }

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

    /// The peer with the least median.
    #[must_use]
    pub fn best_peer(&self, columns: &[Column]) -> Option<usize> {
        let peers = (0..columns.len()).filter(|&column| columns[column].is_peer());
        let medians = peers.filter_map(|peer| Some((peer, self.median(peer)?)));
        medians.min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(peer, _)| peer)
    }

    /// The share of the clock in the fastest column, if reading it takes so many nanoseconds. A
    /// column that has nothing to do in a row does not count.
    #[must_use]
    pub fn clock_share(&self, reading: f64) -> Option<f64> {
        let medians = (0..self.by_column.len()).filter_map(|column| self.median(column));
        let least = medians.filter(|&median| median > 0.0).min_by(f64::total_cmp)?;
        Some(reading / (least * self.batch as f64))
    }

    /// `None` if no ratio is a number.
    #[must_use]
    pub fn ratio(&self, one: usize, other: usize) -> Option<Ratio> {
        let ones = self.by_column[one].as_deref()?;
        let others = self.by_column[other].as_deref()?;
        let ratios = ones.iter().zip(others).map(|(one, other)| one / other);
        let ratios: Vec<f64> = ratios.filter(|ratio| ratio.is_finite()).collect();
        (!ratios.is_empty())
            .then(|| Ratio { median: median(&ratios), interval: interval::of_median(&ratios) })
    }

    /// That ratio in a cell of a table.
    fn cell(&self, one: usize, other: usize) -> String {
        self.ratio(one, other).map_or("–".into(), |ratio| format!("{ratio:#}"))
    }
}

// === impl Ratio ===

impl Ratio {
    #[must_use]
    pub fn standing(&self) -> Standing {
        match self.interval {
            Some([_, high]) if high < 1.0 => Standing::Ahead,
            Some([low, _]) if low > 1.0 => Standing::Behind,
            _ => Standing::Level,
        }
    }
}

/// The median, in bold in the alternate form, and its interval.
impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bold = if f.alternate() { "**" } else { "" };
        write!(f, "{bold}{}{bold}", figure(self.median))?;
        match self.interval {
            Some([low, high]) => write!(f, ", {}–{}", figure(low), figure(high)),
            None => Ok(()),
        }
    }
}

// === impl Table ===

impl Table {
    #[must_use]
    pub fn row(&self, name: &str) -> Option<&Samples> {
        self.rows.iter().find(|samples| samples.row == name)
    }

    /// Our columns.
    pub fn ours(&self) -> impl Iterator<Item = usize> {
        (0..self.columns.len()).filter(|&column| self.columns[column].is_ours())
    }

    /// Medians of every row and column, then the ratios of each of our columns to the best peer and
    /// to the floor.
    #[must_use]
    pub fn markdown(&self) -> String {
        let ours: Vec<usize> = self.ours().collect();
        let floor = self.columns.iter().position(Column::is_floor);
        let ratios = ours.iter().flat_map(|&ours| {
            let ours = self.columns[ours].name;
            let to_floor = floor.map(|floor| format!("{ours}/{}", self.columns[floor].name));
            [Some(format!("{ours}/best peer")), to_floor].into_iter().flatten()
        });
        let names = self.columns.iter().map(|column| column.name.to_owned());
        let mut table = header("median, ns", names.chain(ratios));
        for samples in &self.rows {
            let medians = (0..self.columns.len()).map(|column| nanoseconds(samples.median(column)));
            let ratios = ours.iter().flat_map(|&ours| {
                let to_best = match samples.best_peer(&self.columns) {
                    Some(best) if samples.median(ours).is_some() => {
                        format!("{} ({})", samples.cell(ours, best), self.columns[best].name)
                    }
                    _ => "–".into(),
                };
                let to_floor = floor.map(|floor| samples.cell(ours, floor));
                [Some(to_best), to_floor].into_iter().flatten()
            });
            line(&mut table, &samples.row, medians.chain(ratios));
        }
        table
    }

    /// The ratios of one of our columns to every other that is not ours.
    #[must_use]
    pub fn ratios(&self, ours: usize) -> String {
        let others = || (0..self.columns.len()).filter(|&other| !self.columns[other].is_ours());
        let corner = format!("{}/theirs", self.columns[ours].name);
        let mut table = header(&corner, others().map(|other| self.columns[other].name));
        for samples in &self.rows {
            line(&mut table, &samples.row, others().map(|other| samples.cell(ours, other)));
        }
        table
    }
}

// === Markdown ===

/// A ratio with two decimal places, or with two significant digits where those would be zeros.
pub(crate) fn figure(ratio: f64) -> String {
    match ratio {
        ratio if ratio >= 0.095 || ratio <= 0.0 => format!("{ratio:.2}"),
        ratio => {
            let zeros = (-ratio.log10()).ceil() as usize;
            format!("{ratio:.places$}", places = zeros + 1)
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

/// Adds a line to it.
pub fn line<S: AsRef<str>>(table: &mut String, name: &str, cells: impl IntoIterator<Item = S>) {
    let _ = write!(table, "| {name} |");
    for cell in cells {
        let _ = write!(table, " {} |", cell.as_ref());
    }
    table.push('\n');
}

// === conditions ===

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
            // The name of a package that is not cargo's contains its version.
            None => (*name).to_owned(),
        })
        .collect();
    format!("{}; {}; {cores} cores", env!("BENCHES_RUSTC"), packages.join(", "))
}

/// The version of `package` in the lock file that this was built with.
#[must_use]
pub fn version(package: &str) -> Option<&'static str> {
    const LOCK: &str = include_str!("../../Cargo.lock");
    let entry = |name: &str| LOCK.split_once(&format!("\nname = \"{name}\"\nversion = \""));
    // Of several versions of a package, a dependent names its own.
    let (_, own) = entry(env!("CARGO_PKG_NAME"))?;
    let named = own.split('"').find_map(|word| word.strip_prefix(package)?.strip_prefix(' '));
    named.or_else(|| entry(package)?.1.split('"').next())
}

/// Nanoseconds that reading the clock takes: the midmean of many, a thousand at a time.
#[must_use]
pub fn reading_of_the_clock() -> f64 {
    const READINGS: u32 = 1_000;
    let readings = (0..READINGS).map(|_| {
        let begin = Instant::now();
        for _ in 0..READINGS {
            black_box(Instant::now());
        }
        begin.elapsed().as_secs_f64() * 1e9 / f64::from(READINGS)
    });
    midmean(&readings.collect::<Vec<_>>())
}

// === statistics ===

#[must_use]
pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// The mean of the middle half: outliers do not affect it, and it does not jump between two modes.
#[must_use]
pub fn midmean(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let quarter = sorted.len() / 4;
    let middle = &sorted[quarter..sorted.len() - quarter];
    middle.iter().sum::<f64>() / middle.len() as f64
}

/// The 99th percentile.
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
        let packages = [Some("reveille"), Some("tokio"), Some("events"), None];
        let columns = packages.map(|package| Column::new("column", package));
        let mut samples = Samples::new("row".into(), String::new(), 1, columns.len());
        for (column, nanoseconds) in [1.0, 5.0, 4.0, 0.5].into_iter().enumerate() {
            samples.push(column, nanoseconds);
        }
        assert_eq!(samples.best_peer(&columns), Some(2));
    }

    #[test]
    fn clock_share_is_that_of_the_fastest_column_with_work_to_do() {
        let mut samples = Samples::new("row".into(), String::new(), 100, 3);
        for (column, nanoseconds) in [8.0, 4.0, 0.0].into_iter().enumerate() {
            samples.push(column, nanoseconds);
        }
        assert_eq!(samples.clock_share(20.0), Some(0.05));
    }

    #[test]
    fn version_is_that_of_the_dependency() {
        // The lock file has another mio, for another member of the workspace.
        assert!(version("mio").is_some_and(|version| version.starts_with("1.")));
        assert!(version("tokio").is_some() && version("std").is_none());
    }

    #[test]
    fn figure_has_two_significant_digits() {
        let figures = [12.345, 1.0, 0.999, 0.0951, 0.0949, 0.01, 0.009_96, 0.000_123, 0.0];
        let shown =
            ["12.35", "1.00", "1.00", "0.10", "0.095", "0.010", "0.0100", "0.00012", "0.00"];
        assert_eq!(figures.map(figure), shown);
    }
}
