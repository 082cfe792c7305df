//! The page of all comparisons: tables, who is ahead where, and what came of the goals.

use std::fmt::Write;

use crate::goal::Verdict;
use crate::record::Record;
use crate::report::{Ratio, Samples, Table, figure, header, line, nanoseconds};

/// What a record does not say of itself.
#[derive(Clone, Debug)]
pub struct About {
    pub date: String,
    pub commit: String,
    pub machine: String,
    /// What a human has to add, in Markdown.
    pub notes: String,
}

/// Which part of a row the clock may take without a word.
const CLOCK: f64 = 0.01;

/// How one of our columns stands in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Ahead,
    /// The interval has 1 in it, or there is none.
    Level,
    Behind,
}

/// `docs/benchmarks.md`.
#[must_use]
pub fn page(records: &[Record], about: &About) -> String {
    let mut page = format!(
        "# Benchmarks

Written by `cargo xtask bench`, on {date}, at commit `{commit}`; {machine}.

![Ours to the best peer, row by row](benchmarks.svg)

All columns of a table take turns in one run, on one thread or with the same helpers, with the same wakers, the
same executors and the same heap; over the turns each runs right behind each other one equally often
(`benches/src/rounds.rs`). Each peer is used as its documentation says, and has a file in `benches/src/` that
says how. A peer that loses a wake-up, or makes one too many, ends the run.

A cell is the median over the rounds, in nanoseconds. A ratio is the median of the ratios within a round, and
below 1 we are ahead; beside it is the 95 % interval of that median, from the order of the ratios alone
(`benches/src/interval.rs`), and the peer. A dash: the peer has no answer, for want of a `clear`, of a look, or
of an executor. The floor is what there must be at least, with all that makes the type left out.
",
        date = about.date,
        commit = about.commit,
        machine = about.machine,
    );
    for record in records {
        section(&mut page, record);
    }
    goals(&mut page, records);
    if !about.notes.trim().is_empty() {
        // Writing to a String cannot fail.
        _ = write!(page, "\n{}\n", about.notes.trim());
    }
    page
}

fn section(page: &mut String, record: &Record) {
    let Record { title, conditions, table, costs, .. } = record;
    _ = write!(page, "\n## {title}\n\n```text\n{conditions}\n```\n\n{}", rows(table));
    if !costs.is_empty() {
        _ = write!(page, "\n{costs}");
    }
    _ = write!(page, "\n{}\n{}", standings(table), meanings(record));
}

/// What each row measures; those of one meaning on one line, by the first and the last.
fn meanings(record: &Record) -> String {
    let mut meanings: Vec<(&str, Vec<&str>)> = Vec::new();
    for Samples { row, about, .. } in &record.table.rows {
        match meanings.iter_mut().find(|(one, _)| one == about) {
            Some((_, rows)) => rows.push(row),
            None => meanings.push((about, vec![row])),
        }
    }
    let mut text = "What a row measures:\n\n".to_owned();
    for (about, rows) in meanings {
        _ = match rows[..] {
            [first, .., last] => writeln!(text, "- {first} … {last}: {about}"),
            _ => writeln!(text, "- {}: {about}", rows.concat()),
        };
    }
    let clocked: Vec<_> = (record.table.rows.iter())
        .filter_map(|samples| Some((&samples.row, samples.clock_share(record.look)?)))
        .filter(|&(_, share)| share > CLOCK)
        .map(|(row, share)| format!("{row} ({:.1} %)", 100.0 * share))
        .collect();
    _ = match clocked.len() {
        0 => writeln!(
            text,
            "\nIn none does the clock take more than a hundredth of the fastest column."
        ),
        _ => writeln!(
            text,
            "\nThe clock, {:.0} ns a look, takes more than a hundredth of the fastest column in: {}.",
            record.look,
            clocked.join("; "),
        ),
    };
    text
}

/// Every row by every column, and the ratios of each of ours.
fn rows(table: &Table) -> String {
    let names = table.columns.iter().map(|column| column.name.to_owned());
    let ours: Vec<usize> = table.ours().collect();
    let ratios = ours.iter().flat_map(|&ours| {
        let ours = table.columns[ours].name;
        let to_floor = table.floor().map(|floor| format!("{ours}/{}", table.columns[floor].name));
        [Some(format!("{ours}/best peer")), to_floor].into_iter().flatten()
    });
    let mut text = header("median, ns", names.chain(ratios));
    for samples in &table.rows {
        let medians = (0..table.columns.len()).map(|column| nanoseconds(samples.median(column)));
        let ratios = ours.iter().flat_map(|&ours| {
            let best = samples.best_peer(&table.columns);
            let floor = table.floor();
            let to_best = match best {
                Some(best) if samples.median(ours).is_some() => {
                    let ratio = cell(samples.ratio(ours, best));
                    format!("{ratio} ({})", table.columns[best].name)
                }
                _ => cell(None),
            };
            let to_floor = floor.map(|floor| cell(samples.ratio(ours, floor)));
            [Some(to_best), to_floor].into_iter().flatten()
        });
        line(&mut text, &samples.row, medians.chain(ratios));
    }
    text
}

fn cell(ratio: Option<Ratio>) -> String {
    let Some(Ratio { median, interval, .. }) = ratio else { return "–".into() };
    let interval = interval.map(|[low, high]| format!(", {}–{}", figure(low), figure(high)));
    format!("**{}**{}", figure(median), interval.unwrap_or_default())
}

