//! The columns of the tables: ours and its peers.

use std::time::Duration;

use async_lock::OnceCell;
use reveille::{AsyncResult, Cancelled, ValueEvent};
use tokio::sync::SetOnce;

use crate::counted::{self, Count};
use crate::report::Column;
use crate::result::peer::{Peer, Rounds};
use crate::result::peers::{asyncband, embassy_sync, futures, once_lock, tokio as tokio_peers};
use crate::result::rows::{self, Case};

/// One column of the tables.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    pub column: Column,
    /// What all iterations of a case took together, one duration a row; nothing where the case has
    /// no meaning.
    pub run: fn(Case, u64) -> Option<Vec<Duration>>,
    /// Bytes of a result and of a wait.
    pub sizes: fn() -> Option<[usize; 2]>,
    /// Allocations a wait, of the first so many of one result: park, set, resume.
    pub allocations: fn(usize) -> Option<f64>,
    /// Hands each row that one thread can do to whoever counts.
    pub count: fn(Count<'_>),
}

/// Ours first, then the peers by name, then std, which cannot be waited for.
pub static SUBJECTS: [Subject; 8] = [
    Subject::rounds::<AsyncResult<u64, Cancelled>, ValueEvent<u64, Cancelled>>(
        "reveille", "reveille",
    ),
    Subject::peer::<OnceCell<u64>>("async-lock OnceCell", "async-lock"),
    Subject::peer::<asyncband::Completion>("asyncband", "asyncband"),
    Subject::peer::<Box<embassy_sync::Watch>>("embassy-sync Watch", "embassy-sync"),
    Subject::peer::<futures::Oneshot>("futures Shared", "futures"),
    Subject::peer::<SetOnce<u64>>("tokio SetOnce", "tokio"),
    Subject::rounds::<tokio_peers::Watch<Option<u64>>, tokio_peers::Watch<u64>>(
        "tokio watch",
        "tokio",
    ),
    Subject {
        column: Column { name: "std OnceLock", package: None },
        run: |case, iterations| (case == Case::Get).then(|| vec![once_lock::get(iterations)]),
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
            sizes: || Some([P::BYTES, size_of_val(&P::new().0.wait())]),
            allocations: |waiters| Some(rows::allocations::<P>(waiters)),
            count: counted::result::<P>,
        }
    }

    /// `R` answers what is asked of rounds.
    const fn rounds<P: Peer, R: Rounds>(name: &'static str, package: &'static str) -> Self {
        let run = |case, iterations| match case {
            Case::Round(waiters) => Some(vec![rows::rounds::<R>(waiters, iterations)]),
            _ => case.run::<P>(iterations),
        };
        let count = |count: Count<'_>| {
            counted::result::<P>(count);
            counted::rounds::<R>(count);
        };
        Self { run, count, ..Self::peer::<P>(name, package) }
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
