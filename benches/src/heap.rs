//! The allocator of all columns: the system's, with a count of allocations for each thread.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Counts for each thread by itself, so that counting costs next to nothing.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// Of this thread, since it started.
pub(crate) fn allocations() -> u64 {
    ALLOCATIONS.get()
}

// SAFETY: every method passes its arguments on to the system's allocator unchanged. Counting does
// not allocate: the counter has a constant initial value and no destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(allocations() + 1);
        // SAFETY: the caller keeps `alloc`'s contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps `dealloc`'s contract; `System` allocated it.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.set(allocations() + 1);
        // SAFETY: the caller keeps `realloc`'s contract; `System` allocated it.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;
    use std::thread;

    use super::allocations;

    #[test]
    fn each_thread_counts_its_own_allocations() {
        let before = allocations();
        drop(black_box(Box::new(1)));
        assert_eq!(allocations() - before, 1);
        let there = thread::scope(|threads| {
            let other = threads.spawn(|| {
                let before = allocations();
                (0..100).for_each(|number| drop(black_box(Box::new(number))));
                allocations() - before
            });
            other.join().unwrap()
        });
        assert_eq!(there, 100);
        assert!(allocations() - before < 100);
    }
}
