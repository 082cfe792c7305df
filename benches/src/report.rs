//! From durations to Markdown: medians, ratios of pairs, the line that says what was measured.

use std::fmt::Write;
use std::thread;

use crate::SUBJECTS;

/// All samples of one row: one a round for every subject, in nanoseconds an iteration.
#[derive(Debug)]
pub struct Samples {
    pub row: String,
    /// `by_subject[s][r]`: subject `s` of [`SUBJECTS`] in round `r`; none where it takes no part.
    pub by_subject: Vec<Option<Vec<f64>>>,
}

// === impl Samples ===

impl Samples {
    #[must_use]
    pub fn new(row: String) -> Self {
        Self { row, by_subject: vec![None; SUBJECTS.len()] }
    }

    pub fn push(&mut self, subject: usize, nanoseconds: f64) {
        self.by_subject[subject].get_or_insert_default().push(nanoseconds);
    }

    #[must_use]
    pub fn median(&self, subject: usize) -> Option<f64> {
        self.by_subject[subject].as_deref().map(median)
    }

    /// The peer with the least median. The floor is no peer, nor are we.
    #[must_use]
    pub fn best_peer(&self) -> Option<usize> {
        let peers = (1..SUBJECTS.len()).filter(|&subject| !SUBJECTS[subject].is_floor());
        let medians = peers.filter_map(|peer| Some((peer, self.median(peer)?)));
        medians.min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(peer, _)| peer)
    }

    /// Ours to `other`'s: lower quartile, median and upper quartile of the ratios within a round.
    #[must_use]
    pub fn ratio(&self, other: usize) -> Option<[f64; 3]> {
        let ours = self.by_subject[0].as_deref()?;
        let theirs = self.by_subject[other].as_deref()?;
        let mut ratios: Vec<f64> = ours.iter().zip(theirs).map(|(a, b)| a / b).collect();
        ratios.retain(|ratio| ratio.is_finite());
        let quartiles = [0.25, 0.5, 0.75];
        (!ratios.is_empty()).then(|| quartiles.map(|part| quantile(&ratios, part)))
    }
}

// === the tables ===

/// Every row by every subject, medians in nanoseconds.
#[must_use]
pub fn medians(rows: &[Samples]) -> String {
    let mut table = header("median, ns", SUBJECTS.iter().map(|subject| subject.name));
    for samples in rows {
        let cells = (0..SUBJECTS.len()).map(|subject| match samples.median(subject) {
            Some(median) if median < 100.0 => format!("{median:.1}"),
            Some(median) => format!("{median:.0}"),
            None => "–".into(),
        });
        line(&mut table, &samples.row, cells);
    }
    table
}

/// Ours to every other subject's; below 1 we are faster.
#[must_use]
pub fn ratios(rows: &[Samples]) -> String {
    let names = SUBJECTS[1..].iter().map(|subject| subject.name);
    let columns = ["best peer", "ours/best", "quartiles"].into_iter().chain(names);
    let mut table = header("ours/theirs", columns);
    for samples in rows {
        let best = samples.best_peer();
        let ratio = best.and_then(|best| samples.ratio(best));
        let mut cells = vec![
            best.map_or("–".into(), |best| SUBJECTS[best].name.to_string()),
            ratio.map_or("–".into(), |[_, median, _]| format!("**{median:.2}**")),
            ratio.map_or("–".into(), |[low, _, high]| format!("{low:.2}–{high:.2}")),
        ];
        cells.extend((1..SUBJECTS.len()).map(|other| match samples.ratio(other) {
            Some([_, median, _]) => format!("{median:.2}"),
            None => "–".into(),
        }));
        line(&mut table, &samples.row, cells);
    }
    table
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
pub fn conditions() -> String {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let packages = SUBJECTS.iter().filter_map(|subject| subject.package);
    let packages: Vec<_> =
        packages.map(|name| format!("{name} {}", version(name).unwrap_or("?"))).collect();
    format!("{}; {}; {cores} cores", env!("BENCHES_RUSTC"), packages.join(", "))
}

/// The version of `package` in the lock file that this was built with.
#[must_use]
pub fn version(package: &str) -> Option<&'static str> {
    const LOCK: &str = include_str!("../../Cargo.lock");
    let (_, found) = LOCK.split_once(&format!("\nname = \"{package}\"\nversion = \""))?;
    found.split('"').next()
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
    fn every_package_has_a_version() {
        for package in SUBJECTS.iter().filter_map(|subject| subject.package) {
            assert!(version(package).is_some(), "{package}");
        }
    }

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
        let mut samples = Samples::new("row".into());
        for (ours, theirs) in [(1.0, 2.0), (10.0, 20.0), (100.0, 400.0)] {
            samples.push(0, ours);
            samples.push(1, theirs);
        }
        assert_eq!(samples.ratio(1).map(|[_, median, _]| median), Some(0.5));
    }

    #[test]
    fn best_peer_is_neither_ours_nor_the_floor() {
        let mut samples = Samples::new("row".into());
        for (subject, nanoseconds) in [(0, 1.0), (1, 5.0), (2, 4.0), (SUBJECTS.len() - 1, 0.5)] {
            samples.push(subject, nanoseconds);
        }
        assert_eq!(samples.best_peer(), Some(2));
    }
}
