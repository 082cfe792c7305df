//! Bytes of each of our types and futures, without what they have on the heap.

use reveille::{
    AsyncResult, Cancelled, Event, EventWait, FlagStream, FlagWait, Link, ResultWait,
    ThreadSafeFlag, ValueEvent, ValueWait,
};

use crate::report;

/// In Markdown, a line for each; results and values are of a `u64`, futures have a borrowed handle,
/// which is as large as an `Arc`.
#[must_use]
pub fn table() -> String {
    type Result = AsyncResult<u64, Cancelled>;
    type Value = ValueEvent<u64, Cancelled>;
    let sizes = [
        ("Event", size_of::<Event>()),
        ("EventWait", size_of::<EventWait<&Event>>()),
        ("Link", size_of::<Link<'_>>()),
        ("ThreadSafeFlag", size_of::<ThreadSafeFlag>()),
        ("FlagWait", size_of::<FlagWait<&ThreadSafeFlag>>()),
        ("FlagStream", size_of::<FlagStream<&ThreadSafeFlag>>()),
        ("AsyncResult", size_of::<Result>()),
        ("ResultWait", size_of::<ResultWait<&Result>>()),
        ("ValueEvent", size_of::<Value>()),
        ("ValueWait", size_of::<ValueWait<&Value>>()),
        #[cfg(any(unix, windows))]
        ("WaitableEvent", size_of::<reveille::WaitableEvent>()),
    ];
    let mut table = report::header("all of ours", ["bytes"]);
    for (name, bytes) in sizes {
        report::line(&mut table, &format!("`{name}`"), [bytes.to_string()]);
    }
    table
}
