//! Wakers taken under a lock and woken, or dropped, without it, a bounded number at a time.
//!
//! ```text
//! wake_in_batches(take)
//!    ┌──► take: lock, move up to 128 wakers into the batch, unlock ──► wake them, first to last ─┐
//!    └─────────────────────────────── until `take` says that none is left ◄──────────────────────┘
//! ```
//!
//! A waker runs any code: an executor's, which may lock or allocate, or the caller's, which may come
//! back to the very event that wakes it, or panic; so does its drop. So neither runs under a lock, and
//! the lock is held for a bounded number of waiters at a time: others can park, cancel and set in
//! between.
//!
//! # A waker that panics costs nobody else the wake-up
//! | build   | a first panic                                   | later ones          |
//! |---------|-------------------------------------------------|---------------------|
//! | std     | is kept, goes on once everyone has been woken;  | are forgotten       |
//! |         | ends here if the thread unwinds already         |                     |
//! | no std  | the rest is woken while it unwinds              | abort, as in a drop |
//!
//! # Invariants
//! **Start To End Is Full.** `wakers[start..end]` are initialised, no others are.

use core::mem::MaybeUninit;
use core::task::Waker;

#[cfg(feature = "std")]
use {core::any::Any, core::panic::AssertUnwindSafe, std::panic};

/// Wakers that were taken out of a list and wait to be woken.
pub(crate) struct WakeBatch {
    wakers: [MaybeUninit<Waker>; CAPACITY],
    start: usize,
    end: usize,
}

/// A batch that is being filled: counts for itself, and tells the batch when it is dropped.
pub(crate) struct Filling<'a> {
    batch: &'a mut WakeBatch,
    end: usize,
}

/// Whether `take` left somebody for the next batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Left {
    Some,
    None,
}

struct Drain<F: FnMut(&mut WakeBatch) -> Left, U: Fn(Waker)> {
    take: F,
    spend: U,
    batch: WakeBatch,
    left: Left,
    #[cfg(feature = "std")]
    first_panic: Option<Box<dyn Any + Send>>,
}

/// How many waiters are taken under the lock at a time: whoever wants it meanwhile waits for so many. 128
/// wakers are 2 KiB of stack. 32 are 512 bytes, or 256 on a small machine: in an interrupt there is not much.
/// Miri, which is slow, has as few.
#[cfg(not(all(test, reveille_loom)))]
pub(crate) const CAPACITY: usize =
    if cfg!(all(feature = "std", target_pointer_width = "64", not(miri))) { 128 } else { 32 };
/// Small, so that a model of three waiters sees a second batch.
#[cfg(all(test, reveille_loom))]
pub(crate) const CAPACITY: usize = 2;

/// Wakes all that `take` puts into its batch, and calls it again until it leaves nobody.
///
/// `take` is where the lock is held; it runs nothing foreign. Its batch is empty.
///
/// # Panics
/// With the first panic of a waker, after all the others have been woken.
#[inline]
pub(crate) fn wake_in_batches(take: impl FnMut(&mut WakeBatch) -> Left) {
    spend_in_batches(take, Waker::wake);
}

/// [`wake_in_batches`], but the wakers are dropped, and nobody is woken.
pub(crate) fn drop_in_batches(take: impl FnMut(&mut WakeBatch) -> Left) {
    spend_in_batches(take, drop);
}

#[inline]
fn spend_in_batches(take: impl FnMut(&mut WakeBatch) -> Left, spend: impl Fn(Waker)) {
    let mut drain = Drain {
        take,
        spend,
        batch: WakeBatch::new(),
        left: Left::Some,
        #[cfg(feature = "std")]
        first_panic: None,
    };
    drain.run();
    #[cfg(feature = "std")]
    if let Some(payload) = drain.first_panic.take() {
        resume_or_forget(payload);
    }
}

