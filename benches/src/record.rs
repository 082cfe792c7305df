//! What one comparison has measured: printed, and saved for the page that shows all of them.
//!
//! A record is saved as lines of fields between tabs, the first of which says what the line is. Rows and
//! samples are in it whole, so that a page can be made anew without measuring.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::exit;

use crate::goal::{Goal, Judged, Verdict};
use crate::report::{self, Column, Samples, Table};
use crate::rounds::Options;

/// What one comparison has measured.
#[derive(Debug)]
pub struct Record {
    /// Of its file.
    pub name: String,
    pub title: String,
    /// Compiler, packages, cores, rounds.
    pub conditions: String,
    /// Nanoseconds of one look at the clock.
    pub look: f64,
    pub table: Table,
    pub goals: Vec<Judged>,
    /// Other tables, in Markdown: bytes, allocations.
    pub costs: String,
}

// === impl Record ===

impl Record {
    #[must_use]
    pub fn new(
        name: &str,
        title: &str,
        options: &Options,
        table: Table,
        goals: &[Goal],
        costs: String,
    ) -> Self {
        let conditions = report::conditions(&table.columns);
        let goals = goals.iter().filter_map(|goal| goal.judge(&table)).collect();
        Self {
            name: name.into(),
            title: title.into(),
            conditions: format!("{conditions}; {} rounds", options.rounds),
            look: report::look_at_the_clock(),
            table,
            goals,
            costs,
        }
    }

    /// Adds what is judged without an interval.
    #[must_use]
    pub fn held_to(mut self, exact: impl IntoIterator<Item = Judged>) -> Self {
        self.goals.extend(exact);
        self
    }

    /// Prints it, and saves it if that was asked for; ends the process if it cannot be saved.
    ///
    /// If all was only tried once, nothing is judged: what one try took says nothing.
    pub fn finish(&self, options: &Options) {
        println!("{}\n\n{}", self.conditions, self.table.medians());
        for ours in self.table.ours() {
            println!("{}:\n\n{}", self.table.columns[ours].name, self.table.ratios(ours));
        }
        println!("{}", self.costs);
        if !options.bench {
            return;
        }
        for goal in &self.goals {
            println!("{}", goal.line);
        }
        if let Some(folder) = &options.save {
            let path = folder.join(format!("{}.tsv", self.name));
            let saved = fs::create_dir_all(folder).and_then(|()| fs::write(&path, self.to_lines()));
            if let Err(error) = saved {
                eprintln!("{}: {error}", path.display());
                exit(1);
            }
        }
    }

