//! A program with one event and one wait in it, to be weighed.
//!
//! `cargo xtask bench` builds the program `minimal` once for each column of the events, and reads from its
//! sections what the linker has kept: `opt-level = "s"`, the whole program optimised at once. The floor's does nothing: what is more in the others is the event's, with
//! what it needs of the standard library and nobody else does.

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
/// The first line that is not a name, a tab and a number.
pub fn table(weights: &str) -> Result<String, String> {
    let weight = |line: &str| {
        let (name, bytes) = line.split_once('\t')?;
        Some((name.to_owned(), bytes.parse::<u64>().ok()?))
    };
    let weights = weights
        .lines()
        .map(|line| weight(line).ok_or_else(|| format!("not the weight of a program: {line:?}")))
        .collect::<Result<Vec<_>, _>>()?;
    let mut table = report::header("code", weights.iter().map(|(name, _)| name));
    let about = "bytes more of code and constants than a program that does nothing";
    report::line(&mut table, about, weights.iter().map(|(_, bytes)| bytes.to_string()));
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
        let about = "bytes more of code and constants than a program that does nothing";
        let table = table("one\t8\nanother one\t16\n").unwrap();
        assert_eq!(
            table,
            format!("| code | one | another one |\n|---|---:|---:|\n| {about} | 8 | 16 |\n")
        );
        assert!(super::table("one 8").unwrap_err().contains("not the weight"));
    }

    #[test]
    fn every_event_does_what_is_weighed() {
        SUBJECTS.iter().for_each(|subject| (subject.minimal)());
    }
}
