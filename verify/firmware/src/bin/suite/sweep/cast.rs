//! The waiters, and what they wait for.

use core::pin::Pin;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use core::task::{Context, RawWaker, RawWakerVTable, Waker};

use reveille::{Event, EventWait, FlagWait, ThreadSafeFlag};

/// The number of waiters at most.
pub(crate) const CAST: usize = 3;

static FLAG: ThreadSafeFlag = ThreadSafeFlag::new();
static EVENT: Event = Event::new();

/// How often the waiter of this number was woken, by each of its wakers.
static WAKES: [[AtomicU32; 2]; CAST] = [const { [const { AtomicU32::new(0) }; 2] }; CAST];

/// What a flag and an event have in common here.
pub(crate) trait Signal: Sized + 'static {
    type Wait: Future<Output = ()> + 'static;

    /// Whether a wait that is ready takes the set with it.
    const TAKES: bool;
    /// For messages.
    const NAME: &str;

    fn it() -> &'static Self;
    fn wait(&'static self) -> Self::Wait;
    fn set(&self);
    /// Leaves nothing set.
    fn clear(&self);
    fn is_set(&self) -> bool;
    /// Releases one waiter, or all, and leaves it unset otherwise.
    fn release(&self);
}

/// One waiter, and how often it had been woken by the waker of its last poll when that began.
pub(crate) struct Waiter<'a, S: Signal> {
    /// None: it is gone.
    wait: Pin<&'a mut Option<S::Wait>>,
    number: usize,
    brought: Brings,
    seen: u32,
}

/// Which of its two wakers a waiter brings to a poll.
#[derive(Clone, Copy)]
pub(crate) enum Brings {
    First,
    Second,
}

static VTABLE: RawWakerVTable =
    RawWakerVTable::new(|counter| RawWaker::new(counter, &VTABLE), wake, wake, |_| ());

fn wake(counter: *const ()) {
    // SAFETY: it is of WAKES.
    let counter = unsafe { &*counter.cast::<AtomicU32>() };
    // No exception comes in between that wakes the same: a waker is taken once.
    counter.store(counter.load(Relaxed) + 1, Relaxed);
}

// === impl Waiter ===

impl<'a, S: Signal> Waiter<'a, S> {
    pub(crate) fn new(number: usize, wait: Pin<&'a mut Option<S::Wait>>) -> Self {
        Self { wait, number, brought: Brings::First, seen: WAKES[number][0].load(Relaxed) }
    }

    fn wakes(&self) -> &'static AtomicU32 {
        &WAKES[self.number][self.brought as usize]
    }

    /// Whether it is ready. It stays there, so that it can be dropped at another time.
    pub(crate) fn poll(&mut self, brings: Brings) -> bool {
        self.brought = brings;
        self.seen = self.wakes().load(Relaxed);
        // SAFETY: the functions of the table take the pointer for what it is here, and may be
        // called anywhere.
        let waker = unsafe { Waker::new(core::ptr::from_ref(self.wakes()).cast(), &VTABLE) };
        let wait = self.wait.as_mut().as_pin_mut().expect("it is gone");
        wait.poll(&mut Context::from_waker(&waker)).is_ready()
    }

    pub(crate) fn drop(&mut self) {
        self.wait.set(None);
    }

    /// Whether it is not gone.
    pub(crate) fn waits(&self) -> bool {
        self.wait.is_some()
    }

    /// Whether it waits, and was woken since its last poll began: by the waker of that poll, since
    /// a call of another waker wakes no task.
    pub(crate) fn must_be_polled(&self) -> bool {
        self.waits() && self.wakes().load(Relaxed) != self.seen
    }
}

// === impl Signal ===

impl Signal for ThreadSafeFlag {
    type Wait = FlagWait<&'static ThreadSafeFlag>;

    const TAKES: bool = true;
    const NAME: &str = "flag";

    fn it() -> &'static Self {
        &FLAG
    }

    fn wait(&'static self) -> Self::Wait {
        self.wait()
    }

    fn set(&self) {
        self.set();
    }

    fn clear(&self) {
        self.clear();
    }

    fn is_set(&self) -> bool {
        self.is_set()
    }

    fn release(&self) {
        self.set();
    }
}

impl Signal for Event {
    type Wait = EventWait<&'static Event>;

    const TAKES: bool = false;
    const NAME: &str = "event";

    fn it() -> &'static Self {
        &EVENT
    }

    fn wait(&'static self) -> Self::Wait {
        self.wait()
    }

    fn set(&self) {
        self.set();
    }

    fn clear(&self) {
        self.clear();
    }

    fn is_set(&self) -> bool {
        self.is_set()
    }

    fn release(&self) {
        self.pulse();
    }
}