/// Runs the one, then the other, also if the one panics.
///
/// # Panics
/// With the first panic, after both have run; see [`resume_or_forget`].
#[cfg(feature = "std")]
pub(crate) fn run_both(one: impl FnOnce(), other: impl FnOnce()) {
    let first = panic::catch_unwind(AssertUnwindSafe(one)).err();
    let later = panic::catch_unwind(AssertUnwindSafe(other)).err();
    let (payload, forgotten) = if first.is_some() { (first, later) } else { (later, None) };
    core::mem::forget(forgotten);
    if let Some(payload) = payload {
        resume_or_forget(payload);
    }
}

/// Lets a panic go on, unless this thread unwinds already: then it would abort the process.
#[cfg(feature = "std")]
fn resume_or_forget(payload: Box<dyn Any + Send>) {
    if std::thread::panicking() {
        // The hook has reported it. Its destructor is foreign code, and may panic.
        core::mem::forget(payload);
    } else {
        panic::resume_unwind(payload);
    }
}

/// Runs the one, then the other. If the one panics, the other is dropped while that unwinds, with what
/// it has captured.
#[cfg(not(feature = "std"))]
pub(crate) fn run_both(one: impl FnOnce(), other: impl FnOnce()) {
    one();
    other();
}

// === impl WakeBatch ===

impl WakeBatch {
    const fn new() -> Self {
        Self { wakers: [const { MaybeUninit::uninit() }; CAPACITY], start: 0, end: 0 }
    }

    /// Begins to fill an empty batch.
    #[inline]
    pub(crate) fn fill(&mut self) -> Filling<'_> {
        debug_assert!(
            (self.start, self.end) == (0, 0),
            "Start To End Is Full: of a batch that is not empty"
        );
        Filling { batch: self, end: 0 }
    }

    /// Takes the first waker out. It has left before it is woken, so a panic cannot wake it twice.
    #[inline]
    fn pop(&mut self) -> Option<Waker> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            return None;
        }
        // SAFETY: Start To End Is Full; it leaves that range in the next line.
        let waker = unsafe { self.wakers[self.start].assume_init_read() };
        self.start += 1;
        Some(waker)
    }

    #[inline]
    fn spend(&mut self, spend: impl Fn(Waker)) {
        while let Some(waker) = self.pop() {
            spend(waker);
        }
    }
}

// === impl Filling ===

impl Filling<'_> {
    #[inline]
    pub(crate) const fn len(&self) -> usize {
        self.end
    }

    /// Whether there is room for another waker.
    #[inline]
    pub(crate) const fn has_room(&self) -> bool {
        self.end < CAPACITY
    }

    /// Adds a waker, to be woken after those that are there.
    ///
    /// # Panics
    /// Without room. The caller has asked [`has_room`](Self::has_room).
    #[inline]
    pub(crate) fn push(&mut self, waker: Waker) {
        self.batch.wakers[self.end].write(waker);
        self.end += 1;
    }
}

impl Drop for Filling<'_> {
    #[inline]
    fn drop(&mut self) {
        // Start To End Is Full: `push` has filled them one by one.
        self.batch.end = self.end;
    }
}

// === impl Drain ===

impl<F: FnMut(&mut WakeBatch) -> Left, U: Fn(Waker)> Drain<F, U> {
    fn run(&mut self) {
        loop {
            self.spend();
            if self.left == Left::None {
                return;
            }
            self.left = (self.take)(&mut self.batch);
        }
    }

    #[cfg(feature = "std")]
    fn spend(&mut self) {
        // Unwind safe: a waker leaves the batch before it runs, and a batch is whole at any time.
        let spend = &self.spend;
        while let Err(payload) = panic::catch_unwind(AssertUnwindSafe(|| self.batch.spend(spend))) {
            match self.first_panic {
                None => self.first_panic = Some(payload),
                // A payload's destructor is foreign code too, and may panic.
                Some(_) => core::mem::forget(payload),
            }
        }
    }

    #[cfg(not(feature = "std"))]
    fn spend(&mut self) {
        self.batch.spend(&self.spend);
    }
}

/// Wakes the rest while the first panic unwinds. (With std it does not unwind before the end.)
#[cfg(not(feature = "std"))]
impl<F: FnMut(&mut WakeBatch) -> Left, U: Fn(Waker)> Drop for Drain<F, U> {
    fn drop(&mut self) {
        self.run();
    }
}
