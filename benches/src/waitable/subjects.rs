//! The columns of the tables: our event in three pollers, in mio also without its `clear`, what two of these have of their own, and the
//! floor.

use crate::counted::{self, Count};
use crate::report::Column;
use crate::waitable::peer::Peer;
use crate::waitable::peers::{eventfd, mio, polling, reveille};
use crate::waitable::rows::Case;

/// One column of the tables.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    pub column: Column,
    /// Nanoseconds of one iteration: samples from one run of a case; none where it has no meaning.
    pub run: fn(Case, u64) -> Option<Vec<f64>>,
    /// Hands each row that one thread can do to whoever counts.
    pub count: fn(Count<'_>),
}

/// Ours first, then the peers by name.
pub static SUBJECTS: [Subject; 7] = [
    Subject::new::<reveille::InPoll>("in poll(2)", Some("reveille")),
    Subject::new::<reveille::InMio>("in mio", Some("reveille")),
    Subject::new::<reveille::InMioLeftSet>("in mio, not cleared", Some("reveille")),
    Subject::new::<reveille::InPolling>("in polling", Some("reveille")),
    Subject::new::<mio::Loop>("mio::Waker", Some("mio")),
    Subject::new::<polling::Loop>("Poller::notify", Some("polling")),
    Subject::new::<eventfd::Floor>("raw eventfd in poll(2)", None),
];

// === impl Subject ===

impl Subject {
    const fn new<P: Peer>(name: &'static str, package: Option<&'static str>) -> Self {
        Self {
            column: Column { name, package },
            run: |case, iterations| case.run::<P>(iterations),
            count: counted::waitable::<P>,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SUBJECTS;
    use crate::report::version;

    #[test]
    fn every_package_has_a_version() {
        for package in SUBJECTS.iter().filter_map(|subject| subject.column.package) {
            assert!(version(package).is_some(), "{package}");
        }
    }
}
