//! The columns of the table: ours, and other ways to wake a blocked thread.

use rsevents::AutoResetEvent;

use crate::blocking::peer::Peer;
use crate::blocking::peers::{Direct, Listened, Std};
use crate::blocking::rows::Case;
use crate::compare::Subject;

/// Ours first, then the peers by name. std has no version of its own.
pub static SUBJECTS: [Subject<Case>; 6] = [
    peer::<reveille::Event>("Event", "reveille"),
    peer::<Direct>("set_direct", "reveille"),
    peer::<reveille::ThreadSafeFlag>("set", "reveille"),
    peer::<Listened>("event-listener", "event-listener"),
    peer::<AutoResetEvent>("rsevents", "rsevents"),
    peer::<Std>("std Condvar", "std"),
];

const fn peer<P: Peer>(name: &'static str, package: &'static str) -> Subject<Case> {
    Subject::new(name, Some(package), |case: Case, n| case.run::<P>(n))
}
