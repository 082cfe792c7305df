//! Models of `ValueEvent`: that sends and resets take effect one after the other.

use core::task::Poll;
use std::sync::Arc;

use loom::thread;

use super::{Task, model, poll};
use crate::ValueEvent;

/// Catches a `reset` that exchanges a round which is not set, and so leaves its waiters without a
/// value: `value_reset_does_not_look`.
#[test]
fn waiter_gets_a_value_although_a_reset_races_with_the_send() {
    model(|| {
        let event = Arc::new(ValueEvent::<usize, ()>::new());
        let task = Task::new();
        let mut wait = Box::pin(event.wait());
        assert!(poll(wait.as_mut(), &task).is_pending());
        let sender = thread::spawn({
            let event = Arc::clone(&event);
            move || event.send(1)
        });
        let reset = event.reset();
        assert_eq!(sender.join().unwrap(), Ok(()));
        assert_eq!(task.wakes(), 1);
        assert_eq!(poll(wait.as_mut(), &task), Poll::Ready(Ok(1)));
        assert_eq!(event.is_set(), !reset);
    });
}

/// Catches two senders that send in two rounds at the same time: `value_round_is_overwritten`.
#[test]
fn of_two_first_senders_one_wins_and_the_other_finds_its_value() {
    model(|| {
        let event = Arc::new(ValueEvent::<usize, ()>::new());
        let send = |event: &ValueEvent<usize, ()>, value| (event.send(value).is_ok(), event.get());
        let other = thread::spawn({
            let event = Arc::clone(&event);
            move || send(&event, 1)
        });
        let (won, seen) = send(&event, 2);
        let (other_won, other_seen) = other.join().unwrap();
        assert_ne!(won, other_won);
        let winner = Some(Ok(if won { 2 } else { 1 }));
        assert_eq!((seen, other_seen), (winner, winner));
    });
}

/// Catches two first callers who wait and send in two different rounds:
/// `value_round_is_overwritten`.
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
            assert_eq!(first, Poll::Ready(Ok(1)));
        } else if task.wakes() == 1 {
            assert_eq!(poll(wait.as_mut(), &task), Poll::Ready(Ok(1)));
        } else {
            // Made after the reset: it is of the next round.
            event.send(2).unwrap();
            assert_eq!(poll(wait.as_mut(), &task), Poll::Ready(Ok(2)));
        }
    });
}
