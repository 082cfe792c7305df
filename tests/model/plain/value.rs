//! The model of `ValueEvent`: a result at a time.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use futures_core::FusedFuture;

use super::result::{AsyncResult, ResultWait, said};
use crate::model::cast::{Fault, Value, label};
use crate::model::op::{Call, How, Plan};
use crate::model::plan;
use crate::model::subject::{Props, Subject, Wait};
use crate::model::trace::{Actor, Answer};

#[derive(Default)]
pub(crate) struct ValueEvent {
    round: Mutex<Arc<AsyncResult>>,
}

struct ValueWait {
    round: ResultWait,
    _event: Arc<ValueEvent>,
}

// === impl ValueEvent ===

impl ValueEvent {
    fn round(&self) -> Arc<AsyncResult> {
        Arc::clone(&self.round.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn reset(&self) -> bool {
        let over = {
            let mut round = self.round.lock().unwrap_or_else(PoisonError::into_inner);
            round.queue.is_set().then(|| std::mem::take(&mut *round))
        };
        // What was sent is dropped here, if nobody waits for it.
        over.is_some()
    }
}

impl Subject for ValueEvent {
    const PLAN: &'static Plan = &plan::VALUE;

    fn new() -> Self {
        Self::default()
    }

    fn call(self: &Arc<Self>, call: Call, label: Actor, props: &Props) -> Answer {
        match call {
            Call::Set => {
                let put = self.round().put(Ok(props.value(label)));
                said(put)
            }
            Call::SetErr => {
                let put = self.round().put(Err(Fault::Sent(props.value(label))));
                said(put)
            }
            Call::SetResult => {
                let put = self.round().put(props.outcome(label));
                said(put)
            }
            Call::Clear => self.reset().into(),
            Call::IsSet => self.round().queue.is_set().into(),
            _ => {
                let clone = self.round().get().map(cloned);
                told(clone)
            }
        }
    }

    fn wait(self: &Arc<Self>, _: How, _: &Props) -> Wait {
        Box::pin(ValueWait { round: self.round().wait(), _event: Arc::clone(self) })
    }
}

fn cloned(outcome: Result<&Value, &Fault>) -> Result<Value, Fault> {
    outcome.cloned().map_err(Fault::clone)
}

fn told(outcome: Option<Result<Value, Fault>>) -> Answer {
    Answer::Got(outcome.map(|outcome| label(outcome.as_ref())))
}

// === impl ValueWait ===

impl Future for ValueWait {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        let round = ready!(self.round.poll_set(cx));
        Poll::Ready(told(round.get().map(cloned)))
    }
}

impl FusedFuture for ValueWait {
    fn is_terminated(&self) -> bool {
        self.round.is_terminated()
    }
}
