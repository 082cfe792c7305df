//! std's `OnceLock`, which nobody can wait for: the measure for looking.

use std::sync::OnceLock;
use std::time::Duration;

use crate::result::rows;

/// It holds what ours does, a value or an error.
pub(crate) fn get(iterations: u64) -> Duration {
    let lock = OnceLock::<Result<u64, reveille::Cancelled>>::new();
    rows::looks(
        iterations,
        &lock,
        |lock| lock.set(Ok(rows::VALUE)).expect("once"),
        |lock| lock.get()?.as_ref().ok().copied(),
    )
}
