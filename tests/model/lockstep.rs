//! Two worlds, the same operations, and whether the same happens.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::op::{Op, Plan};
use super::subject::Subject;
use super::tally::Tally;
use super::trace::Entry;
use super::world::World;

/// A subject, and what it is measured by.
pub(crate) struct Lockstep<A: Subject, B: Subject> {
    subject: Arc<World<A>>,
    model: Arc<World<B>>,
    traces: [Vec<Entry>; 2],
    view: View,
}

/// What must be the same.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    Everything,
    /// Not when foreign code is called: the other has ways of its own.
    Answers,
}

/// The first operation of which something else came.
pub(crate) struct Divergence {
    operations: Vec<Op>,
    traces: [Vec<Entry>; 2],
    live: [usize; 2],
}

/// Carries out all words, step by step, and then lets everyone go. `at` says where it is.
pub(crate) fn run<A: Subject, B: Subject>(
    words: &[u64],
    view: View,
    at: &AtomicUsize,
    tally: &mut Tally,
) -> Result<(), Divergence> {
    let mut lockstep = Lockstep::<A, B>::new(view);
    for (number, &word) in words.iter().enumerate() {
        // ORDERING: Relaxed. A look from outside, if it hangs.
        at.store(number, Relaxed);
        let op = Op::decode(word, A::PLAN);
        if !lockstep.step(&op, Some(&mut *tally)) {
            return Err(lockstep.divergence(&words[..=number], None));
        }
    }
    for op in Op::farewell() {
        if !lockstep.step(&op, None) {
            return Err(lockstep.divergence(words, Some(op)));
        }
    }
    if lockstep.live() == [0, 0] { Ok(()) } else { Err(lockstep.divergence(words, None)) }
}

/// [`run`], for those who fail by a panic.
pub(crate) fn must_not_diverge<A: Subject, B: Subject>(words: &[u64], view: View) {
    let run = run::<A, B>(words, view, &AtomicUsize::new(0), &mut Tally::default());
    run.unwrap_or_else(|divergence| panic!("{divergence}"));
}

/// The operations that these words are.
pub(crate) fn decoded(words: &[u64], plan: &'static Plan) -> impl Iterator<Item = Op> {
    words.iter().map(move |&word| Op::decode(word, plan))
}

// === impl Lockstep ===

impl<A: Subject, B: Subject> Lockstep<A, B> {
    fn new(view: View) -> Self {
        Self { subject: World::new(), model: World::new(), traces: Default::default(), view }
    }

    fn step(&mut self, op: &Op, tally: Option<&mut Tally>) -> bool {
        self.subject.perform(op);
        self.model.perform(op);
        let [of_subject, of_model] = &mut self.traces;
        self.subject.take_trace(of_subject);
        let deeds = self.model.take_trace(of_model);
        if let Some(tally) = tally {
            tally.count(op, deeds);
        }
        if self.view == View::Answers {
            for trace in &mut self.traces {
                trace.retain(|entry| !matches!(entry, Entry::Met(..)));
            }
        }
        self.traces[0] == self.traces[1]
    }

    fn live(&self) -> [usize; 2] {
        [self.subject.live(), self.model.live()]
    }

    fn divergence(self, words: &[u64], farewell: Option<Op>) -> Divergence {
        let live = self.live();
        let operations = decoded(words, A::PLAN).chain(farewell).collect();
        // What is in there has gone wrong: nobody touches it again.
        std::mem::forget((self.subject, self.model));
        Divergence { operations, traces: self.traces, live }
    }
}

// === impl Divergence ===

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the last of these was not the same on both sides:")?;
        for op in &self.operations {
            writeln!(f, "  {op:?}")?;
        }
        for (name, trace) in ["subject", "model"].iter().zip(&self.traces) {
            writeln!(f, "{name}:")?;
            for entry in trace {
                writeln!(f, "  {entry:?}")?;
            }
        }
        write!(f, "left over, of foreign code: {:?}", self.live)
    }
}
