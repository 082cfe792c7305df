//! The model of `Event`: a queue.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::FusedFuture;

use super::queue::{HasQueue, Place, Queue};
use crate::model::cast::Callback;
use crate::model::op::{Call, How, Plan};
use crate::model::plan;
use crate::model::subject::{Handle, Linked, Props, Subject, Wait};
use crate::model::trace::{Actor, Answer};

#[derive(Default)]
pub(crate) struct Event {
    pub(super) queue: Queue,
}

struct EventWait {
    place: Place,
    event: Arc<Event>,
}

pub(super) struct Link<O: HasQueue> {
    ticket: Option<u64>,
    owner: Arc<O>,
}

// === impl Event ===

impl Subject for Event {
    const PLAN: &'static Plan = &plan::EVENT;

    fn new() -> Self {
        Self::default()
    }

    fn call(self: &Arc<Self>, call: Call, _: Actor, _: &Props) -> Answer {
        match call {
            Call::Set => {
                self.queue.set();
                Answer::Nothing
            }
            Call::Clear => self.queue.clear().into(),
            Call::Pulse => {
                self.queue.pulse();
                Answer::Nothing
            }
            Call::Show => Answer::Shows(format!(
                "Event {{ is_set: {}, has_waiters: {} }}",
                self.queue.is_set(),
                self.queue.has_waiters()
            )),
            // Nobody can set it while we wait.
            _ => self.queue.is_set().into(),
        }
    }

    fn wait(self: &Arc<Self>, _: How, _: &Props) -> Wait {
        Box::pin(EventWait { place: self.queue.place(), event: Arc::clone(self) })
    }

    fn link(self: &Arc<Self>, _: bool, callback: Callback) -> Option<Handle> {
        Some(Box::new(Link::new(self, move || callback.run())))
    }
}

impl HasQueue for Event {
    fn queue(&self) -> &Queue {
        &self.queue
    }
}

// === impl EventWait ===

impl Future for EventWait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { place, event } = &mut *self;
        event.queue.poll(place, cx)
    }
}

impl FusedFuture for EventWait {
    fn is_terminated(&self) -> bool {
        self.place.has_reported()
    }
}

impl Drop for EventWait {
    fn drop(&mut self) {
        self.event.queue.cancel(&mut self.place);
    }
}

// === impl Link ===

impl<O: HasQueue> Link<O> {
    pub(super) fn new(owner: &Arc<O>, callback: impl FnOnce() + Send + 'static) -> Self {
        let owner = Arc::clone(owner);
        Self { ticket: owner.queue().link(callback), owner }
    }

    fn leave(&mut self) -> bool {
        self.ticket.take().is_some_and(|ticket| self.owner.queue().unlink(ticket))
    }
}

impl<O: HasQueue> Linked for Link<O> {
    fn unlink(mut self: Box<Self>) -> bool {
        self.leave()
    }

    fn detach(mut self: Box<Self>) {
        self.ticket = None;
    }
}

impl<O: HasQueue> Drop for Link<O> {
    fn drop(&mut self) {
        self.leave();
    }
}
