//! What the sweeps have written: a file for each operation, a word and a value on each line.

use crate::{files, step::Stop};
use std::{
    collections::BTreeSet,
    fmt, fs,
    path::{Path, PathBuf},
};

/// All operations together.
#[derive(Debug, Default)]
pub(super) struct Reports {
    operations: Vec<Operation>,
    program: PathBuf,
    stepped: BTreeSet<u64>,
}

#[derive(Debug, Default)]
struct Operation {
    name: String,
    points: usize,
    signals: usize,
    missed: usize,
}

// === impl Reports ===

impl Reports {
    pub(super) fn read(folder: &Path) -> Result<Self, Stop> {
        let mut reports = Self::default();
        for path in files::below(folder)? {
            reports.add(&fs::read_to_string(path)?).map_err(Stop::Failed)?;
        }
        if reports.operations.is_empty() {
            return Err(Stop::failed("no operation was stepped"));
        }
        Ok(reports)
    }

    fn add(&mut self, text: &str) -> Result<(), String> {
        let mut operation = Operation::default();
        for line in text.lines() {
            let what = || format!("what is `{line}` in a report?");
            let (key, value) = line.split_once(' ').ok_or_else(what)?;
            let number = || value.parse().map_err(|_| what());
            match key {
                "program" => self.program = value.into(),
                "operation" => operation.name = value.into(),
                "points" => operation.points = number()?,
                "signals" => operation.signals = number()?,
                "missed" => operation.missed = number()?,
                "at" => {
                    self.stepped.insert(u64::from_str_radix(value, 16).map_err(|_| what())?);
                }
                _ => return Err(what()),
            }
        }
        self.operations.push(operation);
        Ok(())
    }

    /// The program that was stepped.
    pub(super) fn program(&self) -> &Path {
        &self.program
    }

    /// The address of each instruction that was stepped.
    pub(super) fn stepped(&self) -> &BTreeSet<u64> {
        &self.stepped
    }

    /// How many operations, points and signals there were.
    pub(super) fn total(&self) -> (usize, usize, usize) {
        let sum = |count: fn(&Operation) -> usize| self.operations.iter().map(count).sum();
        let points = sum(|operation| operation.points);
        (self.operations.len(), points, sum(|operation| operation.signals))
    }

    /// How many points were not reached.
    pub(super) fn missed(&self) -> usize {
        self.operations.iter().map(|it| it.missed).sum()
    }
}

impl fmt::Display for Reports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |name: &str, points: usize, signals: usize| {
            writeln!(f, "  {name:<34} {points:>6} points {signals:>7} signals")
        };
        for operation in &self.operations {
            line(&operation.name, operation.points, operation.signals)?;
        }
        let (operations, points, signals) = self.total();
        line(&format!("{operations} operations"), points, signals)?;
        writeln!(f, "  0 lost, 0 doubled, 0 deadlocked, {} not reached", self.missed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn report_is_added_to_the_others() {
        let mut reports = Reports::default();
        reports.add("program /p\noperation set: a\npoints 3\nsignals 6\nmissed 0\nat a\n").unwrap();
        reports
            .add("program /p\noperation b\npoints 1\nsignals 1\nmissed 1\nat b\nat a\n")
            .unwrap();
        assert_eq!(reports.stepped, [0xa, 0xb].into());
        assert_eq!((reports.missed(), reports.program()), (1, Path::new("/p")));
        let text = reports.to_string();
        assert!(
            text.contains("set: a ") && text.contains("     4 points       7 signals"),
            "{text}"
        );
    }

    #[test]
    fn line_that_nobody_knows_is_an_error() {
        assert!(Reports::default().add("points many\n").is_err());
        assert!(Reports::default().add("dots 3\n").is_err());
    }
}
