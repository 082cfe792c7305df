//! The model of `AsyncResult`: a queue that is never cleared, and an outcome.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use futures_core::FusedFuture;

use super::event::Link;
use super::queue::{HasQueue, Place, Queue};
use crate::model::cast::{Callback, Errand, Fault, Value, label};
use crate::model::op::{Call, Form, How, Plan};
use crate::model::plan;
use crate::model::subject::{Handle, Props, Subject, Wait};
use crate::model::trace::{Actor, Answer, Outcome};

#[derive(Default)]
pub(crate) struct AsyncResult {
    pub(super) queue: Queue,
    outcome: OnceLock<Result<Value, Fault>>,
}

/// A wait; polled after it is ready, it is ready again.
pub(super) struct ResultWait {
    place: Place,
    result: Arc<AsyncResult>,
}

/// Runs an errand; leaves `Cancelled` behind if that does not come to its end.
struct SetFrom {
    errand: Option<Pin<Box<Errand>>>,
    result: Arc<AsyncResult>,
    is_over: bool,
}

/// Cancels the result if the poll of an errand unwinds.
struct Unwinding<'a> {
    result: &'a AsyncResult,
    is_over: &'a mut bool,
}

// === impl AsyncResult ===

impl AsyncResult {
    /// What comes too late comes back.
    pub(super) fn put(&self, outcome: Result<Value, Fault>) -> Result<(), Result<Value, Fault>> {
        let mut outcome = Some(outcome);
        self.queue.set_with(|| drop(outcome.take().map(|outcome| self.outcome.set(outcome))));
        outcome.map_or(Ok(()), Err)
    }

    pub(super) fn get(&self) -> Option<Result<&Value, &Fault>> {
        self.outcome.get().map(Result::as_ref)
    }

    pub(super) fn wait(self: Arc<Self>) -> ResultWait {
        ResultWait { place: self.queue.place(), result: self }
    }

    fn told(&self) -> Outcome {
        label(self.get().expect("whoever is released finds an outcome"))
    }

    fn cancel(&self, is_over: &mut bool) {
        if !std::mem::replace(is_over, true) {
            let _ = self.put(Err(Fault::Cancelled));
        }
    }
}

/// What to say of a [`put`](AsyncResult::put).
pub(super) fn said(put: Result<(), Result<Value, Fault>>) -> Answer {
    match put {
        Ok(()) => Answer::Nothing,
        Err(late) => Answer::Refused(label(late.as_ref())),
    }
}

impl Subject for AsyncResult {
    const PLAN: &'static Plan = &plan::RESULT;

    fn new() -> Self {
        Self::default()
    }

    fn call(self: &Arc<Self>, call: Call, sent: Actor, props: &Props) -> Answer {
        let got = || self.get().map(label);
        match call {
            Call::Set => said(self.put(Ok(props.value(sent)))),
            Call::SetErr => said(self.put(Err(Fault::Sent(props.value(sent))))),
            Call::SetResult => said(self.put(props.outcome(sent))),
            Call::IsSet => got().is_some().into(),
            Call::IsOk => matches!(got(), Some(Ok(_))).into(),
            Call::GetOk => Answer::Got(got().filter(Result::is_ok)),
            Call::GetErr => Answer::Got(got().filter(Result::is_err)),
            Call::Show => Answer::Shows(format!(
                "AsyncResult {{ outcome: {:?}, has_waiters: {} }}",
                self.get(),
                self.queue.has_waiters()
            )),
            _ => Answer::Got(got()),
        }
    }

    fn wait(self: &Arc<Self>, how: How, props: &Props) -> Wait {
        let result = Arc::clone(self);
        match how.form() {
            Form::Borrowed | Form::Owned => Box::pin(result.wait()),
            Form::Other => Box::pin(SetFrom {
                errand: Some(Box::pin(props.errand(how))),
                result,
                is_over: false,
            }),
        }
    }

    fn link(self: &Arc<Self>, _: bool, callback: Callback) -> Option<Handle> {
        let result = Arc::downgrade(self);
        let told = move || {
            if let Some(result) = result.upgrade() {
                callback.tell(result.told());
            }
        };
        Some(Box::new(Link::new(self, told)))
    }

    fn end(self: Arc<Self>) -> Answer {
        let outcome = Arc::into_inner(self).and_then(|mut result| result.outcome.take());
        Answer::Got(outcome.map(|outcome| label(outcome.as_ref())))
    }
}

impl HasQueue for AsyncResult {
    fn queue(&self) -> &Queue {
        &self.queue
    }
}

// === impl ResultWait ===

impl ResultWait {
    pub(super) fn poll_set(&mut self, cx: &Context<'_>) -> Poll<&AsyncResult> {
        self.result.queue.poll(&mut self.place, cx).map(|()| &*self.result)
    }
}

impl Future for ResultWait {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        self.poll_set(cx).map(|result| Answer::Got(Some(result.told())))
    }
}

impl FusedFuture for ResultWait {
    fn is_terminated(&self) -> bool {
        self.place.has_reported()
    }
}

impl Drop for ResultWait {
    fn drop(&mut self) {
        self.result.queue.cancel(&mut self.place);
    }
}

// === impl SetFrom ===

impl Future for SetFrom {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        let Self { errand, result, is_over } = &mut *self;
        assert!(!*is_over, "polled after its end");
        let unwinding = Unwinding { result, is_over };
        let errand = errand.as_mut().expect("it is there until the drop").as_mut();
        let polled = errand.poll(cx);
        std::mem::forget(unwinding);
        let outcome = ready!(polled);
        *is_over = true;
        Poll::Ready(said(result.put(outcome)))
    }
}

impl FusedFuture for SetFrom {
    fn is_terminated(&self) -> bool {
        self.is_over
    }
}

impl Drop for Unwinding<'_> {
    fn drop(&mut self) {
        self.result.cancel(self.is_over);
    }
}

impl Drop for SetFrom {
    fn drop(&mut self) {
        // The errand goes first; if it panics as it goes, the result is cancelled all the same.
        let Self { errand, result, is_over } = self;
        let cancelling = Unwinding { result, is_over };
        drop(errand.take());
        drop(cancelling);
    }
}
