//! What the crate is held to, and whether a run has shown it.
//!
//! A goal is met when the upper end of the 95 % interval of the median ratio ([`interval`](crate::interval))
//! is within it, over 30 interleaved pairs or more. It is printed, and no test depends on it.

use std::fmt;

use crate::report::{Ratio, Samples, Table};

/// Fewer pairs decide nothing.
const PAIRS: usize = 30;

/// What the crate is held to in one row.
#[derive(Clone, Debug)]
pub struct Goal {
    pub name: String,
    pub row: String,
    pub ours: &'static str,
    pub against: Against,
    pub most: f64,
}

/// What ours is compared with.
#[derive(Clone, Debug)]
pub enum Against {
    /// Whichever peer is best in this row.
    Best,
    /// Whichever of these is.
    BestOf(&'static [&'static str]),
    Column(&'static str),
    /// Of ours to this column: the ratio in this row to that in an earlier one. Rounds of the two are paired
    /// by their number.
    GrowthOf(&'static str, String),
}

/// What came of a goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    pub verdict: Verdict,
    /// What was compared, the ratio, its interval and the goal.
    pub line: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Met,
    Missed,
    /// Too few pairs.
    Open,
}

// === impl Goal ===

impl Goal {
    /// What came of it; none if its row was not measured.
    #[must_use]
    pub fn judge(&self, table: &Table) -> Option<Judged> {
        let samples = table.row(&self.row)?;
        let ours = table.column(self.ours)?;
        let (what, ratio) = match &self.against {
            Against::GrowthOf(column, since) => {
                let other = table.column(column)?;
                let before = table.row(since)?;
                (format!("{column}, since {since}"), growth(samples, before, ours, other)?)
            }
            against => {
                let other = against.column(samples, table)?;
                (table.columns[other].name.to_owned(), samples.ratio(ours, other)?)
            }
        };
        let verdict = self.verdict(&ratio);
        let (name, row, ours, most) = (&self.name, &self.row, self.ours, self.most);
        let line = format!("{name}: {row}: {ours}/{what} = {ratio} (goal ≤ {most:.2}: {verdict})");
        Some(Judged { verdict, line })
    }

    fn verdict(&self, ratio: &Ratio) -> Verdict {
        match ratio.interval {
            Some([_, high]) if ratio.pairs >= PAIRS => {
                if high <= self.most {
                    Verdict::Met
                } else {
                    Verdict::Missed
                }
            }
            _ => Verdict::Open,
        }
    }
}

fn growth(now: &Samples, before: &Samples, ours: usize, other: usize) -> Option<Ratio> {
    let ratios = now.ratios(ours, other)?.into_iter().zip(before.ratios(ours, other)?);
    Ratio::of(ratios.map(|(now, before)| now / before).collect())
}

// === impl Judged ===

impl Judged {
    /// Of what is the same in every run: no interval.
    #[must_use]
    pub fn exactly(name: &str, is: f64, most: f64) -> Self {
        let verdict = if is <= most { Verdict::Met } else { Verdict::Missed };
        Self { verdict, line: format!("{name}: {is} (goal ≤ {most}: {verdict})") }
    }
}

// === impl Against ===

impl Against {
    fn column(&self, samples: &Samples, table: &Table) -> Option<usize> {
        match self {
            Self::Best => samples.best_peer(&table.columns),
            Self::BestOf(names) => {
                samples.best_of(names.iter().filter_map(|name| table.column(name)))
            }
            Self::Column(name) | Self::GrowthOf(name, _) => table.column(name),
        }
    }
}

// === impl Verdict ===

impl Verdict {
    pub(crate) const ALL: [Self; 3] = [Self::Met, Self::Missed, Self::Open];
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Met => "met",
            Self::Missed => "MISSED",
            Self::Open => "too few pairs",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Column;

    const COLUMNS: [Column; 4] = [
        Column { name: "ours", package: Some("reveille") },
        Column { name: "slow", package: Some("tokio") },
        Column { name: "fast", package: Some("events") },
        Column { name: "floor", package: None },
    ];

    /// So many rounds of a row; ours varies around what is said, evenly.
    fn row(name: &str, rounds: usize, medians: [f64; 4]) -> Samples {
        let mut samples = Samples::new(name.into(), String::new(), 1, 4);
        for round in 0..rounds {
            let off = (round as f64 - (rounds - 1) as f64 / 2.0) / 100.0;
            for (column, median) in medians.into_iter().enumerate() {
                samples.push(column, if column == 0 { median * (1.0 + off) } else { median });
            }
        }
        samples
    }

    fn judge(rounds: usize, against: Against, most: f64) -> Judged {
        let rows = vec![
            row("row", rounds, [1.0, 2.0, 0.8, 0.5]),
            row("later", rounds, [3.0, 9.0, 9.0, 1.0]),
        ];
        let table = Table { columns: COLUMNS.to_vec(), rows };
        let growth = matches!(against, Against::GrowthOf(..));
        let row = if growth { "later" } else { "row" };
        let goal = Goal { name: "goal".into(), row: row.into(), ours: "ours", against, most };
        goal.judge(&table).unwrap()
    }

    #[test]
    fn a_goal_is_met_by_the_upper_end_of_the_interval_alone() {
        // The median is 0.5, the interval of 31 rounds six of them to either side: 0.47 to 0.53.
        let slow = || Against::Column("slow");
        assert_eq!(judge(31, slow(), 0.54).verdict, Verdict::Met);
        assert_eq!(judge(31, slow(), 0.52).verdict, Verdict::Missed);
        assert_eq!(judge(29, slow(), 0.54).verdict, Verdict::Open);
        assert!(judge(31, slow(), 0.54).line.ends_with("= 0.50, 0.47–0.53 (goal ≤ 0.54: met)"));
    }

    #[test]
    fn best_is_sought_where_the_goal_says() {
        assert!(judge(31, Against::Best, 1.0).line.contains("ours/fast = 1.25"));
        assert!(
            judge(31, Against::BestOf(&["slow", "gone"]), 1.0).line.contains("ours/slow = 0.50")
        );
    }

    #[test]
    fn growth_is_that_of_the_ratio() {
        // From 1.0/0.5 to 3.0/1.0.
        let judged = judge(31, Against::GrowthOf("floor", "row".into()), 1.6);
        assert!(judged.line.contains("ours/floor, since row = 1.50, 1.50–1.50"), "{judged:?}");
        assert_eq!(judged.verdict, Verdict::Met);
    }

    #[test]
    fn what_was_not_measured_is_not_judged() {
        let table = Table { columns: COLUMNS.to_vec(), rows: vec![row("row", 31, [1.0; 4])] };
        let goal = |row: &str, against| Goal {
            name: "goal".into(),
            row: row.into(),
            ours: "ours",
            against,
            most: 1.0,
        };
        assert_eq!(goal("other", Against::Best).judge(&table), None);
        assert_eq!(goal("row", Against::Column("gone")).judge(&table), None);
        assert!(goal("row", Against::Best).judge(&table).is_some());
    }

    #[test]
    fn what_is_exact_is_met_by_itself() {
        assert_eq!(Judged::exactly("bytes", 32.0, 32.0).line, "bytes: 32 (goal ≤ 32: met)");
        assert_eq!(Judged::exactly("bytes", 40.0, 32.0).verdict, Verdict::Missed);
    }
}
