//! The columns of the tables: our event, its peers, and the floor.

use std::time::Duration;

use crate::counted::{self, Count};
use crate::fan_out;
use crate::minimal;
use crate::peer::Peer;
use crate::peers::{async_event, event_listener, events, floor, maitake, tokio};
use crate::report::Column;
use crate::rows::Case;

/// One column of the tables.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    pub column: Column,
    /// What one run of a case took, one duration a row; none where the case has no meaning.
    pub run: fn(Case, u64) -> Option<Vec<Duration>>,
    /// Bytes of an event and of a wait.
    pub sizes: fn() -> Option<[usize; 2]>,
    /// Reads `counter` around a cycle of so many waiters on a new event, and around a second one.
    pub growth: fn(usize, &dyn Fn() -> u64) -> Option<[u64; 2]>,
    /// Uses one event once.
    pub minimal: fn(),
    /// Hands each row that one thread can do to whoever counts.
    pub count: fn(Count<'_>),
}

/// Ours first, the peers by name, the floor last.
pub static SUBJECTS: [Subject; 13] = [
    Subject::peer::<::reveille::Event>("reveille", "reveille"),
    Subject::peer::<async_event::Event>("async-event", "async-event"),
    Subject::peer::<::async_lock::OnceCell<()>>("async-lock OnceCell", "async-lock"),
    Subject::peer::<::asyncband::event::ManualResetEvent>("asyncband", "asyncband"),
    Subject::peer::<event_listener::Event>("event-listener", "event-listener"),
    Subject::peer::<events::Event>("events", "events"),
    Subject::peer::<::futures_intrusive::sync::ManualResetEvent>(
        "futures-intrusive",
        "futures-intrusive",
    ),
    Subject::peer::<maitake::Event>("maitake-sync WaitQueue", "maitake-sync"),
    Subject::peer::<tokio_util::sync::CancellationToken>("CancellationToken", "tokio-util"),
    Subject::peer::<tokio::Event>("tokio Notify", "tokio"),
    Subject::peer::<::tokio::sync::SetOnce<()>>("tokio SetOnce", "tokio"),
    Subject::peer::<::tokio::sync::watch::Sender<bool>>("tokio watch", "tokio"),
    FLOOR,
];

const FLOOR: Subject = Subject {
    column: Column { name: FLOOR_NAME, package: None },
    run: floor::run,
    sizes: || None,
    growth: |_, _| None,
    minimal: minimal::nothing,
    count: |_| (),
};

/// The floor's column.
pub const FLOOR_NAME: &str = "floor";

// === impl Subject ===

impl Subject {
    const fn peer<P: Peer>(name: &'static str, package: &'static str) -> Self {
        Self {
            column: Column { name, package: Some(package) },
            run: |case, iterations| case.run::<P>(iterations),
            sizes: || Some([P::EVENT_BYTES, size_of_val(&P::new().wait())]),
            growth: |waiters, counter| Some(fan_out::growth::<P>(waiters, counter)),
            minimal: minimal::program::<P>,
            count: counted::event::<P>,
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
