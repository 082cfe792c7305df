//! The model of `ThreadSafeFlag`: one set, one waiter.

use std::collections::VecDeque;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_core::FusedFuture;

use super::panics::FirstPanic;
use crate::model::op::{Call, Form, How, Plan};
use crate::model::plan;
use crate::model::subject::{Props, Subject, Wait};
use crate::model::trace::{Actor, Answer};

#[derive(Default)]
pub(crate) struct Flag(Mutex<State>);

#[derive(Default)]
struct State {
    is_set: bool,
    tickets: u64,
    line: VecDeque<InLine>,
}

struct InLine {
    ticket: u64,
    /// None: it has been called.
    waker: Option<Waker>,
}

/// A wait, or a stream.
struct FlagWait {
    stage: Stage,
    is_stream: bool,
    flag: Arc<Flag>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Fresh,
    InLine(u64),
    /// It has taken a set, and could not say so yet.
    Taken,
    Over,
}

// === impl Flag ===

impl Flag {
    fn with<R>(&self, look: impl FnOnce(&mut State) -> R) -> R {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn set_direct(&self) {
        let waker = self.with(|state| {
            if mem::replace(&mut state.is_set, true) { None } else { state.call_front() }
        });
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn take_unless_others_wait(&self) -> bool {
        self.with(State::take_unless_others_wait)
    }

    /// Tells whether the set was taken; then the stage is `Taken`.
    fn poll(&self, stage: &mut Stage, waker: &Waker) -> bool {
        match *stage {
            Stage::Fresh => self.poll_fresh(stage, waker),
            Stage::InLine(ticket) => self.poll_in_line(ticket, stage, waker),
            Stage::Taken => true,
            Stage::Over => panic!("polled after it was ready"),
        }
    }

    fn poll_fresh(&self, stage: &mut Stage, waker: &Waker) -> bool {
        if self.take_unless_others_wait() {
            *stage = Stage::Taken;
            return true;
        }
        let waker = waker.clone();
        // By the clone, which is foreign code, the flag may have been set.
        let unneeded = self.with(|state| {
            if state.take_unless_others_wait() {
                *stage = Stage::Taken;
                return Some(waker);
            }
            state.tickets += 1;
            *stage = Stage::InLine(state.tickets);
            state.line.push_back(InLine { ticket: state.tickets, waker: Some(waker) });
            None
        });
        unneeded.is_some()
    }

    fn poll_in_line(&self, ticket: u64, stage: &mut Stage, waker: &Waker) -> bool {
        let may_sleep_on = self.with(|state| {
            let own = state.find(ticket).and_then(|at| state.line[at].waker.as_ref());
            !state.is_set && own.is_some_and(|own| own.will_wake(waker))
        });
        if may_sleep_on {
            return false;
        }
        let mut fresh = None;
        loop {
            let looked = self.with(|state| {
                if let Some(own) = state.take_as_head(ticket) {
                    *stage = Stage::Taken;
                    return Some((true, own));
                }
                let waker = fresh.take()?;
                let at = state.find(ticket).expect("it stays in line until it leaves");
                Some((false, state.line[at].waker.replace(waker)))
            });
            match looked {
                Some((is_taken, own)) => {
                    let mut panic = FirstPanic::default();
                    panic.of(|| drop(fresh));
                    panic.of(|| drop(own));
                    panic.go_on();
                    return is_taken;
                }
                // Cloned, and then looked again.
                None => fresh = Some(waker.clone()),
            }
        }
    }

    fn cancel(&self, stage: Stage) {
        let mut panic = FirstPanic::default();
        match stage {
            Stage::InLine(ticket) => {
                let (own, next) = self.with(|state| {
                    let at = state.find(ticket).expect("it stays in line until it leaves");
                    let own = state.line.remove(at).and_then(|one| one.waker);
                    let passes_on = at == 0 && state.is_set;
                    (own, if passes_on { state.call_front() } else { None })
                });
                panic.of(|| next.into_iter().for_each(Waker::wake));
                panic.of(|| drop(own));
            }
            Stage::Taken => panic.of(|| self.set_direct()),
            Stage::Fresh | Stage::Over => {}
        }
        panic.go_on();
    }
}

impl Subject for Flag {
    const PLAN: &'static Plan = &plan::FLAG;

    fn new() -> Self {
        Self::default()
    }

    fn call(self: &Arc<Self>, call: Call, _: Actor, _: &Props) -> Answer {
        match call {
            Call::SetDirect => {
                self.set_direct();
                Answer::Nothing
            }
            // The courier contains the panic of a waker.
            Call::Set if plan::HAS_COURIER => {
                let _ = catch_unwind(AssertUnwindSafe(|| self.set_direct()));
                Answer::Nothing
            }
            Call::Set => {
                self.set_direct();
                Answer::Nothing
            }
            Call::Clear => self.with(|state| mem::take(&mut state.is_set)).into(),
            Call::IsSet => self.with(|state| state.is_set).into(),
            Call::Show => self.with(|state| {
                Answer::Shows(format!(
                    "ThreadSafeFlag {{ is_set: {}, has_waiters: {} }}",
                    state.is_set,
                    !state.line.is_empty()
                ))
            }),
            _ => self.take_unless_others_wait().into(),
        }
    }

    fn wait(self: &Arc<Self>, how: How, _: &Props) -> Wait {
        let is_stream = how.form() == Form::Other;
        Box::pin(FlagWait { stage: Stage::Fresh, is_stream, flag: Arc::clone(self) })
    }
}

// === impl State ===

impl State {
    fn find(&self, ticket: u64) -> Option<usize> {
        self.line.iter().position(|one| one.ticket == ticket)
    }

    fn call_front(&mut self) -> Option<Waker> {
        self.line.front_mut()?.waker.take()
    }

    fn take_unless_others_wait(&mut self) -> bool {
        self.line.is_empty() && mem::take(&mut self.is_set)
    }

    /// Takes the set for the head of the line, which leaves; hands back its waker, if it has one.
    fn take_as_head(&mut self, ticket: u64) -> Option<Option<Waker>> {
        if self.find(ticket) != Some(0) || !mem::take(&mut self.is_set) {
            return None;
        }
        self.line.pop_front().map(|one| one.waker)
    }
}

// === impl FlagWait ===

impl Future for FlagWait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { stage, is_stream, flag } = &mut *self;
        if !flag.poll(stage, cx.waker()) {
            return Poll::Pending;
        }
        *stage = if *is_stream { Stage::Fresh } else { Stage::Over };
        Poll::Ready(())
    }
}

impl FusedFuture for FlagWait {
    fn is_terminated(&self) -> bool {
        self.stage == Stage::Over
    }
}

impl Drop for FlagWait {
    fn drop(&mut self) {
        self.flag.cancel(self.stage);
    }
}
