//! The columns of the table: ours, and what else wakes a thread that blocks.

use rsevents::AutoResetEvent;

use crate::blocking::peer::Peer;
use crate::blocking::peers::{Direct, Listened, Std};
use crate::blocking::rows::Case;
use crate::report::Column;

/// One column of the table.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    pub column: Column,
    /// Nanoseconds of one iteration: samples from one run of a case.
    pub run: fn(Case, u64) -> Vec<f64>,
}

/// Ours first, then the peers by name. std has no version of its own.
pub static SUBJECTS: [Subject; 6] = [
    Subject::new::<reveille::Event>("Event", "reveille"),
    Subject::new::<Direct>("set_direct", "reveille"),
    Subject::new::<reveille::ThreadSafeFlag>("set", "reveille"),
    Subject::new::<Listened>("event-listener", "event-listener"),
    Subject::new::<AutoResetEvent>("rsevents", "rsevents"),
    Subject::new::<Std>("std Condvar", "std"),
];

// === impl Subject ===

impl Subject {
    const fn new<P: Peer>(name: &'static str, package: &'static str) -> Self {
        let column = Column { name, package: Some(package) };
        Self { column, run: |case, iterations| case.run::<P>(iterations) }
    }
}
