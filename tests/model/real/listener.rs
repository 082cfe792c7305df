//! An event as one builds it on `event-listener`: a flag, a count of the sets that have ended, and a
//! listener for each wait.
//!
//! Its wakers run under its lock, so none of them may come back to it or panic.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;
use std::task::{Context, Poll};

use event_listener::EventListener;
use futures_core::FusedFuture;

use crate::model::op::{Call, How, Plan};
use crate::model::plan;
use crate::model::subject::{Props, Subject, Wait};
use crate::model::trace::{Actor, Answer};

#[derive(Default)]
pub(crate) struct ListenerEvent {
    is_set: AtomicBool,
    generation: AtomicU64,
    event: event_listener::Event,
}

struct ListenerWait {
    event: Arc<ListenerEvent>,
    generation: u64,
    listener: Pin<Box<EventListener>>,
    /// Released, as far as it knows.
    is_released: bool,
    has_reported: bool,
}

// === impl ListenerEvent ===

impl ListenerEvent {
    fn set(&self) {
        self.is_set.store(true, SeqCst);
        self.event.notify(usize::MAX);
    }

    fn clear(&self) -> bool {
        let was_set = self.is_set.swap(false, SeqCst);
        self.generation.fetch_add(u64::from(was_set), SeqCst);
        was_set
    }

    fn releases(&self, generation: u64) -> bool {
        self.is_set.load(SeqCst) || self.generation.load(SeqCst) != generation
    }
}

impl Subject for ListenerEvent {
    const PLAN: &'static Plan = &plan::CALM_EVENT;

    fn new() -> Self {
        Self::default()
    }

    fn call(self: &Arc<Self>, call: Call, _: Actor, _: &Props) -> Answer {
        match call {
            Call::Set => {
                self.set();
                Answer::Nothing
            }
            Call::Clear => self.clear().into(),
            Call::Pulse => {
                self.set();
                self.clear();
                Answer::Nothing
            }
            _ => self.is_set.load(SeqCst).into(),
        }
    }

    fn wait(self: &Arc<Self>, _: How, _: &Props) -> Wait {
        Box::pin(ListenerWait {
            event: Arc::clone(self),
            generation: self.generation.load(SeqCst),
            listener: Box::pin(self.event.listen()),
            is_released: self.is_set.load(SeqCst),
            has_reported: false,
        })
    }
}

// === impl ListenerWait ===

impl Future for ListenerWait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        while !self.is_released {
            self.is_released = self.event.releases(self.generation);
            // One that was dropped may have passed its notification on to this one.
            if !self.is_released {
                std::task::ready!(self.listener.as_mut().poll(cx));
                self.listener = Box::pin(self.event.event.listen());
            }
        }
        self.has_reported = true;
        Poll::Ready(())
    }
}

impl FusedFuture for ListenerWait {
    fn is_terminated(&self) -> bool {
        self.has_reported
    }
}
