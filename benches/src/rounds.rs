//! The interleaved measurement, and what the command line asks of it.
//!
//! A round is nine turns; in each of them every column runs the case once, briefly, one right after
//! the other and in an order that rotates: drift of the machine falls on all of them alike. A row
//! makes one number of what a column took in the turns of a round; the tables are medians over the
//! rounds, and ratios are taken within a round. How sure their median is, is told in
//! [`interval`](crate::interval).
//!
//! Arguments: `--rounds N` (31), `--row NAME` (rows whose name contains it), `--save FOLDER` (the samples,
//! for the page of all comparisons).

use std::env;
use std::fmt;
use std::path::PathBuf;
use std::process::exit;

use crate::report::{Samples, Table, median, midmean, p99};

const ROUNDS: usize = 31;
const TURNS: usize = 9;

/// What was asked for: `[--rounds N] [--row NAME] [--save FOLDER] [--bench]`.
#[derive(Debug)]
pub struct Options {
    pub rounds: usize,
    /// Only rows whose name contains this.
    pub row: String,
    /// Where to save what was measured.
    pub save: Option<PathBuf>,
    /// Measure, instead of trying everything out once.
    pub bench: bool,
}

/// A row to be measured, and how all that a column took in one round becomes one number.
pub struct Row {
    pub name: String,
    statistic: fn(&[f64]) -> f64,
}

/// Measures one case, and adds those of its rows that are wanted to the table.
///
/// `run` has the column of that number run the case once: nanoseconds, any number of samples for
/// each row, or nothing where the case has no meaning.
///
/// # Panics
/// If `run` does, since a peer that loses a wake-up has no number.
pub fn measure(
    options: &Options,
    table: &mut Table,
    rows: Vec<Row>,
    mut run: impl FnMut(usize) -> Option<Vec<Vec<f64>>>,
) {
    let wanted = |row: &Row| row.name.contains(&options.row);
    if !rows.iter().any(wanted) {
        return;
    }
    eprintln!("{}", rows[0].name);
    let columns = table.columns.len();
    let mut measured: Vec<_> =
        rows.iter().map(|row| Samples::new(row.name.clone(), columns)).collect();
    let turns = if options.bench { TURNS } else { 1 };
    for round in 0..options.rounds {
        let mut samples = vec![vec![Vec::new(); rows.len()]; columns];
        for turn in 0..turns {
            for place in 0..columns {
                let column = (round * turns + turn + place) % columns;
                let took = run(column).unwrap_or_default();
                for (all, took) in samples[column].iter_mut().zip(took) {
                    all.extend(took);
                }
            }
        }
        for (column, samples) in samples.iter().enumerate() {
            for ((row, measured), samples) in rows.iter().zip(&mut measured).zip(samples) {
                if !samples.is_empty() {
                    measured.push(column, (row.statistic)(samples));
                }
            }
        }
    }
    let wanted = rows.iter().zip(measured).filter(|(row, _)| wanted(row));
    table.rows.extend(wanted.map(|(_, measured)| measured));
}

// === impl Row ===

impl Row {
    /// What interrupts one run is left out.
    #[must_use]
    pub fn midmean(name: String) -> Self {
        Self { name, statistic: midmean }
    }

    #[must_use]
    pub fn p50(name: &str) -> Self {
        Self { name: format!("{name}, p50"), statistic: median }
    }

    #[must_use]
    pub fn p99(name: &str) -> Self {
        Self { name: format!("{name}, p99"), statistic: p99 }
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row").field("name", &self.name).finish_non_exhaustive()
    }
}

// === impl Options ===

impl Options {
    /// Those of this process; ends it with a message if they are wrong.
    #[must_use]
    pub fn from_args() -> Self {
        Self::parse(env::args().skip(1)).unwrap_or_else(|wrong| {
            eprintln!("{wrong}\narguments: [--rounds N] [--row NAME] [--save FOLDER]");
            exit(2)
        })
    }

    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self { rounds: 0, row: String::new(), save: None, bench: false };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--rounds" => {
                    let rounds = arguments.next().and_then(|number| number.parse().ok());
                    options.rounds = rounds.filter(|&n| n > 0).ok_or("--rounds needs a number")?;
                    options.bench = true;
                }
                "--row" => options.row = arguments.next().ok_or("--row needs a name")?,
                "--save" => {
                    options.save = Some(arguments.next().ok_or("--save needs a folder")?.into());
                }
                "--bench" => options.bench = true,
                // Whatever else cargo passes on.
                _ => {}
            }
        }
        if options.rounds == 0 {
            options.rounds = if options.bench { ROUNDS } else { 1 };
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(arguments: &[&str]) -> Result<Options, String> {
        Options::parse(arguments.iter().map(|argument| argument.to_string()))
    }

    #[test]
    fn without_bench_everything_is_tried_once() {
        assert_eq!(options(&[]).unwrap().rounds, 1);
        assert_eq!(options(&["--bench"]).unwrap().rounds, ROUNDS);
        assert!(options(&["--rounds", "3"]).unwrap().bench);
        assert!(options(&["--rounds", "0"]).is_err());
        assert_eq!(options(&["--save", "here"]).unwrap().save, Some("here".into()));
    }

    #[test]
    fn every_column_runs_once_a_turn_and_unwanted_rows_are_left_out() {
        let mut table = Table { columns: Vec::new(), rows: Vec::new() };
        let column = crate::report::Column { name: "column", package: None };
        table.columns = vec![column; 3];
        let mut runs = [0; 3];
        let rows = vec![Row::p50("hop"), Row::p99("hop")];
        measure(
            &options(&["--rounds", "2", "--row", "p99"]).unwrap(),
            &mut table,
            rows,
            |column| {
                runs[column] += 1;
                (column != 1).then(|| vec![vec![1.0, 2.0], vec![3.0, 4.0]])
            },
        );
        assert_eq!(runs, [2 * TURNS; 3]);
        let [row] = &table.rows[..] else { panic!("one row") };
        assert_eq!(row.row, "hop, p99");
        let rounds: Vec<_> = row.by_column.iter().map(|c| c.as_ref().map(Vec::len)).collect();
        assert_eq!(rounds, [Some(2), None, Some(2)]);
    }
}
