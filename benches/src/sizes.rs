//! Bytes of each of our types and futures, without what they have on the heap.

use reveille::{
    AsyncResult, Cancelled, Event, FlagStream, FlagWait, FlagWaitOwned, Link, LinkOwned,
    ResultWait, ResultWaitOwned, ThreadSafeFlag, ValueEvent, ValueWait, ValueWaitOwned, Wait,
    WaitOwned,
};

use crate::report;

/// In Markdown, a line for each; results and values are of a `u64`.
#[must_use]
pub fn table() -> String {
    let sizes = [
        ("Event", size_of::<Event>()),
        ("Wait", size_of::<Wait<'_>>()),
        ("WaitOwned", size_of::<WaitOwned>()),
        ("Link", size_of::<Link<'_>>()),
        ("LinkOwned", size_of::<LinkOwned>()),
        ("ThreadSafeFlag", size_of::<ThreadSafeFlag>()),
        ("FlagWait", size_of::<FlagWait<'_>>()),
        ("FlagWaitOwned", size_of::<FlagWaitOwned>()),
        ("FlagStream", size_of::<FlagStream<'_>>()),
        ("AsyncResult", size_of::<AsyncResult<u64, Cancelled>>()),
        ("ResultWait", size_of::<ResultWait<'_, u64, Cancelled>>()),
        ("ResultWaitOwned", size_of::<ResultWaitOwned<u64, Cancelled>>()),
        ("ValueEvent", size_of::<ValueEvent<u64, Cancelled>>()),
        ("ValueWait", size_of::<ValueWait<'_, u64, Cancelled>>()),
        ("ValueWaitOwned", size_of::<ValueWaitOwned<u64, Cancelled>>()),
        #[cfg(any(unix, windows))]
        ("WaitableEvent", size_of::<reveille::WaitableEvent>()),
    ];
    let mut table = report::header("all of ours", ["bytes"]);
    for (name, bytes) in sizes {
        report::line(&mut table, &format!("`{name}`"), [bytes.to_string()]);
    }
    table
}
