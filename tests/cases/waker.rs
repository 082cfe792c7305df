//! A waker that counts, in a `static`: no allocation.

use core::sync::atomic::Ordering::SeqCst;
use core::task::{RawWaker, RawWakerVTable, Waker};

#[cfg(target_has_atomic = "ptr")]
use core::sync::atomic::AtomicUsize;
#[cfg(not(target_has_atomic = "ptr"))]
use portable_atomic::AtomicUsize;

/// What was done to the wakers made of it.
pub(crate) struct Counter {
    wakes: AtomicUsize,
    turn: AtomicUsize,
    clones: AtomicUsize,
    live: AtomicUsize,
}

/// Numbers all wakes of the program, so that a case can compare the order of two.
static TURNS: AtomicUsize = AtomicUsize::new(1);

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

impl Counter {
    pub(crate) const fn new() -> Self {
        Self {
            wakes: AtomicUsize::new(0),
            turn: AtomicUsize::new(0),
            clones: AtomicUsize::new(0),
            live: AtomicUsize::new(0),
        }
    }

    pub(crate) fn waker(&'static self) -> Waker {
        self.live.fetch_add(1, SeqCst);
        // SAFETY: the vtable takes the pointer for what it is here, a `&'static Counter`, and a
        // `Counter` is made of atomics.
        unsafe { Waker::from_raw(raw(self)) }
    }

    /// How often it was woken.
    pub(crate) fn wakes(&self) -> usize {
        self.wakes.load(SeqCst)
    }

    /// The number of its last wake among all wakes of the program.
    pub(crate) fn turn(&self) -> usize {
        self.turn.load(SeqCst)
    }

    /// How often a waker was cloned.
    pub(crate) fn clones(&self) -> usize {
        self.clones.load(SeqCst)
    }

    /// How many wakers there are at the moment.
    pub(crate) fn live(&self) -> usize {
        self.live.load(SeqCst)
    }
}

fn raw(counter: &'static Counter) -> RawWaker {
    RawWaker::new(core::ptr::from_ref(counter).cast(), &VTABLE)
}

/// # Safety
/// `data` is of `raw`.
unsafe fn counter(data: *const ()) -> &'static Counter {
    // SAFETY: it was a `&'static Counter`.
    unsafe { &*data.cast() }
}

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: a vtable function gets the data of `raw`.
    let counter = unsafe { counter(data) };
    counter.clones.fetch_add(1, SeqCst);
    counter.live.fetch_add(1, SeqCst);
    raw(counter)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: as the caller's.
    unsafe { wake_by_ref(data) };
    // SAFETY: as the caller's.
    unsafe { drop_waker(data) };
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: a vtable function gets the data of `raw`.
    let counter = unsafe { counter(data) };
    counter.wakes.fetch_add(1, SeqCst);
    counter.turn.store(TURNS.fetch_add(1, SeqCst), SeqCst);
}

unsafe fn drop_waker(data: *const ()) {
    // SAFETY: a vtable function gets the data of `raw`.
    unsafe { counter(data) }.live.fetch_sub(1, SeqCst);
}
