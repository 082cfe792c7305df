//! The courier: the thread that wakes tasks on behalf of signal handlers.
//!
//! A waker runs an executor's code, which may lock or allocate: in a signal handler that is a
//! potential deadlock. So a handler only pushes a slot onto a stack, and a thread that may lock and
//! allocate takes the slot from there and wakes the waiter.
//!
//! | file             | contents                                                                    |
//! |------------------|-----------------------------------------------------------------------------|
//! | `system.rs`      | what a loom model replaces: the thread, its signal mask, its descriptor     |
//! | `slot.rs`        | a flag's slot, and the stack of slots whose flags were set                  |
//! | `station.rs`     | everything that belongs to the courier of one process                       |
//! | `waiter_slot.rs` | the side of the flag: where it keeps its waiters, and how it has one woken  |
//!
//! # How a `set` reaches a waiter
//! ```text
//! set(), anywhere                       the courier, one thread per process
//! 1 flag word: SET                      1 read(2): sleep until the descriptor is set,
//!   WAITERS? no: done                     and drain it
//! 2 slot.queued: swap 1                 2 take the stack
//!   was 1? done                         3 for each slot: queued: swap 0
//! 3 push the slot                       4   lock: take the head's waker; unlock
//! 4 write(2)                            5   wake it
//! ```
//!
//! # Why no wake-up is lost
//! - *Push, then write; drain, then take.* If the courier misses a push when it takes the stack
//!   (2), the push comes after that, and so its write comes after the drain (1): the courier runs
//!   another round. The fences around the write and the read order both pairs (see
//!   [`kernel_fences`](crate::raw::kernel_fences)). No model fails without them: loom has a
//!   read-modify-write, as the push and the swap are, always read the latest value.
//! - *Queued, then look.* A setter that finds `queued` 1 leaves the slot to the courier. The
//!   courier looks for a waiter (4) after it has made `queued` 0 (3). See [`slot`].
//! - *The waiter is there.* A setter continues only if it reads WAITERS. The wait that wrote
//!   WAITERS held the list's lock until the waiter was linked, and the courier takes that lock
//!   later.
//!
//! A setter that a handler interrupts between 1 and 4 continues when the handler has returned.
//! Until then a `set` of the same flag in the handler relies on it: it finds SET, or `queued`, and
//! returns.
//!
//! # Why a recycled slot is harmless
//! A slot may be in the stack when its flag is dropped, and another flag may get it. The courier
//! then finds an empty list, or wakes the head of the other flag. That head finds no set, and parks
//! again in its place.
//!
//! # A slot's life
//! | state          | `queued` | its list   | next state     | changed by                                |
//! |----------------|:--------:|------------|----------------|-------------------------------------------|
//! | pooled         |    0     | empty      | owned          | the first park of a flag                  |
//! | owned          |    0     | its flag's | owned, queued  | a `set` that reads WAITERS                |
//! |                |          |            | pooled         | the drop of its flag                      |
//! | owned, queued  |    1     | its flag's | owned          | the courier, before it looks for the head |
//! |                |          |            | pooled, queued | the drop of its flag                      |
//! | pooled, queued |    1     | empty      | pooled         | the courier, which finds no waiter        |
//! |                |          |            | owned, queued  | the first park of another flag            |
//!
//! # Which code may touch which memory
//! | memory                             | handler | courier | waits, `set_direct` |
//! |------------------------------------|:-------:|:-------:|:-------------------:|
//! | flag word                          |    ×    |    –    |          ×          |
//! | `queued`, link, top of the stack   |    ×    |    ×    |          –          |
//! | descriptor                         |  write  |  read   |          –          |
//! | wait list                          |    –    | locked  |       locked        |
//! | pool of slots, start of the thread |    –    |    –    |       locked        |
//!
//! # fork
//! A child has the parent's memory, but not its courier. Everything that belongs to a courier is
//! therefore kept together, as a [`Station`](station::Station), with the process that created it. A
//! child creates a station of its own and leaves the parent's alone, including its locks. A slot
//! refers to its station: a `set` does nothing with a slot whose station is another process's.

pub(crate) mod slot;
pub(crate) mod station;
mod waiter_slot;

#[cfg(not(reveille_loom))]
mod system;
#[cfg(reveille_loom)]
use crate::tests::mocks as system;

use std::io;

pub(crate) use self::waiter_slot::WaiterSlot;

/// Starts the courier of this process, unless it runs already.
///
/// # Errors
/// The system's, if there is no descriptor or no thread left. The next attempt tries again.
pub(crate) fn start() -> io::Result<()> {
    station::Station::started().map(|_| ())
}
