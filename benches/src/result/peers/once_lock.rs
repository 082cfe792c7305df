//! std's `OnceLock`, which has no wait: the floor of reading a value.

use std::sync::OnceLock;

use crate::result::peer::VALUE;
use crate::result::rows::{self, Case};
use crate::rounds::{Took, nanoseconds};

/// It holds a value or an error, as ours does.
pub(crate) fn run(case: Case, iterations: u64) -> Took {
    if case != Case::Get {
        return None;
    }
    let lock = OnceLock::<Result<u64, reveille::Cancelled>>::new();
    let set = |lock: &OnceLock<_>| lock.set(Ok(VALUE)).expect("set once");
    let took = rows::reads(iterations, &lock, set, |lock| lock.get()?.as_ref().ok().copied());
    Some(vec![vec![nanoseconds(took, iterations)]])
}
