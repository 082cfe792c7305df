//! A program with one event and one wait, whose size is measured.
//!
//! `cargo xtask bench` builds the program `minimal` for each column of the events, in the profile
//! `small` (optimised for size, with fat LTO), with `panic = "unwind"` and with `panic = "abort"`,
//! and reads the sizes of its sections. The floor's program polls a future that is ready; the
//! difference is the event, with what it needs of the standard library.

use std::hint::black_box;
use std::pin::pin;
use std::process::exit;
use std::task::{Context, Waker};

use crate::peer::Peer;
use crate::report;

/// The floor: the same program without an event.
pub(crate) fn nothing() {
    let cx = &mut Context::from_waker(Waker::noop());
    if !black_box(pin!(async { black_box(()) })).poll(cx).is_ready() {
        exit(1);
    }
}

pub(crate) fn program<P: Peer>() {
    let event = black_box(P::new());
    let mut wait = pin!(event.wait());
    let cx = &mut Context::from_waker(Waker::noop());
    let parked = wait.as_mut().poll(cx).is_pending();
    event.set();
    let resumed = wait.as_mut().poll(cx).is_ready();
    if P::CLEARS {
        event.clear();
    }
    if !parked || !resumed || event.is_set() == P::CLEARS {
        exit(1);
    }
}

/// The sizes in Markdown, from lines of a panic strategy, a name and bytes, between tabs.
///
/// # Errors
/// The first line of another form.
pub fn table(sizes: &str) -> Result<String, String> {
    let mut rows: Vec<(&str, Vec<(&str, u64)>)> = Vec::new();
    for line in sizes.lines() {
        let size = match line.split('\t').collect::<Vec<_>>()[..] {
            [panic, name, bytes] => bytes.parse().ok().map(|bytes| (panic, name, bytes)),
            _ => None,
        };
        let (panic, name, bytes) =
            size.ok_or_else(|| format!("not the size of a program: {line:?}"))?;
        match rows.last_mut().filter(|(row, _)| *row == panic) {
            Some((_, sizes)) => sizes.push((name, bytes)),
            None => rows.push((panic, vec![(name, bytes)])),
        }
    }
    let names = rows.first().into_iter().flat_map(|(_, sizes)| sizes).map(|(name, _)| name);
    let mut table = report::header("code", names);
    for (panic, sizes) in &rows {
        let about =
            format!("bytes of code and constants more than the floor's, `panic = \"{panic}\"`");
        report::line(&mut table, &about, sizes.iter().map(|(_, bytes)| bytes.to_string()));
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use crate::subjects::SUBJECTS;

    #[test]
    fn sizes_become_a_table() {
        let table = super::table("unwind\tone\t8\nunwind\ttwo\t16\nabort\tone\t4\nabort\ttwo\t2\n");
        let rows = table.unwrap();
        let rows: Vec<_> = rows.lines().collect();
        assert_eq!(rows[0], "| code | one | two |");
        assert!(rows[2].ends_with("`panic = \"unwind\"` | 8 | 16 |"), "{}", rows[2]);
        assert!(rows[3].ends_with("`panic = \"abort\"` | 4 | 2 |"), "{}", rows[3]);
        assert!(super::table("unwind\tone 8").unwrap_err().contains("not the size"));
    }

    #[test]
    fn every_minimal_program_ends_well() {
        SUBJECTS.iter().for_each(|subject| (subject.minimal)());
        assert!(SUBJECTS.last().unwrap().column.is_floor(), "the floor is the last");
    }
}
