//! A program with one event and one wait in it, to be weighed.
//!
//! `cargo xtask bench` builds the program `minimal` for each column of the events, in the profile `small` (size
//! first, the whole program optimised at once), once to unwind and once to abort in a panic, and reads from its
//! sections what the linker has kept. The floor's polls a future that is ready: what is more in the others is the
//! event's, with what it needs of the standard library.

use std::hint::black_box;
use std::pin::pin;
use std::process::exit;
use std::task::{Context, Waker};

use crate::peer::Peer;
use crate::report;
use crate::subjects::{SUBJECTS, Subject};

/// The program of one column. Tells its name, and fails if the task is not woken.
///
/// What runs is chosen while it is compiled: the other columns are not linked.
pub fn main<const SUBJECT: usize>() {
    let (program, name) = const { (SUBJECTS[SUBJECT].minimal, SUBJECTS[SUBJECT].column.name) };
    program();
    println!("{name}");
}

/// How many programs there are.
pub const COUNT: usize = SUBJECTS.len();

/// The floor's: what all have, but for the event.
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

/// What was weighed, in Markdown.
///
/// # Errors
/// The first line that is not what happens in a panic, a name and a number, between tabs.
pub fn table(weights: &str) -> Result<String, String> {
    let mut rows: Vec<(&str, Vec<(&str, u64)>)> = Vec::new();
    for line in weights.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let weight = match fields[..] {
            [panic, name, bytes] => bytes.parse().ok().map(|bytes| (panic, name, bytes)),
            _ => None,
        };
        let (panic, name, bytes) =
            weight.ok_or_else(|| format!("not the weight of a program: {line:?}"))?;
        match rows.iter_mut().find(|(row, _)| *row == panic) {
            Some((_, weights)) => weights.push((name, bytes)),
            None => rows.push((panic, vec![(name, bytes)])),
        }
    }
    let names = rows.first().into_iter().flat_map(|(_, weights)| weights).map(|(name, _)| name);
    let mut table = report::header("code", names);
    for (panic, weights) in &rows {
        let about =
            format!("bytes of code and constants more than the floor's, `panic = \"{panic}\"`");
        report::line(&mut table, &about, weights.iter().map(|(_, bytes)| bytes.to_string()));
    }
    Ok(table)
}

const _: () = {
    let last: &Subject = &SUBJECTS[COUNT - 1];
    assert!(last.column.package.is_none(), "the floor is the last");
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_weighed_is_a_table() {
        let table =
            table("unwind\tone\t8\nunwind\tanother\t16\nabort\tone\t4\nabort\tanother\t2\n");
        let rows = table.unwrap();
        let rows: Vec<_> = rows.lines().collect();
        assert_eq!(rows[0], "| code | one | another |");
        assert!(rows[2].ends_with("`panic = \"unwind\"` | 8 | 16 |"), "{}", rows[2]);
        assert!(rows[3].ends_with("`panic = \"abort\"` | 4 | 2 |"), "{}", rows[3]);
        assert!(super::table("unwind\tone 8").unwrap_err().contains("not the weight"));
    }

    #[test]
    fn every_event_does_what_is_weighed() {
        SUBJECTS.iter().for_each(|subject| (subject.minimal)());
    }
}
