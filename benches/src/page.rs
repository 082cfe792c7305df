//! The page of all comparisons: tables, the rows in which a peer is ahead, and what each row
//! measures.

use std::fmt::Write;

use crate::record::Record;
use crate::report::{Samples, Standing, Table};

/// What the records do not contain.
#[derive(Clone, Debug)]
pub struct About {
    pub date: String,
    pub commit: String,
    pub machine: String,
    /// `benches/notes.md`.
    pub notes: String,
}

/// The share of the clock above which the page names a row.
const CLOCK: f64 = 0.01;

/// `docs/benchmarks.md`.
#[must_use]
pub fn page(records: &[Record], about: &About) -> String {
    let mut page = format!(
        "# Benchmarks

Written by `cargo xtask bench` on {date}, at commit `{commit}`; {machine}.

![Ours to the best peer, row by row](benchmarks.svg)

All columns of a table take turns in one run, on one thread or with the same helper threads, with
the same wakers, executors and heap. Over the turns, each column follows each other column equally
often (`benches/src/rounds.rs`). Each peer is used as its documentation says, and has a file in
`benches/src/` that shows how. A peer that loses a wake-up, or makes one too many, ends the run.

A cell is the median over the rounds, in nanoseconds. A ratio is the median of the ratios within a
round; below 1, ours is faster. Beside it are the 95 % interval of that median, which depends on the
order of the ratios alone (`benches/src/interval.rs`), and the peer. A dash means that the peer has
no answer: it lacks a `clear`, a non-blocking check, or an executor. The floor is the least that any
implementation has to do.
",
        date = about.date,
        commit = about.commit,
        machine = about.machine,
    );
    for Record { title, conditions, table, costs, reading, .. } in records {
        let gap = if costs.is_empty() { "" } else { "\n" };
        // Writing to a String cannot fail.
        _ = write!(
            page,
            "\n## {title}\n\n```text\n{conditions}\n```\n\n{}{gap}{costs}\n{}\n{}\n{}\n",
            table.markdown(),
            standings(table),
            meanings(table),
            clock(table, *reading),
        );
    }
    page + "\n" + about.notes.trim() + "\n"
}

/// Names every row in which a peer is ahead, and every row that is not decided.
fn standings(table: &Table) -> String {
    let mut lists = Vec::new();
    for ours in table.ours() {
        for (standing, which) in [
            (Standing::Behind, "a peer is ahead"),
            (Standing::Level, "the interval contains 1, or there are too few rounds for one,"),
        ] {
            let named = table.rows.iter().filter_map(|samples| {
                let best = samples.best_peer(&table.columns)?;
                let ratio = samples.ratio(ours, best)?;
                let peer = table.columns[best].name;
                (ratio.standing() == standing)
                    .then(|| format!("- {} ({peer}: {ratio})\n", samples.row))
            });
            let named: String = named.collect();
            if !named.is_empty() {
                let name = table.columns[ours].name;
                lists.push(format!("**{name}**: {which} in\n\n{named}"));
            }
        }
    }
    if lists.is_empty() { "No peer is ahead in any row.\n".into() } else { lists.join("\n") }
}

/// What each row measures; rows of the same meaning on one line, by the first and the last.
fn meanings(table: &Table) -> String {
    let mut meanings: Vec<(&str, Vec<&str>)> = Vec::new();
    for Samples { row, about, .. } in &table.rows {
        match meanings.iter_mut().find(|(one, _)| one == about) {
            Some((_, rows)) => rows.push(row),
            None => meanings.push((about, vec![row])),
        }
    }
    let lines = meanings.iter().map(|(about, rows)| match rows[..] {
        [first, .., last] => format!("- {first} … {last}: {about}\n"),
        _ => format!("- {}: {about}\n", rows.concat()),
    });
    format!("What a row measures:\n\n{}", lines.collect::<String>())
}

/// The rows in which reading the clock is more than a hundredth of the fastest column.
fn clock(table: &Table, reading: f64) -> String {
    let shares = table.rows.iter().filter_map(|samples| {
        let share = samples.clock_share(reading).filter(|&share| share > CLOCK)?;
        Some(format!("{} ({:.1} %)", samples.row, 100.0 * share))
    });
    let rows: Vec<_> = shares.collect();
    match rows.len() {
        0 => "In no row is reading the clock more than 1 % of the fastest column.".into(),
        _ => format!(
            "Reading the clock, {reading:.0} ns, is more than 1 % of the fastest column in: {}.",
            rows.join("; ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tests::invented;

    fn page_of(record: Record) -> String {
        let [date, commit, machine, notes] =
            ["2026-11-25", "abc", "a machine", "## Notes\n\nA note."].map(String::from);
        page(&[record], &About { date, commit, machine, notes })
    }

    #[test]
    fn page_names_each_row_in_which_a_peer_is_ahead_and_no_other() {
        let page = page_of(invented());
        let behind =
            "**ours**: a peer is ahead in\n\n- behind (left: 1.50, 1.48–1.52)\n\n**ours**: the";
        assert!(page.contains(behind), "{page}");
        assert!(page.contains("too few rounds for one, in\n\n- level (left: 1.00, 0.99–1.01)\n"));
        assert!(!page.contains("- ahead (left"));
        let mut record = invented();
        record.table.rows.truncate(1);
        assert!(page_of(record).contains("No peer is ahead in any row."));
    }

    #[test]
    fn every_row_has_medians_and_the_ratios_to_the_best_peer_and_to_the_floor() {
        let page = page_of(invented());
        for line in [
            "| median, ns | ours | left | right | floor | ours/best peer | ours/floor |",
            "| ahead | 10.0 | 20.0 | 40.0 | 5.0 | **0.50**, 0.49–0.51 (left) | **2.00**, 1.98–2.02 |",
            "| no floor | 1000 | – | 4000 | – | **0.25**, 0.25–0.25 (right) | – |",
        ] {
            assert!(page.contains(&format!("\n{line}\n")), "{line}: {page}");
        }
    }

    #[test]
    fn page_has_date_machine_conditions_costs_and_notes() {
        let page = page_of(invented());
        assert!(page.contains("on 2026-11-25, at commit `abc`; a machine."));
        assert!(
            page.contains("rustc 1.0.0; 31 rounds") && page.contains("| bytes | 8 |\n\n**ours")
        );
        assert!(page.ends_with("## Notes\n\nA note.\n"));
    }

    #[test]
    fn every_row_has_its_meaning_and_the_share_of_the_clock_if_it_is_large() {
        let page = page_of(invented());
        assert!(page.contains("- ahead: It is ahead.\n- behind: It is behind.\n"), "{page}");
        assert!(page.contains("In no row is reading the clock"));
        let mut record = invented();
        record.table.rows[1].batch = 10;
        record.table.rows[1].about = record.table.rows[0].about.clone();
        let page = page_of(record);
        assert!(page.contains("- ahead … behind: It is ahead.\n"));
        // 20 ns beside ten times the floor's 5 ns.
        assert!(page.contains("fastest column in: behind (40.0 %).\n"), "{page}");
    }
}