/// Names every row that a peer wins, and every one that is not decided.
fn standings(table: &Table) -> String {
    let mut text = String::new();
    for ours in table.ours() {
        let name = table.columns[ours].name;
        for (standing, what) in [
            (Standing::Behind, "a peer is ahead in"),
            (Standing::Level, "not decided, with 1 in the interval or too few rounds for one, is"),
        ] {
            let named: Vec<String> = (table.rows.iter())
                .filter_map(|samples| {
                    let (found, peer, ratio) = stands(table, samples, ours)?;
                    (found == standing).then(|| format!("- {} ({peer}: {ratio})", samples.row))
                })
                .collect();
            if !named.is_empty() {
                let gap = if text.is_empty() { "" } else { "\n" };
                _ = writeln!(text, "{gap}Of **{name}**, {what}:\n\n{}", named.join("\n"));
            }
        }
    }
    if text.is_empty() { "No peer is ahead in any row.\n".into() } else { text }
}

fn stands<'a>(
    table: &'a Table,
    samples: &Samples,
    ours: usize,
) -> Option<(Standing, &'a str, Ratio)> {
    let best = samples.best_peer(&table.columns)?;
    let ratio = samples.ratio(ours, best)?;
    let standing = match ratio.interval {
        Some([_, high]) if high < 1.0 => Standing::Ahead,
        Some([low, _]) if low > 1.0 => Standing::Behind,
        _ => Standing::Level,
    };
    Some((standing, table.columns[best].name, ratio))
}

fn goals(page: &mut String, records: &[Record]) {
    let all: Vec<_> = records.iter().flat_map(|record| &record.goals).collect();
    let count = |verdict| all.iter().filter(|goal| goal.verdict == verdict).count();
    _ = write!(
        page,
        "
## Goals

A goal is met when the upper end of the interval is within it, over 30 pairs or more. {} are met, {} are missed,
{} have too few pairs.
",
        count(Verdict::Met),
        count(Verdict::Missed),
        count(Verdict::Open),
    );
    for (verdict, title) in
        [(Verdict::Missed, "Missed"), (Verdict::Open, "Too few pairs"), (Verdict::Met, "Met")]
    {
        let mut goals = all.iter().filter(|goal| goal.verdict == verdict).peekable();
        if goals.peek().is_some() {
            _ = writeln!(page, "\n### {title}\n");
        }
        for goal in goals {
            _ = writeln!(page, "- {}", goal.line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tests::invented;

    fn about() -> About {
        let notes = "## Notes\n\nA note.".into();
        About {
            date: "2026-11-25".into(),
            commit: "abc".into(),
            machine: "a machine".into(),
            notes,
        }
    }

    #[test]
    fn page_names_each_row_that_a_peer_wins_and_no_other() {
        let page = page(&[invented()], &about());
        assert!(
            page.contains(
                "Of **ours**, a peer is ahead in:\n\n- behind (left: 1.50, 1.48–1.52)\n\nOf **ours**, not"
            ),
            "{page}"
        );
        assert!(page.contains("too few rounds for one, is:\n\n- level (left: 1.00, 0.99–1.01)\n"));
        assert!(!page.contains("- ahead (left"));
    }

    #[test]
    fn every_row_has_medians_and_the_ratios_to_the_best_peer_and_to_the_floor() {
        let rows = rows(&invented().table);
        let line = |row: &str| rows.lines().find(|line| line.starts_with(&format!("| {row} |")));
        let ahead = "| ahead | 10.0 | 20.0 | 40.0 | 5.0 | **0.50**, 0.49–0.51 (left) | **2.00**, 1.98–2.02 |";
        assert_eq!(line("ahead"), Some(ahead));
        assert_eq!(
            line("no floor"),
            Some("| no floor | 1000 | – | 4000 | – | **0.25**, 0.25–0.25 (right) | – |")
        );
        assert!(rows.starts_with(
            "| median, ns | ours | left | right | floor | ours/best peer | ours/floor |"
        ));
    }

    #[test]
    fn goals_that_were_missed_come_first() {
        let page = page(&[invented()], &about());
        assert!(page.contains("1 are met, 1 are missed,\n0 have too few pairs"));
        assert!(page.find("second goal") < page.find("first goal"));
    }

    #[test]
    fn page_says_when_where_and_what_a_human_has_to_add() {
        let page = page(&[invented()], &about());
        assert!(page.contains("on 2026-11-25, at commit `abc`; a machine."));
        assert!(page.contains("rustc 1.0.0; 31 rounds") && page.contains("| bytes | 8 |"));
        assert!(page.ends_with("## Notes\n\nA note.\n"));
    }

    #[test]
    fn every_row_says_what_it_measures_and_where_the_clock_is_too_much_of_it() {
        let mut record = invented();
        let page_of = |record: Record| page(&[record], &about());
        let page = page_of(invented());
        assert!(page.contains("- ahead: It is ahead.\n- behind: It is behind.\n"), "{page}");
        assert!(page.contains("In none does the clock take more"));
        record.table.rows[1].batch = 10;
        record.table.rows[1].about = record.table.rows[0].about.clone();
        let page = page_of(record);
        assert!(page.contains("- ahead … behind: It is ahead.\n"));
        // 20 ns to ten times the floor's 5.
        assert!(page.contains("fastest column in: behind (40.0 %).\n"), "{page}");
    }

    #[test]
    fn where_no_peer_is_ahead_the_page_says_so() {
        let mut record = invented();
        record.table.rows.retain(|samples| samples.row == "ahead");
        assert!(page(&[record], &about()).contains("No peer is ahead in any row."));
    }
}
