//! A panic of one costs no other its turn: the first goes on at the end, the others are forgotten.

use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread;

#[derive(Default)]
pub(super) struct FirstPanic(Option<Box<dyn Any + Send>>);

impl FirstPanic {
    pub(super) fn of(&mut self, turn: impl FnOnce()) {
        match (catch_unwind(AssertUnwindSafe(turn)), &self.0) {
            (Ok(()), _) => {}
            (Err(payload), None) => self.0 = Some(payload),
            (Err(later), Some(_)) => mem::forget(later),
        }
    }

    /// Lets it go on, unless the thread unwinds already.
    pub(super) fn go_on(self) {
        match self.0 {
            Some(payload) if thread::panicking() => mem::forget(payload),
            Some(payload) => resume_unwind(payload),
            None => {}
        }
    }
}