    /// The record in that file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(path).map_err(|error| error.to_string());
        text.and_then(|text| Self::from_lines(&text))
            .map_err(|error| format!("{}: {error}", path.display()))
    }

    /// As it is saved.
    #[must_use]
    pub fn to_lines(&self) -> String {
        let mut lines = String::new();
        // Writing to a String cannot fail.
        let mut line = |fields: &[&str]| _ = writeln!(lines, "{}", fields.join("\t"));
        line(&["name", &self.name]);
        line(&["title", &self.title]);
        line(&["conditions", &self.conditions]);
        line(&["look", &self.look.to_string()]);
        for Column { name, package } in &self.table.columns {
            line(&["column", name, package.unwrap_or_default()]);
        }
        for samples in &self.table.rows {
            line(&["row", &samples.row, &samples.batch.to_string(), &samples.about]);
            for (column, samples) in samples.by_column.iter().enumerate() {
                let samples = samples.iter().flatten().map(f64::to_string);
                let fields: Vec<_> =
                    ["samples".into(), column.to_string()].into_iter().chain(samples).collect();
                line(&fields.iter().map(String::as_str).collect::<Vec<_>>());
            }
        }
        for Judged { verdict, line: told } in &self.goals {
            line(&["goal", &verdict.to_string(), told]);
        }
        for cost in self.costs.lines() {
            line(&["costs", cost]);
        }
        lines
    }

    /// What [`to_lines`](Self::to_lines) has written.
    ///
    /// # Errors
    /// The first line that is none of its.
    pub fn from_lines(text: &str) -> Result<Self, String> {
        let mut record = Self {
            name: String::new(),
            title: String::new(),
            conditions: String::new(),
            look: 0.0,
            table: Table { columns: Vec::new(), rows: Vec::new() },
            goals: Vec::new(),
            costs: String::new(),
        };
        for line in text.lines() {
            record.add(line).ok_or_else(|| format!("not a line of a record: {line:?}"))?;
        }
        Ok(record)
    }

    fn add(&mut self, line: &str) -> Option<()> {
        let (kind, rest) = line.split_once('\t')?;
        match kind {
            "name" => self.name = rest.into(),
            "title" => self.title = rest.into(),
            "conditions" => self.conditions = rest.into(),
            "look" => self.look = rest.parse().ok()?,
            "column" => {
                let (name, package) = rest.split_once('\t')?;
                // A column's names live as long as the process, and a page is made once in it.
                let keep = |name: &str| &*name.to_owned().leak();
                let package = (!package.is_empty()).then(|| keep(package));
                self.table.columns.push(Column { name: keep(name), package });
            }
            "row" => {
                let fields: Vec<&str> = rest.split('\t').collect();
                let [row, batch, about] = fields[..] else { return None };
                let (batch, columns) = (batch.parse().ok()?, self.table.columns.len());
                self.table.rows.push(Samples::new(row.into(), about.into(), batch, columns));
            }
            "samples" => {
                let mut fields = rest.split('\t');
                let column = fields.next()?.parse().ok()?;
                let row = self.table.rows.last_mut().filter(|row| column < row.by_column.len())?;
                for sample in fields {
                    row.push(column, sample.parse().ok()?);
                }
            }
            "goal" => {
                let (verdict, told) = rest.split_once('\t')?;
                let verdict = Verdict::ALL.into_iter().find(|one| one.to_string() == verdict)?;
                self.goals.push(Judged { verdict, line: told.into() });
            }
            "costs" => self.costs += &format!("{rest}\n"),
            _ => return None,
        }
        Some(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Invented: ours is ahead in the first row, behind in the second, either in the third; the peers share
    /// the fourth, and the floor has no answer there.
    pub(crate) fn invented() -> Record {
        let column = |name, package| Column { name, package };
        let columns = vec![
            column("ours", Some("reveille")),
            column("left", Some("tokio")),
            column("right", Some("events")),
            column("floor", None),
        ];
        let mut rows = Vec::new();
        let medians = [
            ("ahead", [Some(10.0), Some(20.0), Some(40.0), Some(5.0)]),
            ("behind", [Some(30.0), Some(20.0), Some(40.0), Some(5.0)]),
            ("level", [Some(20.0), Some(20.0), Some(40.0), Some(5.0)]),
            ("no floor", [Some(1_000.0), None, Some(4_000.0), None]),
        ];
        for (name, medians) in medians {
            let about = format!("It is {name}.");
            let mut samples = Samples::new(name.into(), about, 1_000, columns.len());
            for round in 0..31 {
                for (column, median) in medians.into_iter().enumerate() {
                    let off = if column == 0 { f64::from(round - 15) / 500.0 } else { 0.0 };
                    if let Some(median) = median {
                        samples.push(column, median * (1.0 + off));
                    }
                }
            }
            rows.push(samples);
        }
        let goal = |verdict, line: &str| Judged { verdict, line: line.into() };
        Record {
            name: "invented".into(),
            title: "An invention".into(),
            conditions: "rustc 1.0.0; 31 rounds".into(),
            look: 20.0,
            table: Table { columns, rows },
            goals: vec![goal(Verdict::Met, "first goal"), goal(Verdict::Missed, "second goal")],
            costs: "| memory | ours |\n|---|---:|\n| bytes | 8 |\n".into(),
        }
    }

    #[test]
    fn what_is_saved_is_read_back() {
        let record = invented();
        let lines = record.to_lines();
        let read = Record::from_lines(&lines).unwrap();
        assert_eq!(read.to_lines(), lines);
        assert_eq!(read.table.medians(), record.table.medians());
        assert_eq!(read.table.ratios(0), record.table.ratios(0));
        assert_eq!((read.goals, read.costs), (record.goals, record.costs));
    }

    #[test]
    fn a_line_that_is_none_of_a_record_is_an_error() {
        for line in [
            "row",
            "row\tname\tabout",
            "samples\t0\t1.0",
            "column\tname",
            "goal\tperhaps\tx",
            "x\ty",
        ] {
            assert!(Record::from_lines(line).unwrap_err().contains("not a line"), "{line}");
        }
        let lines = invented().to_lines();
        assert!(Record::from_lines(&lines.replace("samples\t3", "samples\t4")).is_err());
    }
}
