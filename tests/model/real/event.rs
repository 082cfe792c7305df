//! `Event` and its links.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reveille::{Event, Link};

use crate::model::cast::Callback;
use crate::model::op::{Call, Form, How, Plan};
use crate::model::plan;
use crate::model::subject::{Handle, Kept, Linked, Props, Subject, Wait};
use crate::model::trace::{Actor, Answer};

/// An event to which only what others have is done.
pub(crate) struct Calm(Arc<Event>);

// === impl Event ===

impl Subject for Event {
    const PLAN: &'static Plan = &plan::EVENT;

    fn new() -> Self {
        Self::new()
    }

    fn call(self: &Arc<Self>, call: Call, _: Actor, _: &Props) -> Answer {
        match call {
            Call::Set => {
                self.set();
                Answer::Nothing
            }
            Call::Clear => self.clear().into(),
            Call::Pulse => {
                self.pulse();
                Answer::Nothing
            }
            Call::WaitBlocking if self.is_set() => {
                self.wait_blocking();
                Answer::Is(true)
            }
            Call::WaitTimeout => self.wait_blocking_timeout(Duration::ZERO).into(),
            Call::WaitDeadline => self.wait_blocking_deadline(Instant::now()).into(),
            Call::Show => Answer::Shows(format!("{self:?}")),
            _ => self.is_set().into(),
        }
    }

    fn wait(self: &Arc<Self>, how: How, _: &Props) -> Wait {
        match how.form() {
            Form::Owned => Box::pin(Arc::clone(self).wait_owned()),
            _ => Box::pin(Kept::new(self, Self::wait)),
        }
    }

    fn link(self: &Arc<Self>, owned: bool, callback: Callback) -> Option<Handle> {
        let run = move || callback.run();
        Some(if owned {
            Box::new(Arc::clone(self).link_owned(run))
        } else {
            Box::new(Kept::new(self, |event| event.link(run)))
        })
    }
}

// === links ===

impl Linked for Link<'static> {
    fn unlink(self: Box<Self>) -> bool {
        Self::unlink(*self)
    }

    fn detach(self: Box<Self>) {
        Self::detach(*self);
    }
}

impl<S: Send + Sync + 'static> Linked for Kept<S, Link<'static>> {
    fn unlink(self: Box<Self>) -> bool {
        let (was_linked, _owner) = self.end(Link::unlink);
        was_linked
    }

    fn detach(self: Box<Self>) {
        let ((), _owner) = self.end(Link::detach);
    }
}

// === impl Calm ===

impl Subject for Calm {
    const PLAN: &'static Plan = &plan::CALM_EVENT;

    fn new() -> Self {
        Self(Arc::default())
    }

    fn call(self: &Arc<Self>, call: Call, label: Actor, props: &Props) -> Answer {
        self.0.call(call, label, props)
    }

    fn wait(self: &Arc<Self>, how: How, props: &Props) -> Wait {
        Subject::wait(&self.0, how, props)
    }
}
