//! What a world does to an object, be it the crate's or the model's.
//!
//! # Invariants
//! **The Owner Outlives The Loan.** A [`Kept`] drops what borrows before its count of the owner, and
//! hands neither out.

use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use futures_core::FusedFuture;
use pin_project_lite::pin_project;

use super::cast::{CALLBACKS, Callback, ERRANDS, Errand, Fault, Part, Stage, VALUES, Value};
use super::op::{Call, How, Plan};
use super::trace::{Actor, Answer};

/// An object that tasks wait for.
pub(crate) trait Subject: Send + Sync + Sized + 'static {
    const PLAN: &'static Plan;

    fn new() -> Self;

    fn call(self: &Arc<Self>, call: Call, label: Actor, props: &Props) -> Answer;

    fn wait(self: &Arc<Self>, how: How, props: &Props) -> Wait;

    /// None if the subject has no links.
    fn link(self: &Arc<Self>, _owned: bool, _callback: Callback) -> Option<Handle> {
        None
    }

    /// The end of the world's hold on it.
    fn end(self: Arc<Self>) -> Answer {
        drop(self);
        Answer::Nothing
    }
}

/// A wait in a slot.
pub(crate) type Wait = Pin<Box<dyn Waiting>>;

/// A future of a subject.
pub(crate) trait Waiting: Send {
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer>;
    fn is_terminated(&self) -> bool;
}

/// A link in a slot; its drop unlinks.
pub(crate) type Handle = Box<dyn Linked>;

pub(crate) trait Linked: Send {
    fn unlink(self: Box<Self>) -> bool;
    fn detach(self: Box<Self>);
}

/// Where a subject gets foreign code from.
pub(crate) struct Props {
    stage: Weak<dyn Stage>,
}

pin_project! {
    /// What borrows from a subject, and a count of that.
    pub(crate) struct Kept<S, L> {
        #[pin]
        loan: L,
        owner: Arc<S>,
    }
}

// === impl Props ===

impl Props {
    pub(crate) fn new(stage: Weak<dyn Stage>) -> Self {
        Self { stage }
    }

    pub(crate) fn part(&self, actor: Actor) -> Part {
        Part::new(actor, self.stage.clone())
    }

    pub(crate) fn value(&self, label: Actor) -> Value {
        debug_assert!(VALUES.contains(&label));
        Value::new(self.part(label))
    }

    /// A value, or an error with the same label.
    pub(crate) fn outcome(&self, label: Actor) -> Result<Value, Fault> {
        let value = self.value(label);
        if label % 2 == 0 { Ok(value) } else { Err(Fault::Sent(value)) }
    }

    pub(crate) fn callback(&self, slot: usize) -> Callback {
        Callback::new(self.part(CALLBACKS.start + slot as Actor))
    }

    /// A future that ends with the value that `how` names.
    pub(crate) fn errand(&self, how: How) -> Errand {
        let actor = ERRANDS.start + how.label % (ERRANDS.end - ERRANDS.start);
        Errand::new(self.part(actor), how.label % 3, self.outcome(how.label))
    }
}

// === impl Waiting ===

impl<F> Waiting for F
where
    F: FusedFuture + Send,
    F::Output: Into<Answer>,
{
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        Future::poll(self, cx).map(Into::into)
    }

    fn is_terminated(&self) -> bool {
        FusedFuture::is_terminated(self)
    }
}

// === impl Kept ===

impl<S: 'static, L> Kept<S, L> {
    pub(crate) fn new(owner: &Arc<S>, borrow: impl FnOnce(&'static S) -> L) -> Self {
        // SAFETY: The Owner Outlives The Loan, which is all that `borrow` can keep it in: what is
        // passed here are methods of `S` that hand out their borrower.
        let lent = unsafe { &*Arc::as_ptr(owner) };
        Self { loan: borrow(lent), owner: Arc::clone(owner) }
    }
}

impl<S, L: Unpin> Kept<S, L> {
    /// The owner comes back: what borrows from it is a part of `self`, and arguments are good until the
    /// call is over.
    pub(crate) fn end<R>(self, end: impl FnOnce(L) -> R) -> (R, Arc<S>) {
        (end(self.loan), self.owner)
    }
}

impl<S, L: Future> Future for Kept<S, L> {
    type Output = L::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<L::Output> {
        self.project().loan.poll(cx)
    }
}

impl<S, L: FusedFuture> FusedFuture for Kept<S, L> {
    fn is_terminated(&self) -> bool {
        self.loan.is_terminated()
    }
}

// === impl Answer ===

impl From<()> for Answer {
    fn from((): ()) -> Self {
        Self::Nothing
    }
}

impl From<bool> for Answer {
    fn from(is: bool) -> Self {
        Self::Is(is)
    }
}
