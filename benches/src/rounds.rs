//! The interleaved measurement, and its command line.
//!
//! A round has up to nine turns. In each turn every column runs the case once, briefly, one right
//! after the other. The order of a turn is a row of a Williams square (`order`): over the turns
//! each column follows each other column equally often, so that cache contents and drift of the
//! machine affect all of them alike. A row reduces the samples of a column in one round to one
//! number. The tables show medians over the rounds; ratios are taken within a round, and
//! [`interval`](crate::interval) gives the 95 % interval of their median.
//!
//! A turn before the first round is not counted: it warms up, and measures how many turns fit into
//! a round of one second. All comparisons together take a quarter of an hour.
//!
//! The clock is read twice per batch. A batch has enough iterations to keep that below one per
//! cent; the page names the rows where it is more.
//!
//! Arguments, after `--`: `--rounds N` (31), `--row NAME` (rows whose name contains it),
//! `--save FOLDER` (keeps the samples, for the page). Without `--bench`, as under
//! `cargo test --benches`, each case runs once.

use std::env;
use std::path::PathBuf;
use std::process::exit;
use std::time::{Duration, Instant};

use crate::report::{Samples, Table, median, midmean, p99};

const ROUNDS: usize = 31;
const TURNS: usize = 9;

/// How long a round may take, unless a statistic needs more turns.
const ROUND: Duration = Duration::from_secs(1);

/// The arguments: `[--rounds N] [--row NAME] [--save FOLDER] [--bench]`.
#[derive(Debug)]
pub struct Options {
    pub rounds: usize,
    /// Only rows whose name contains this.
    pub row: String,
    /// Where to save the samples.
    pub save: Option<PathBuf>,
    /// Measure, instead of running everything once.
    pub bench: bool,
}

/// A row of a table, and how the samples of one round become one number.
#[derive(Debug)]
pub struct Row {
    pub name: String,
    /// What it measures: a sentence for the page.
    pub about: String,
    /// Iterations between two readings of the clock.
    batch: u64,
    /// Turns in a round that the statistic needs.
    least_turns: usize,
    statistic: fn(&[f64]) -> f64,
}

/// Something that is run as a whole, and gives one row or more.
pub trait Case: Copy + 'static {
    fn rows(self) -> Vec<Row>;
    /// How many iterations one run has when it is measured.
    fn iterations(self) -> u64;
}

/// Nanoseconds of one iteration: any number of samples for each row, or one list that serves all
/// rows. `None` where the column cannot run the case.
pub type Took = Option<Vec<Vec<f64>>>;

/// Nanoseconds of one iteration of so many.
#[must_use]
pub fn nanoseconds(took: Duration, iterations: u64) -> f64 {
    took.as_secs_f64() * 1e9 / iterations as f64
}

