//! Models of `ValueEvent`: that sends and resets take effect one after the other.

use std::sync::Arc;

use loom::thread;

use super::{Task, model, poll};
use crate::ValueEvent;

/// Catches a `reset` that exchanges a round which is not set, and so loses the value that is sent in it,
/// or its waiters: `value_reset_does_not_look`.
#[test]
fn value_that_was_sent_is_there_until_a_reset_has_taken_it() {
    model(|| {
        let event = Arc::new(ValueEvent::<usize, ()>::new());
        let sender = thread::spawn({
            let event = Arc::clone(&event);
            move || event.send(1).is_ok()
        });
        let resetter = thread::spawn({
            let event = Arc::clone(&event);
            move || event.reset()
        });
        let sent = event.send(2).is_ok();
        let sends = usize::from(sent) + usize::from(sender.join().unwrap());
        let resets = usize::from(resetter.join().unwrap());
        assert!(sends > 0, "somebody was first");
        assert_eq!(sends, resets + usize::from(event.is_set()));
    });
}

/// Catches two first callers who wait and send in two different rounds: `value_round_is_overwritten`.
#[test]
fn waiter_gets_the_value_of_its_round_although_it_is_reset_meanwhile() {
    model(|| {
        let event = Arc::new(ValueEvent::<usize, ()>::new());
        let sender = thread::spawn({
            let event = Arc::clone(&event);
            move || {
                event.send(1).unwrap();
                event.reset()
            }
        });
        let task = Task::new();
        let mut wait = Box::pin(event.wait());
        let first = poll(wait.as_mut(), &task);
        assert!(sender.join().unwrap(), "what was sent was there to be reset");
        if first.is_ready() {
            assert_eq!(first, core::task::Poll::Ready(Ok(1)));
        } else if task.wakes() == 1 {
            assert_eq!(poll(wait.as_mut(), &task), core::task::Poll::Ready(Ok(1)));
        } else {
            // Made after the reset: it is of the next round.
            event.send(2).unwrap();
            assert_eq!(poll(wait.as_mut(), &task), core::task::Poll::Ready(Ok(2)));
        }
    });
}
