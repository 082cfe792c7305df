//! With the features `std` and `critical-section` both, as when two dependents ask for one each, the
//! lock is std's:
//!
//! `cargo test --features critical-section --test features`

#![cfg(all(feature = "std", feature = "critical-section"))]

use std::pin::pin;
use std::sync::mpsc::channel;
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

// Brings `critical_section::with` into the program.
use critical_section as _;
use reveille::Event;

#[test]
fn event_is_used_while_another_thread_is_in_a_critical_section() {
    let (sender, used) = channel();
    critical_section::with(|_| {
        // Not joined: a lock that were a critical section would make this a hang.
        thread::spawn(move || {
            let event = Event::new();
            let mut wait = pin!(event.wait());
            let mut cx = Context::from_waker(Waker::noop());
            assert!(wait.as_mut().poll(&mut cx).is_pending());
            event.set();
            assert!(wait.as_mut().poll(&mut cx).is_ready());
            sender.send(()).unwrap();
        });
        used.recv_timeout(Duration::from_secs(30)).expect("the lock is a critical section");
    });
}