/// Measures one case, and adds those of its rows that were asked for to the table.
///
/// `run` runs the case once in the column of that number.
///
/// # Panics
/// If `run` does: a peer that loses a wake-up has no number.
pub fn measure(
    options: &Options,
    table: &mut Table,
    rows: Vec<Row>,
    mut run: impl FnMut(usize) -> Took,
) {
    let wanted = |row: &Row| row.name.contains(&options.row);
    if !rows.iter().any(wanted) {
        return;
    }
    let begin = Instant::now();
    let columns = table.columns.len();
    let new = |row: &Row| Samples::new(row.name.clone(), row.about.clone(), row.batch, columns);
    let mut measured: Vec<_> = rows.iter().map(new).collect();
    let least = rows.iter().map(|row| row.least_turns).max().unwrap_or(1);
    let mut turns = 1;
    if options.bench {
        let begin = Instant::now();
        (0..columns).for_each(|column| drop(run(column)));
        turns = fitting(begin.elapsed()).max(least);
    }
    for round in 0..options.rounds {
        let mut samples = vec![vec![Vec::new(); rows.len()]; columns];
        for turn in 0..turns {
            for column in order(round * turns + turn, columns) {
                let took = run(column).unwrap_or_default();
                for (all, took) in samples[column].iter_mut().zip(took.iter().cycle()) {
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
    let (rounds, seconds) = (options.rounds, begin.elapsed().as_secs_f64());
    eprintln!("{}: {rounds} rounds of {turns} turns, {seconds:.1} s", rows[0].name);
    let wanted = rows.iter().zip(measured).filter(|(row, _)| wanted(row));
    table.rows.extend(wanted.map(|(_, measured)| measured));
}

/// How many turns fit into a round, if one takes so long.
fn fitting(turn: Duration) -> usize {
    let fit = ROUND.as_secs_f64() / turn.as_secs_f64();
    (fit as usize).clamp(1, TURNS)
}

/// The order in which the columns run in the turn of that number.
///
/// The sequence 0, 1, −1, 2, −2, … has each difference once, modulo an even number of columns. Over
/// the turns that begin with each column, each column therefore follows each other column once;
/// with an odd number of columns twice, if every other turn is reversed. (E. J. Williams,
/// *Experimental designs balanced for the estimation of residual effects of treatments*, Australian
/// Journal of Scientific Research A 2, 1949.)
fn order(turn: usize, columns: usize) -> Vec<usize> {
    let backwards = columns % 2 == 1 && turn % 2 == 1;
    let first = if columns % 2 == 1 { turn / 2 } else { turn };
    let step = |place: usize| match place % 2 {
        1 => place.div_ceil(2),
        _ => columns - place / 2,
    };
    let mut order: Vec<_> = (0..columns).map(|place| (first + step(place)) % columns).collect();
    if backwards {
        order.reverse();
    }
    order
}

// === impl Row ===

impl Row {
    /// The mean of the middle half of the samples: interruptions of a run have no part in it.
    #[must_use]
    pub fn midmean(name: String, about: &str, batch: u64) -> Self {
        Self { name, about: about.into(), batch, least_turns: 1, statistic: midmean }
    }

    /// The median and the 99th percentile of iterations that are timed one by one.
    #[must_use]
    pub fn percentiles(name: &str, about: &str) -> [Self; 2] {
        let row = |part: &str, statistic| Self {
            name: format!("{name}, {part}"),
            about: about.into(),
            batch: 1,
            // With 30 samples a turn, the slowest hundredth is at least one sample.
            least_turns: 4,
            statistic,
        };
        [row("p50", median), row("p99", p99)]
    }
}

// === impl Options ===

impl Options {
    /// Those of this process; exits with a message if they are wrong.
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
                // Other arguments that cargo passes on.
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
    fn without_bench_every_case_runs_once() {
        assert_eq!(options(&[]).unwrap().rounds, 1);
        assert_eq!(options(&["--bench"]).unwrap().rounds, ROUNDS);
        assert!(options(&["--rounds", "3"]).unwrap().bench);
        assert!(options(&["--rounds", "0"]).is_err());
        assert_eq!(options(&["--save", "here"]).unwrap().save, Some("here".into()));
    }

    /// How often each column follows each other column, in so many turns.
    fn neighbours(columns: usize, turns: usize) -> Vec<usize> {
        let mut counts = vec![0; columns * columns];
        for order in (0..turns).map(|turn| order(turn, columns)) {
            order.windows(2).for_each(|pair| counts[pair[0] * columns + pair[1]] += 1);
        }
        (0..counts.len()).filter(|at| at / columns != at % columns).map(|at| counts[at]).collect()
    }

    #[test]
    fn each_column_follows_each_other_column_equally_often() {
        for columns in 2..=13 {
            let whole = columns * (1 + columns % 2);
            let once_or_twice = neighbours(columns, whole);
            assert!(once_or_twice.iter().all(|&times| times == 1 + columns % 2), "{columns}");
        }
        for turn in 0..50 {
            let mut sorted = order(turn, 7);
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2, 3, 4, 5, 6]);
        }
    }

    #[test]
    fn a_round_has_as_many_turns_as_fit_and_at_least_one() {
        let fit = [Duration::ZERO, ROUND / 100, ROUND / 4, ROUND.mul_f64(0.7), ROUND * 3];
        assert_eq!(fit.map(fitting), [TURNS, TURNS, 4, 1, 1]);
    }

    #[test]
    fn every_column_runs_once_a_turn_and_unwanted_rows_are_left_out() {
        let mut table = Table { columns: Vec::new(), rows: Vec::new() };
        table.columns = vec![crate::report::Column::new("column", None); 3];
        let mut runs = [0; 3];
        let rows = Row::percentiles("hop", "It hops.").into();
        measure(
            &options(&["--rounds", "2", "--row", "p99"]).unwrap(),
            &mut table,
            rows,
            |column| {
                runs[column] += 1;
                (column != 1).then(|| vec![vec![1.0, 2.0], vec![3.0, 4.0]])
            },
        );
        // In each turn of two rounds of at least four turns, and once before.
        assert_eq!(runs, [runs[0]; 3]);
        assert!(runs[0] % 2 == 1 && (9..=2 * TURNS + 1).contains(&runs[0]), "{runs:?}");
        let [row] = &table.rows[..] else { panic!("one row") };
        assert_eq!((&*row.row, &*row.about), ("hop, p99", "It hops."));
        let rounds: Vec<_> = row.by_column.iter().map(|c| c.as_ref().map(Vec::len)).collect();
        assert_eq!(rounds, [Some(2), None, Some(2)]);
    }
}
