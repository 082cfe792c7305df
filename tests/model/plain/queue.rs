//! The queue of an event: whether it is set, how often that has ended, and who stands in line.

use std::collections::VecDeque;
use std::mem;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use super::panics::FirstPanic;

#[derive(Default)]
pub(super) struct Queue(Mutex<State>);

#[derive(Default)]
struct State {
    is_set: bool,
    /// How many sets have ended.
    generation: u64,
    tickets: u64,
    line: VecDeque<InLine>,
}

struct InLine {
    ticket: u64,
    /// The generation in which the wait was created.
    stamp: u64,
    who: Who,
}

enum Who {
    Task(Waker),
    Link(Box<dyn FnOnce() + Send>),
}

/// Something with a queue.
pub(super) trait HasQueue: Send + Sync {
    fn queue(&self) -> &Queue;
}

/// What a wait knows of itself.
pub(super) struct Place {
    stamp: u64,
    /// Created on a set event.
    is_born_released: bool,
    /// Of a wait that has stood in line.
    ticket: Option<u64>,
    has_reported: bool,
}

/// How many tasks are taken before the first of them is woken. A link is taken alone.
const BATCH: usize = if cfg!(all(target_pointer_width = "64", not(miri))) { 128 } else { 32 };

// === impl Queue ===

impl Queue {
    fn with<R>(&self, look: impl FnOnce(&mut State) -> R) -> R {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn is_set(&self) -> bool {
        self.with(|state| state.is_set)
    }

    pub(super) fn has_waiters(&self) -> bool {
        self.with(|state| !state.line.is_empty())
    }

    pub(super) fn set(&self) {
        // False: it was set, and whoever set it releases those who wait.
        let _ = self.set_with(|| ());
    }

    /// Sets it, and has `publish` run before anybody knows. False, and nothing happens, if it is set.
    pub(super) fn set_with(&self, publish: impl FnOnce()) -> bool {
        let generation = self.with(|state| {
            (!state.is_set).then(|| {
                publish();
                state.is_set = true;
                state.generation
            })
        });
        match generation {
            Some(generation) => self.release(generation),
            None => return false,
        }
        true
    }

    pub(super) fn clear(&self) -> bool {
        self.with(|state| {
            let was_set = mem::take(&mut state.is_set);
            state.generation += u64::from(was_set);
            was_set
        })
    }

    pub(super) fn pulse(&self) {
        let (was_set, generation) = self.with(|state| {
            state.generation += 1;
            (mem::take(&mut state.is_set), state.generation - 1)
        });
        if !was_set {
            self.release(generation);
        }
    }

    /// Everyone whose wait was created in `generation`, or before, has their turn.
    fn release(&self, generation: u64) {
        let mut panic = FirstPanic::default();
        loop {
            let batch = self.with(|state| state.take_batch(generation));
            if batch.is_empty() {
                return panic.go_on();
            }
            for one in batch {
                panic.of(|| one.who.turn());
            }
        }
    }

    pub(super) fn place(&self) -> Place {
        self.with(|state| Place {
            stamp: state.generation,
            is_born_released: state.is_set,
            ticket: None,
            has_reported: false,
        })
    }

    pub(super) fn poll(&self, place: &mut Place, cx: &Context<'_>) -> Poll<()> {
        let is_released = self.with(|state| state.releases(place));
        if !is_released && !self.stand_in_line(place, cx.waker()) {
            return Poll::Pending;
        }
        self.cancel(place);
        place.has_reported = true;
        Poll::Ready(())
    }

    /// Stands in line, to be woken by `waker`; tells whether that was not needed any more.
    fn stand_in_line(&self, place: &mut Place, waker: &Waker) -> bool {
        if self.with(|state| state.waker(place).is_some_and(|own| own.will_wake(waker))) {
            return false;
        }
        let waker = waker.clone();
        // By the clone, which is foreign code, the wait may have been released.
        let unneeded = self.with(|state| {
            if let Some(own) = state.waker(place) {
                return Ok(Some(mem::replace(own, waker)));
            }
            if state.releases(place) {
                return Err(waker);
            }
            place.ticket = Some(state.push(place.stamp, Who::Task(waker)));
            Ok(None)
        });
        // What is not needed is dropped here.
        unneeded.is_err()
    }

    pub(super) fn cancel(&self, place: &mut Place) {
        if let Some(ticket) = place.ticket.take() {
            drop(self.with(|state| state.remove(ticket)));
        }
    }

    /// A ticket; none if the event is set: then the callback has run.
    pub(super) fn link(&self, callback: impl FnOnce() + Send + 'static) -> Option<u64> {
        if self.is_set() {
            callback();
            return None;
        }
        Some(self.with(|state| state.push(state.generation, Who::Link(Box::new(callback)))))
    }

    pub(super) fn unlink(&self, ticket: u64) -> bool {
        // The callback is dropped here.
        self.with(|state| state.remove(ticket)).is_some()
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        let mut panic = FirstPanic::default();
        for one in self.with(|state| mem::take(&mut state.line)) {
            panic.of(|| drop(one));
        }
        panic.go_on();
    }
}

// === impl State ===

impl State {
    fn releases(&self, place: &Place) -> bool {
        self.is_set
            || self.generation != place.stamp
            || place.is_born_released
            || place.has_reported
    }

    fn push(&mut self, stamp: u64, who: Who) -> u64 {
        self.tickets += 1;
        self.line.push_back(InLine { ticket: self.tickets, stamp, who });
        self.tickets
    }

    fn waker(&mut self, place: &Place) -> Option<&mut Waker> {
        let ticket = place.ticket?;
        self.line.iter_mut().find(|one| one.ticket == ticket).and_then(|one| match &mut one.who {
            Who::Task(waker) => Some(waker),
            Who::Link(_) => None,
        })
    }

    fn remove(&mut self, ticket: u64) -> Option<InLine> {
        let at = self.line.iter().position(|one| one.ticket == ticket)?;
        self.line.remove(at)
    }

    fn take_batch(&mut self, generation: u64) -> Vec<InLine> {
        let mut batch = Vec::new();
        while let Some(one) = self.line.front() {
            let is_link = matches!(one.who, Who::Link(_));
            if one.stamp > generation || batch.len() == BATCH || is_link && !batch.is_empty() {
                break;
            }
            batch.extend(self.line.pop_front());
            if is_link {
                break;
            }
        }
        batch
    }
}

// === impl Who ===

impl Who {
    fn turn(self) {
        match self {
            Self::Task(waker) => waker.wake(),
            Self::Link(callback) => callback(),
        }
    }
}

// === impl Place ===

impl Place {
    pub(super) fn has_reported(&self) -> bool {
        self.has_reported
    }
}
