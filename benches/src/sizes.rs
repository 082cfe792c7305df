//! Bytes of each of our types and futures, without what they have on the heap.

use reveille::{
    AsyncResult, Cancelled, Event, FlagStream, FlagWait, FlagWait<Arc<ThreadSafeFlag>>, Link, Link<'static>,
    ResultWait, ResultWaitOwned, ThreadSafeFlag, ValueEvent, ValueWait, ValueWaitOwned, Wait,
    EventWait<Arc<Event>>,
};

use crate::report;

/// In Markdown, a line for each; results and values are of a `u64`.
#[must_use]
pub fn table() -> String {
    let sizes = [
        ("Event", size_of::<Event>()),
        ("Wait", size_of::<EventWait<&Event>>()),
        ("EventWait<Arc<Event>>", size_of::<EventWait<Arc<Event>>>()),
        ("Link", size_of::<Link<'_>>()),
        ("Link<'static>", size_of::<Link<'static>>()),
        ("ThreadSafeFlag", size_of::<ThreadSafeFlag>()),
        ("FlagWait", size_of::<FlagWait<&ThreadSafeFlag>>()),
        ("FlagWait<Arc<ThreadSafeFlag>>", size_of::<FlagWait<Arc<ThreadSafeFlag>>>()),
        ("FlagStream", size_of::<FlagStream<&ThreadSafeFlag>>()),
        ("AsyncResult", size_of::<AsyncResult<u64, Cancelled>>()),
        ("ResultWait", size_of::<ResultWait<&AsyncResult<u64, Cancelled>>>()),
        ("ResultWaitOwned", size_of::<ResultWait<Arc<AsyncResult<u64, Cancelled>>>>()),
        ("ValueEvent", size_of::<ValueEvent<u64, Cancelled>>()),
        ("ValueWait", size_of::<ValueWait<&ValueEvent<u64, Cancelled>>>()),
        ("ValueWaitOwned", size_of::<ValueWait<Arc<ValueEvent<u64, Cancelled>>>>()),
        #[cfg(any(unix, windows))]
        ("WaitableEvent", size_of::<reveille::WaitableEvent>()),
    ];
    let mut table = report::header("all of ours", ["bytes"]);
    for (name, bytes) in sizes {
        report::line(&mut table, &format!("`{name}`"), [bytes.to_string()]);
    }
    table
}
