//! What every peer must offer, and the list of them.

mod asyncband;
mod event_listener;
mod events;
mod floor;
mod futures_intrusive;
mod reveille;
mod tokio;

use std::time::Duration;

use crate::fan_out;
use crate::rows::Case;

/// A manual-reset event: a flag that tasks wait for, and that stays set until cleared.
pub trait Peer: Send + Sync + Sized + 'static {
    /// Bytes of what a user puts into a struct of his own to have one event.
    const EVENT_BYTES: usize;
    fn new() -> Self;
    fn is_set(&self) -> bool;
    fn set(&self);
    fn clear(&self);
    /// Unboxed, and to be spawned: an executor may move its task between threads.
    fn wait(&self) -> impl Future<Output = ()> + Send;
}

/// One column of the tables.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// What heads the column.
    pub name: &'static str,
    /// The package it comes from; none for the floor.
    pub package: Option<&'static str>,
    /// What one run of a case took, one duration a row; none where the case has no meaning.
    pub run: fn(Case, u64) -> Option<Vec<Duration>>,
    /// Bytes of an event and of a wait.
    pub sizes: fn() -> Option<[usize; 2]>,
    /// Reads `counter` around a cycle of so many waiters on a new event, and around a second one.
    pub growth: fn(usize, &dyn Fn() -> u64) -> Option<[u64; 2]>,
}

/// Ours first, the peers by name, the floor last.
pub static SUBJECTS: [Subject; 7] = [
    Subject::peer::<::reveille::Event>("reveille", "reveille"),
    Subject::peer::<::asyncband::event::ManualResetEvent>("asyncband", "asyncband"),
    Subject::peer::<event_listener::Event>("event-listener", "event-listener"),
    Subject::peer::<events::Event>("events", "events"),
    Subject::peer::<::futures_intrusive::sync::ManualResetEvent>(
        "futures-intrusive",
        "futures-intrusive",
    ),
    Subject::peer::<tokio::Event>("tokio Notify", "tokio"),
    floor::SUBJECT,
];

// === impl Subject ===

impl Subject {
    const fn peer<P: Peer>(name: &'static str, package: &'static str) -> Self {
        Self {
            name,
            package: Some(package),
            run: |case, iterations| Some(case.run::<P>(iterations)),
            sizes: || Some([P::EVENT_BYTES, size_of_val(&P::new().wait())]),
            growth: |waiters, counter| Some(fan_out::growth::<P>(waiters, counter)),
        }
    }

    #[must_use]
    pub fn is_floor(&self) -> bool {
        self.package.is_none()
    }
}
