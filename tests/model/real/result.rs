//! `AsyncResult`, its links, and `SetFrom`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reveille::{AlreadySet, Outcome};

use crate::model::cast::{Callback, Fault, Value, label};
use crate::model::op::{Call, Form, How, Plan};
use crate::model::plan;
use crate::model::subject::{Handle, Kept, Props, Subject, Wait};
use crate::model::trace::{Actor, Answer};

type AsyncResult = reveille::AsyncResult<Value, Fault>;

// === impl AsyncResult ===

impl Subject for AsyncResult {
    const PLAN: &'static Plan = &plan::RESULT;

    fn new() -> Self {
        Self::new()
    }

    fn call(self: &Arc<Self>, call: Call, sent: Actor, props: &Props) -> Answer {
        match call {
            Call::Set => self.set(props.value(sent)).into(),
            Call::SetErr => self.set_err(Fault::Sent(props.value(sent))).into(),
            Call::SetResult => self.set_result(props.outcome(sent)).into(),
            Call::IsSet => self.is_set().into(),
            Call::IsOk => self.is_ok().into(),
            Call::GetOk => Answer::Got(self.ok().map(|value| Ok(value.label()))),
            Call::GetErr => Answer::Got(self.err().map(|error| Err(error.label()))),
            Call::WaitBlocking if self.is_set() => self.wait_blocking().into(),
            Call::WaitTimeout => Answer::Got(self.wait_blocking_timeout(Duration::ZERO).map(label)),
            Call::WaitDeadline => {
                Answer::Got(self.wait_blocking_deadline(Instant::now()).map(label))
            }
            Call::Show => Answer::Shows(format!("{self:?}")),
            _ => Answer::Got(self.get().map(label)),
        }
    }

    fn wait(self: &Arc<Self>, how: How, props: &Props) -> Wait {
        match how.form() {
            Form::Borrowed => Box::pin(Kept::new(self, Self::wait)),
            Form::Owned => Box::pin(Arc::clone(self).wait_owned()),
            Form::Other if how.label % 2 == 0 => {
                Box::pin(Arc::clone(self).set_from_owned(props.errand(how)))
            }
            Form::Other => Box::pin(Kept::new(self, |to| to.set_from(props.errand(how)))),
        }
    }

    fn link(self: &Arc<Self>, _: bool, callback: Callback) -> Option<Handle> {
        let told = move |outcome: Result<&Value, &Fault>| callback.tell(label(outcome));
        Some(Box::new(Arc::clone(self).link_owned(told)))
    }

    fn end(self: Arc<Self>) -> Answer {
        let outcome = Arc::into_inner(self).and_then(Self::into_inner);
        Answer::Got(outcome.map(|outcome| label(outcome.as_ref())))
    }
}

// === impl Answer ===

impl From<Result<&Value, &Fault>> for Answer {
    fn from(outcome: Result<&Value, &Fault>) -> Self {
        Self::Got(Some(label(outcome)))
    }
}

impl From<Outcome<Value, Fault>> for Answer {
    fn from(outcome: Outcome<Value, Fault>) -> Self {
        outcome.as_ref().into()
    }
}

impl From<Result<(), AlreadySet<Value>>> for Answer {
    fn from(set: Result<(), AlreadySet<Value>>) -> Self {
        match set {
            Ok(()) => Self::Nothing,
            Err(AlreadySet(value)) => Self::Refused(Ok(value.label())),
        }
    }
}

impl From<Result<(), AlreadySet<Fault>>> for Answer {
    fn from(set: Result<(), AlreadySet<Fault>>) -> Self {
        match set {
            Ok(()) => Self::Nothing,
            Err(AlreadySet(error)) => Self::Refused(Err(error.label())),
        }
    }
}

impl From<Result<(), AlreadySet<Result<Value, Fault>>>> for Answer {
    fn from(set: Result<(), AlreadySet<Result<Value, Fault>>>) -> Self {
        match set {
            Ok(()) => Self::Nothing,
            Err(AlreadySet(outcome)) => Self::Refused(label(outcome.as_ref())),
        }
    }
}
