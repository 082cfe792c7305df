//! The cast: all the foreign code that a subject meets. Each member notes what it is asked to do, and
//! does what it was armed with.
//!
//! | numbers        | who                 | on `Clone` | on `Act`   | on `Drop`  |
//! |----------------|---------------------|------------|------------|------------|
//! | [`TASKS`]      | the waker of a task | is cloned  | is woken   | is dropped |
//! | [`CALLBACKS`]  | of a link           |            | is run     | is dropped |
//! | [`VALUES`]     | or errors           | is cloned  |            | is dropped |
//! | [`ERRANDS`]    | futures to resolve  |            | is polled  | is dropped |
//!
//! A waker that is woken by value does not drop: it is gone.
//!
//! # Invariants
//! **A Waker Holds A Count.** The pointer of a waker is an `Arc<Part>`, and each waker, but for one
//! that is lent by [`lend`], holds one of its counts.

use std::fmt;
use std::mem::ManuallyDrop;
use std::ops::Range;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

use reveille::Cancelled;

use super::trace::{Actor, Occasion, Outcome};

pub(crate) const TASKS: Range<Actor> = 0..6;
pub(crate) const CALLBACKS: Range<Actor> = 6..12;
pub(crate) const VALUES: Range<Actor> = 12..16;
pub(crate) const ERRANDS: Range<Actor> = 16..18;

/// The label of the error that nobody sent.
pub(crate) const CANCELLED: Actor = Actor::MAX;

/// Where the cast plays: a world.
pub(crate) trait Stage: Send + Sync {
    /// Notes it, and carries out what `actor` was armed with.
    fn meet(&self, actor: Actor, occasion: Occasion);
    fn told(&self, outcome: Outcome);
}

/// A member of the cast.
#[derive(Clone)]
pub(crate) struct Part {
    actor: Actor,
    stage: Weak<dyn Stage>,
}

/// A callback of a link.
pub(crate) struct Callback(Part);

/// A value that is sent.
pub(crate) struct Value(Part);

/// An error: one that is sent, or what is made of `Cancelled`.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    Sent(Value),
    Cancelled,
}

/// A future that ends, after some polls, with a value or an error.
pub(crate) struct Errand {
    part: Part,
    polls_left: u8,
    outcome: Option<Result<Value, Fault>>,
}

/// What a panicking member of the cast throws.
pub(crate) struct Thrown(pub(crate) Actor);

// === impl Part ===

impl Part {
    pub(crate) fn new(actor: Actor, stage: Weak<dyn Stage>) -> Self {
        Self { actor, stage }
    }

    fn meet(&self, occasion: Occasion) {
        if let Some(stage) = self.stage.upgrade() {
            stage.meet(self.actor, occasion);
        }
    }
}

// === wakers ===

/// A waker of this task, for as long as the task is borrowed.
pub(crate) fn lend(task: &Arc<Part>) -> ManuallyDrop<Waker> {
    // SAFETY: it is lent: it is never dropped or woken by value, and a clone takes a count.
    ManuallyDrop::new(unsafe { Waker::from_raw(RawWaker::new(Arc::as_ptr(task).cast(), &VTABLE)) })
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(
    |data| {
        part(data).meet(Occasion::Clone);
        // SAFETY: A Waker Holds A Count: this is the clone's.
        unsafe { Arc::increment_strong_count(data.cast::<Part>()) };
        RawWaker::new(data, &VTABLE)
    },
    |data| own(data).meet(Occasion::Act),
    |data| part(data).meet(Occasion::Act),
    |data| own(data).meet(Occasion::Drop),
);

fn part<'a>(data: *const ()) -> &'a Part {
    // SAFETY: A Waker Holds A Count, or is lent by somebody who does; it lives during the call.
    unsafe { &*data.cast::<Part>() }
}

fn own(data: *const ()) -> Arc<Part> {
    // SAFETY: A Waker Holds A Count, and the caller consumes it.
    unsafe { Arc::from_raw(data.cast::<Part>()) }
}

// === impl Callback ===

impl Callback {
    pub(crate) fn new(part: Part) -> Self {
        Self(part)
    }

    pub(crate) fn run(self) {
        self.0.meet(Occasion::Act);
    }

    pub(crate) fn tell(self, outcome: Outcome) {
        if let Some(stage) = self.0.stage.upgrade() {
            stage.told(outcome);
        }
        self.run();
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        self.0.meet(Occasion::Drop);
    }
}

// === impl Value ===

impl Value {
    pub(crate) fn new(part: Part) -> Self {
        Self(part)
    }

    pub(crate) fn label(&self) -> u8 {
        self.0.actor
    }
}

impl Clone for Value {
    fn clone(&self) -> Self {
        self.0.meet(Occasion::Clone);
        Self(self.0.clone())
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.0.meet(Occasion::Drop);
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.label().fmt(f)
    }
}

// === impl Fault ===

impl Fault {
    pub(crate) fn label(&self) -> u8 {
        match self {
            Self::Sent(value) => value.label(),
            Self::Cancelled => CANCELLED,
        }
    }
}

impl From<Cancelled> for Fault {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// What an outcome says of itself.
pub(crate) fn label(outcome: Result<&Value, &Fault>) -> Outcome {
    outcome.map(Value::label).map_err(Fault::label)
}

// === impl Errand ===

impl Errand {
    pub(crate) fn new(part: Part, polls_left: u8, outcome: Result<Value, Fault>) -> Self {
        Self { part, polls_left, outcome: Some(outcome) }
    }
}

impl Future for Errand {
    type Output = Result<Value, Fault>;

    /// It wakes nobody: a world polls without being asked.
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        self.part.meet(Occasion::Act);
        match self.polls_left.checked_sub(1) {
            Some(fewer) => self.polls_left = fewer,
            None => return Poll::Ready(self.outcome.take().expect("polled once after the end")),
        }
        Poll::Pending
    }
}

impl Drop for Errand {
    fn drop(&mut self) {
        self.part.meet(Occasion::Drop);
    }
}
