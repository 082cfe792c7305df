//! `ValueEvent`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::model::cast::{Fault, Value, label};
use crate::model::op::{Call, Form, How, Plan};
use crate::model::plan;
use crate::model::subject::{Kept, Props, Subject, Wait};
use crate::model::trace::{Actor, Answer};

type ValueEvent = reveille::ValueEvent<Value, Fault>;

impl Subject for ValueEvent {
    const PLAN: &'static Plan = &plan::VALUE;

    fn new() -> Self {
        Self::new()
    }

    fn call(self: &Arc<Self>, call: Call, label: Actor, props: &Props) -> Answer {
        match call {
            Call::Set => self.send(props.value(label)).into(),
            Call::SetErr => self.send_err(Fault::Sent(props.value(label))).into(),
            Call::SetResult => self.send_result(props.outcome(label)).into(),
            Call::Clear => self.reset().into(),
            Call::IsSet => self.is_set().into(),
            Call::WaitBlocking if self.is_set() => self.wait_blocking().into(),
            Call::WaitTimeout => self.wait_blocking_timeout(Duration::ZERO).into(),
            Call::WaitDeadline => self.wait_blocking_deadline(Instant::now()).into(),
            _ => self.get().into(),
        }
    }

    fn wait(self: &Arc<Self>, how: How, _: &Props) -> Wait {
        match how.form() {
            Form::Owned => Box::pin(Arc::clone(self).wait_owned()),
            _ => Box::pin(Kept::new(self, Self::wait)),
        }
    }
}

// === impl Answer ===

impl From<Result<Value, Fault>> for Answer {
    fn from(outcome: Result<Value, Fault>) -> Self {
        Self::Got(Some(label(outcome.as_ref())))
    }
}

impl From<Option<Result<Value, Fault>>> for Answer {
    fn from(outcome: Option<Result<Value, Fault>>) -> Self {
        Self::Got(outcome.map(|outcome| label(outcome.as_ref())))
    }
}
