//! How often what was done. A run that did not do enough of something proves little, and fails.

use std::fmt;

use super::op::{Call, Kind, Op, Plan};
use super::world::Deeds;

#[derive(Clone, Default)]
pub(crate) struct Tally {
    pub(crate) operations: u64,
    /// Operations in which it happened, in the order of [`DEEDS`].
    deeds: [u64; DEEDS.len()],
    kinds: [u64; 16],
    calls: [u64; 16],
}

/// What is counted, and what share of the operations it must have, in thousandths; the last three
/// only where foreign code misbehaves.
const DEEDS: [(&str, u64); 6] = [
    ("park a wait", 200),
    ("cancel a parked wait", 50),
    ("replace its waker", 10),
    ("meet foreign code that panics or re-enters", 50),
    ("meet foreign code that panics", 10),
    ("meet foreign code that re-enters", 10),
];

/// The least share of a kind of operation, and of a call, in hundred-thousandths.
const LEAST: u64 = 100;

// === impl Tally ===

impl Tally {
    pub(crate) fn count(&mut self, op: &Op, deeds: Deeds) {
        self.operations += 1;
        self.kinds[op.kind() as usize] += 1;
        if let Op::Call { call, .. } = op {
            self.calls[*call as usize] += 1;
        }
        let Deeds { parks, cancels, replaces, panics, reenters } = deeds;
        let done = [parks, cancels, replaces, panics || reenters, panics, reenters];
        for (count, done) in self.deeds.iter_mut().zip(done) {
            *count += u64::from(done);
        }
    }

    /// What there was too little of.
    pub(crate) fn lacks(&self, plan: &Plan) -> Vec<String> {
        let misbehaves = plan.kinds.iter().any(|&(kind, _)| kind == Kind::Arm);
        let asked = if misbehaves { &DEEDS[..] } else { &DEEDS[..3] };
        let mut lacks = Vec::new();
        for (&(name, least), &count) in asked.iter().zip(&self.deeds) {
            if count * 1000 < least * self.operations {
                lacks.push(format!("{count} of {} {name}", self.operations));
            }
        }
        for (name, count) in self.rows(plan) {
            if count * 100_000 < LEAST * self.operations {
                lacks.push(format!("{count} of {} are {name}", self.operations));
            }
        }
        lacks
    }

    /// The operations and calls of a plan.
    fn rows(&self, plan: &Plan) -> Vec<(String, u64)> {
        let kinds = plan.kinds.iter().filter(|&&(kind, _)| kind != Kind::Call);
        let mut rows: Vec<_> =
            kinds.map(|&(kind, _)| (format!("{kind:?}"), self.kinds[kind as usize])).collect();
        let mut calls: Vec<Call> = plan.calls.to_vec();
        calls.sort_unstable_by_key(|&call| call as usize);
        calls.dedup();
        rows.extend(calls.iter().map(|&call| (format!("{call:?}"), self.calls[call as usize])));
        rows
    }

    /// The histogram, in per cent of the operations.
    pub(crate) fn histogram(&self, plan: &Plan) -> impl fmt::Display {
        let share = |count: u64| 100.0 * count as f64 / self.operations.max(1) as f64;
        let mut text = format!("{} operations", self.operations);
        for (&(name, _), &count) in DEEDS.iter().zip(&self.deeds) {
            text += &format!("\n{:6.2} % {name}", share(count));
        }
        for (name, count) in self.rows(plan) {
            text += &format!("\n{:6.2} %   {name}", share(count));
        }
        text
    }
}
