//! The columns of the tables of waitable events: ours in three pollers, in mio also without its
//! `clear`, the wakers of two of these pollers, and the floor.

use crate::compare::Subject;
use crate::counted;
use crate::waitable::peer::Peer;
use crate::waitable::peers::{eventfd, mio, polling, reveille};
use crate::waitable::rows::Case;

/// Ours first, then the peers by name.
pub static SUBJECTS: [Subject<Case>; 7] = [
    peer::<reveille::InPoll>("in poll(2)", Some("reveille")),
    peer::<reveille::InMio<true>>("in mio", Some("reveille")),
    peer::<reveille::InMio<false>>("in mio, not cleared", Some("reveille")),
    peer::<reveille::InPolling>("in polling", Some("reveille")),
    peer::<mio::Loop>("mio::Waker", Some("mio")),
    peer::<polling::Loop>("Poller::notify", Some("polling")),
    peer::<eventfd::Floor>("raw eventfd in poll(2)", None),
];

const fn peer<P: Peer>(name: &'static str, package: Option<&'static str>) -> Subject<Case> {
    let mut subject = Subject::new(name, package, |case: Case, n| case.run::<P>(n));
    subject.count = counted::waitable::<P>;
    subject
}
