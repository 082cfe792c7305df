//! An executor that polls inside `wake`: on the thread that sets, in the middle of its `set`. Nothing is
//! ruder to whoever calls a waker, and the contract allows it.
//!
//! # States of a task
//! | state   | means                             | `wake` makes it                |
//! |---------|-----------------------------------|--------------------------------|
//! | idle    | nobody polls it                   | polled, and polls it, here     |
//! | polled  | somebody polls it                 | again, which that one will see |
//! | again   | and has to poll it once more      | again                          |
//! | over    | it was ready, or panicked         | over                           |

use futures::future::BoxFuture;
use std::{
    mem,
    sync::{Arc, Mutex},
    task::{Context, Wake, Waker},
};

enum State {
    Idle(BoxFuture<'static, ()>),
    Polled,
    Again,
    Over,
}

struct Task(Mutex<State>);

/// Polls it here and now, and from then on wherever it is woken.
pub(crate) fn spawn(future: BoxFuture<'static, ()>) {
    Arc::new(Task(Mutex::new(State::Idle(future)))).wake();
}

impl Task {
    /// The future, if it is to be polled here.
    fn begin(&self) -> Option<BoxFuture<'static, ()>> {
        let mut state = self.0.lock().unwrap();
        match mem::replace(&mut *state, State::Polled) {
            State::Idle(future) => Some(future),
            State::Polled | State::Again => {
                *state = State::Again;
                None
            }
            State::Over => {
                *state = State::Over;
                None
            }
        }
    }

    /// Puts the future back, or, if it was woken meanwhile, gives it back.
    fn end(&self, future: BoxFuture<'static, ()>) -> Option<BoxFuture<'static, ()>> {
        let mut state = self.0.lock().unwrap();
        match mem::replace(&mut *state, State::Polled) {
            State::Again => Some(future),
            _ => {
                *state = State::Idle(future);
                None
            }
        }
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        let waker = Waker::from(Arc::clone(&self));
        let mut cx = Context::from_waker(&waker);
        let mut next = self.begin();
        while let Some(mut future) = next {
            if future.as_mut().poll(&mut cx).is_ready() {
                *self.0.lock().unwrap() = State::Over;
                return;
            }
            next = self.end(future);
        }
    }
}
