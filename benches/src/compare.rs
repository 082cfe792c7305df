//! One comparison: every case in every column, in turn.
//!
//! A [`Subject`] is a table of function pointers. Everything behind them is monomorphised, so that
//! nothing that is timed is dispatched dynamically.

use crate::counted::Count;
use crate::record::Record;
use crate::report::{self, Column, Table};
use crate::rounds::{self, Case, Options, Took};

/// One column of the tables.
#[derive(Clone, Copy, Debug)]
pub struct Subject<C> {
    pub column: Column,
    /// Runs a case with so many iterations.
    pub run: fn(C, u64) -> Took,
    /// Bytes, and allocations of a wait: what the figure is, and the figure.
    pub costs: fn() -> Vec<(&'static str, String)>,
    /// Passes each row that one thread can run to a counter of instructions.
    pub count: fn(Count<'_>),
    /// Uses one event once, in a program of which the size is measured.
    pub minimal: fn(),
}

// === impl Subject ===

impl<C> Subject<C> {
    pub(crate) const fn new(
        name: &'static str,
        package: Option<&'static str>,
        run: fn(C, u64) -> Took,
    ) -> Self {
        let column = Column::new(name, package);
        Self { column, run, costs: Vec::new, count: |_| (), minimal: || () }
    }
}

/// Compares all subjects in all cases, as the command line says, and prints or saves the result.
///
/// # Panics
/// If a peer loses a wake-up; if a row has nothing to compare; if a package has no version.
pub fn compare<C: Case>(
    name: &str,
    title: &str,
    cases: &[C],
    subjects: &[Subject<C>],
    other_costs: &str,
) {
    let options = Options::from_args();
    let columns: Vec<_> = subjects.iter().map(|subject| subject.column).collect();
    for package in columns.iter().filter_map(|column| column.package) {
        assert!(package == "std" || report::version(package).is_some(), "{package}: no version");
    }
    let mut table = Table { columns, rows: Vec::new() };
    for &case in cases {
        let iterations = if options.bench { case.iterations() } else { 1 };
        rounds::measure(&options, &mut table, case.rows(), |subject| {
            (subjects[subject].run)(case, iterations)
        });
    }
    for samples in &table.rows {
        let answers = samples.by_column.iter().flatten().count();
        assert!(answers > 1, "{}: nothing to compare", samples.row);
    }
    let costs = [&costs(subjects), other_costs].map(|table| table.to_owned());
    let costs = costs.into_iter().filter(|table| !table.is_empty()).collect::<Vec<_>>();
    Record::new(name, title, &options, table, costs.join("\n")).finish(&options);
}

/// Bytes and allocations of the columns that have them, in Markdown.
fn costs<C>(subjects: &[Subject<C>]) -> String {
    let costs = subjects.iter().map(|subject| (subject.column.name, (subject.costs)()));
    let costs: Vec<_> = costs.filter(|(_, costs)| !costs.is_empty()).collect();
    let Some((_, first)) = costs.first() else { return String::new() };
    let mut table = report::header("memory", costs.iter().map(|(name, _)| name));
    for (row, (name, _)) in first.iter().enumerate() {
        report::line(&mut table, name, costs.iter().map(|(_, costs)| &costs[row].1));
    }
    table
}
