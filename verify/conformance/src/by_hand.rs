//! An executor that polls inside `wake`: on the thread that sets, in the middle of its `set`. The
//! contract of `Waker` allows it, and nothing is harder on the caller of a waker.
//!
//! # States of a task
//! | state   | means                             | `wake` makes it                |
//! |---------|-----------------------------------|--------------------------------|
//! | idle    | no thread polls it                | polled, and polls it, here     |
//! | polled  | a thread polls it                 | again, which that thread sees  |
//! | again   | that thread must poll it again    | again                          |
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

/// Polls it immediately, and later on each thread that wakes it.
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

    /// Stores the future, or returns it if it was woken meanwhile.
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
