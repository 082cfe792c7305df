//! The columns of the tables of flags: ours, set in either way, the peers, and the floor of a
//! `set`.

use crate::compare::Subject;
use crate::counted;
use crate::flag::parked;
use crate::flag::peer::Peer;
use crate::flag::peers::{
    async_event, atomic_waker, diatomic_waker, embassy_sync, event_listener, events, maitake,
    reveille,
};
use crate::flag::rows::Case;

/// Waits whose allocations are counted, after a first one.
const WAITS: usize = 1_000;

/// Ours first, then the peers by name, then the floor of a `set`.
pub static SUBJECTS: [Subject<Case>; 12] = [
    peer::<reveille::Direct>("set_direct", "reveille"),
    peer::<::reveille::ThreadSafeFlag>("set", "reveille"),
    peer::<async_event::Flag>("async-event", "async-event"),
    peer::<::asyncband::event::AutoResetEvent>("asyncband", "asyncband"),
    peer::<atomic_waker::Flag>("atomic-waker", "atomic-waker"),
    peer::<diatomic_waker::Flag>("diatomic-waker", "diatomic-waker"),
    peer::<embassy_sync::Signal>("embassy-sync Signal", "embassy-sync"),
    peer::<event_listener::Flag>("event-listener", "event-listener"),
    peer::<events::Flag>("events", "events"),
    peer::<maitake::Flag>("maitake-sync WaitCell", "maitake-sync"),
    peer::<::tokio::sync::Notify>("tokio Notify", "tokio"),
    Subject::new("AtomicWaker::wake alone", None, atomic_waker::wake_alone),
];

const fn peer<P: Peer>(name: &'static str, package: &'static str) -> Subject<Case> {
    let mut subject = Subject::new(name, Some(package), |case: Case, n| case.run::<P>(n));
    subject.count = counted::flag::<P>;
    subject.costs = || {
        let [first, next] = parked::allocations::<P>(WAITS);
        vec![
            ("bytes of a flag", P::BYTES.to_string()),
            ("bytes of a wait", size_of_val(&P::new().wait()).to_string()),
            ("allocations of a flag's first wait (park, set, resume)", format!("{first:.3}")),
            (
                "allocations of a flag's wait of the next 1,000 (park, set, resume)",
                format!("{next:.3}"),
            ),
        ]
    };
    subject
}
