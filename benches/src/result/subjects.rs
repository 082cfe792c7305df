//! The columns of the tables of results: ours and the peers.

use async_lock::OnceCell;
use reveille::{AsyncResult, Cancelled, ValueEvent};
use tokio::sync::SetOnce;

use crate::compare::Subject;
use crate::counted;
use crate::result::peer::{Peer, Rounds};
use crate::result::peers::{asyncband, embassy_sync, futures, once_lock, tokio as tokio_peers};
use crate::result::rows::{self, Case};
use crate::rounds::nanoseconds;

/// Waiters whose allocations are counted.
const WAITERS: usize = 1_000;

/// Ours first, then the peers by name, then std's, which has no wait.
pub static SUBJECTS: [Subject<Case>; 8] = [
    rounds::<AsyncResult<u64, Cancelled>, ValueEvent<u64, Cancelled>>("reveille", "reveille"),
    peer::<OnceCell<u64>>("async-lock OnceCell", "async-lock"),
    peer::<asyncband::Completion>("asyncband", "asyncband"),
    peer::<Box<embassy_sync::Watch>>("embassy-sync Watch", "embassy-sync"),
    peer::<futures::Oneshot>("futures Shared", "futures"),
    peer::<SetOnce<u64>>("tokio SetOnce", "tokio"),
    rounds::<tokio_peers::Watch<Option<u64>>, tokio_peers::Watch<u64>>("tokio watch", "tokio"),
    Subject::new("std OnceLock", None, once_lock::run),
];

const fn peer<P: Peer>(name: &'static str, package: &'static str) -> Subject<Case> {
    let mut subject = Subject::new(name, Some(package), |case: Case, n| case.run::<P>(n));
    subject.count = counted::result::<P>;
    subject.costs = || {
        let made = rows::allocations::<P>(WAITERS);
        vec![
            ("bytes of a result", P::BYTES.to_string()),
            ("bytes of a wait, in an async block", size_of_val(&P::new().0.wait()).to_string()),
            ("allocations a wait, 1,000 of one result (park, set, resume)", format!("{made:.3}")),
        ]
    };
    subject
}

/// `R` runs the cases of rounds.
const fn rounds<P: Peer, R: Rounds>(name: &'static str, package: &'static str) -> Subject<Case> {
    let mut subject = peer::<P>(name, package);
    subject.run = |case, iterations| match case {
        Case::Round(waiters) => {
            let took = rows::rounds::<R>(waiters, iterations);
            Some(vec![vec![nanoseconds(took, iterations)]])
        }
        _ => case.run::<P>(iterations),
    };
    subject.count = |count| {
        counted::result::<P>(count);
        counted::rounds::<R>(count);
    };
    subject
}
