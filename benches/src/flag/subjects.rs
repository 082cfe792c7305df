//! The columns of the tables: our flag, set in either way, and its peers.

use crate::counted::{self, Count};
use crate::flag::parked;
use crate::flag::peer::Peer;
use crate::flag::peers::{
    async_event, atomic_waker, diatomic_waker, embassy_sync, event_listener, events, maitake,
    reveille,
};
use crate::flag::rows::Case;
use crate::report::Column;

/// One column of the tables.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    pub column: Column,
    /// Nanoseconds of one iteration: samples from one run of a case, none where it has no meaning.
    pub run: fn(Case, u64) -> Vec<f64>,
    /// Bytes of a flag and of a wait.
    pub sizes: fn() -> Option<[usize; 2]>,
    /// Allocations of a flag's first wait, and of one of so many next ones: park, set, resume.
    pub allocations: fn(usize) -> Option<[f64; 2]>,
    /// Hands each row that one thread can do to whoever counts.
    pub count: fn(Count<'_>),
}

/// Ours first, then the peers by name, then the floor of a set.
pub static SUBJECTS: [Subject; 12] = [
    Subject::peer::<reveille::Direct>("set_direct", "reveille"),
    Subject::peer::<::reveille::ThreadSafeFlag>("set", "reveille"),
    Subject::peer::<async_event::Flag>("async-event", "async-event"),
    Subject::peer::<::asyncband::event::AutoResetEvent>("asyncband", "asyncband"),
    Subject::peer::<atomic_waker::Flag>("atomic-waker", "atomic-waker"),
    Subject::peer::<diatomic_waker::Flag>("diatomic-waker", "diatomic-waker"),
    Subject::peer::<embassy_sync::Signal>("embassy-sync Signal", "embassy-sync"),
    Subject::peer::<event_listener::Flag>("event-listener", "event-listener"),
    Subject::peer::<events::Flag>("events", "events"),
    Subject::peer::<maitake::Flag>("maitake-sync WaitCell", "maitake-sync"),
    Subject::peer::<::tokio::sync::Notify>("tokio Notify", "tokio"),
    Subject {
        column: Column { name: "AtomicWaker::wake alone", package: None },
        run: atomic_waker::wake_alone,
        sizes: || None,
        allocations: |_| None,
        count: |_| (),
    },
];

// === impl Subject ===

impl Subject {
    const fn peer<P: Peer>(name: &'static str, package: &'static str) -> Self {
        Self {
            column: Column { name, package: Some(package) },
            run: |case, iterations| case.run::<P>(iterations),
            sizes: || Some([P::BYTES, size_of_val(&P::new().wait())]),
            allocations: |waits| Some(parked::allocations::<P>(waits)),
            count: counted::flag::<P>,
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
