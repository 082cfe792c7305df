//! The columns of the tables of events: ours, the peers, and the floor.

use crate::compare::Subject;
use crate::counted;
use crate::fan_out;
use crate::minimal;
use crate::peer::Peer;
use crate::peers::{async_event, event_listener, events, floor, maitake, tokio};
use crate::rows::Case;

/// Waits of each of the two cycles whose allocations are counted.
const WAITS: usize = 1_000;

/// Ours first, the peers by name, the floor last.
pub static SUBJECTS: [Subject<Case>; 13] = [
    peer::<::reveille::Event>("reveille", "reveille"),
    peer::<async_event::Event>("async-event", "async-event"),
    peer::<::async_lock::OnceCell<()>>("async-lock OnceCell", "async-lock"),
    peer::<::asyncband::event::ManualResetEvent>("asyncband", "asyncband"),
    peer::<event_listener::Event>("event-listener", "event-listener"),
    peer::<events::Event>("events", "events"),
    peer::<::futures_intrusive::sync::ManualResetEvent>("futures-intrusive", "futures-intrusive"),
    peer::<maitake::Event>("maitake-sync WaitQueue", "maitake-sync"),
    peer::<tokio_util::sync::CancellationToken>("CancellationToken", "tokio-util"),
    peer::<tokio::Event>("tokio Notify", "tokio"),
    peer::<::tokio::sync::SetOnce<()>>("tokio SetOnce", "tokio"),
    peer::<::tokio::sync::watch::Sender<bool>>("tokio watch", "tokio"),
    FLOOR,
];

const FLOOR: Subject<Case> = {
    let mut floor = Subject::new("floor", None, floor::run);
    floor.minimal = minimal::nothing;
    floor
};

const fn peer<P: Peer>(name: &'static str, package: &'static str) -> Subject<Case> {
    let mut subject = Subject::new(name, Some(package), |case: Case, n| case.run::<P>(n));
    subject.count = counted::event::<P>;
    subject.minimal = minimal::program::<P>;
    subject.costs = || {
        let [first, next] = fan_out::allocations::<P>(WAITS);
        vec![
            ("bytes of an event", P::EVENT_BYTES.to_string()),
            ("bytes of a wait", size_of_val(&P::new().wait()).to_string()),
            ("allocations a wait, first 1000 (park, set, resume)", format!("{first:.3}")),
            ("allocations a wait, next 1000 (park, set, resume)", format!("{next:.3}")),
        ]
    };
    subject
}
