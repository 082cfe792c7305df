//! An allocator that counts what is live, and what is asked of it from signal handlers.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

struct Counting;

#[global_allocator]
static HEAP: Counting = Counting;

/// Bytes.
static LIVE: AtomicUsize = AtomicUsize::new(0);

/// How often a handler has allocated or freed something.
static OFFENCES: AtomicUsize = AtomicUsize::new(0);

std::thread_local! {
    static IN_A_HANDLER: Cell<bool> = const { Cell::new(false) };
}

/// How many bytes are allocated.
pub(crate) fn live() -> usize {
    LIVE.load(Relaxed)
}

/// Runs what a handler does.
pub(crate) fn as_a_handler(handle: impl FnOnce()) {
    IN_A_HANDLER.set(true);
    handle();
    IN_A_HANDLER.set(false);
}

/// How often a handler has allocated or freed something.
pub(crate) fn offences() -> usize {
    OFFENCES.load(Relaxed)
}

fn look() {
    if IN_A_HANDLER.get() {
        OFFENCES.fetch_add(1, Relaxed);
    }
}

// SAFETY: it is the system's, and only counts.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        look();
        LIVE.fetch_add(layout.size(), Relaxed);
        // SAFETY: the caller's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        look();
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's.
        unsafe { System.dealloc(block, layout) };
    }
}
