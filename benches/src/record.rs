//! The samples of one comparison: printed, and saved as JSON, so that the page can be written again
//! without measuring.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::report::{self, Table};
use crate::rounds::Options;

/// The samples of one comparison, and what the page says of them.
#[derive(Debug, Deserialize, Serialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Record {
    /// Of its file.
    pub name: String,
    pub title: String,
    /// Compiler, packages, cores, rounds.
    pub conditions: String,
    /// Nanoseconds that reading the clock takes.
    pub reading: f64,
    pub table: Table,
    /// Other tables, in Markdown: bytes, allocations.
    pub costs: String,
}

// === impl Record ===

impl Record {
    #[must_use]
    pub fn new(name: &str, title: &str, options: &Options, table: Table, costs: String) -> Self {
        let conditions = report::conditions(&table.columns);
        Self {
            name: name.into(),
            title: title.into(),
            conditions: format!("{conditions}; {} rounds", options.rounds),
            reading: report::reading_of_the_clock(),
            table,
            costs,
        }
    }

    /// Prints it, and saves it if the command line names a folder.
    ///
    /// # Panics
    /// If it cannot be saved.
    pub fn finish(&self, options: &Options) {
        println!("{}\n\n{}", self.conditions, self.table.markdown());
        for ours in self.table.ours() {
            println!("{}", self.table.ratios(ours));
        }
        println!("{}", self.costs);
        if let Some(folder) = options.save.as_deref().filter(|_| options.bench) {
            self.save(folder).expect("the record is saved");
        }
    }

    fn save(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        fs::write(folder.join(&self.name).with_extension("json"), serde_json::to_vec(self)?)
    }

    /// Reads a record that was saved.
    ///
    /// # Errors
    /// If the file is not a record.
    pub fn read(path: &Path) -> io::Result<Self> {
        // The names of columns live as long as the process, and a page is written once in it.
        Ok(serde_json::from_str(fs::read_to_string(path)?.leak())?)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::report::{Column, Samples};

    /// Invented: ours is ahead in the first row, behind in the second, level in the third. The
    /// fourth has one peer and no floor.
    pub(crate) fn invented() -> Record {
        let columns = [("ours", "reveille"), ("left", "tokio"), ("right", "events")];
        let mut columns = columns.map(|(name, from)| Column::new(name, Some(from))).to_vec();
        columns.push(Column::new("floor", None));
        let medians = [
            ("ahead", [Some(10.0), Some(20.0), Some(40.0), Some(5.0)]),
            ("behind", [Some(30.0), Some(20.0), Some(40.0), Some(5.0)]),
            ("level", [Some(20.0), Some(20.0), Some(40.0), Some(5.0)]),
            ("no floor", [Some(1_000.0), None, Some(4_000.0), None]),
        ];
        let rows = medians.map(|(name, medians)| {
            let about = format!("It is {name}.");
            let mut samples = Samples::new(name.into(), about, 1_000, columns.len());
            for round in 0..31 {
                for (column, median) in medians.into_iter().enumerate() {
                    let off = if column == 0 { f64::from(round - 15) / 500.0 } else { 0.0 };
                    median.into_iter().for_each(|ns| samples.push(column, ns * (1.0 + off)));
                }
            }
            samples
        });
        Record {
            name: "invented".into(),
            title: "An `invention`".into(),
            conditions: "rustc 1.0.0; 31 rounds".into(),
            reading: 20.0,
            table: Table { columns, rows: rows.into() },
            costs: "| memory | ours |\n|---|---:|\n| bytes | 8 |\n".into(),
        }
    }

    #[test]
    fn record_is_read_as_it_was_saved() {
        let folder = std::env::temp_dir().join(format!("reveille-record-{}", std::process::id()));
        invented().save(&folder).unwrap();
        let read = Record::read(&folder.join("invented.json")).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(format!("{read:?}"), format!("{:?}", invented()));
        assert!(Record::read(&folder.join("invented.json")).is_err());
    }
}
