//! `ThreadSafeFlag`, its stream, and how to wait for its courier.
//!
//! # A `set` through the courier, as one step
//! ```text
//!  this thread                                       courier
//!  park a wait of a flag of our own, the echo
//!  flag.set()   ── slot ──┐
//!  echo.set()   ── slot ──┴──► in this order ──────► wakes the flag's head: its waker does what it does
//!  sleep ◄────────────────────────────────────────── wakes the echo
//! ```
//! The courier serves in the order of the sets. So when the echo is back, whoever had to be woken has
//! been; and as this thread sleeps meanwhile, nothing happens at the same time as anything else.
//!
//! A `set` on the courier itself, by a waker, cannot wait for it. Nor may one while a panic unwinds:
//! the courier would not know of that. These go the direct way, and let no panic out, as the courier does.

use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use futures_core::{FusedFuture, FusedStream, Stream};
use reveille::{FlagStream, ThreadSafeFlag};

use crate::model::op::{Call, Form, How, Plan};
use crate::model::plan;
use crate::model::subject::{Kept, Props, Subject, Wait};
use crate::model::trace::{Actor, Answer};

/// The next item of a stream, again and again.
struct Next<H: Deref<Target = ThreadSafeFlag>>(Pin<Box<FlagStream<H>>>);

struct Echo {
    is_back: AtomicBool,
    thread: Thread,
}

// === impl ThreadSafeFlag ===

impl Subject for ThreadSafeFlag {
    const PLAN: &'static Plan = &plan::FLAG;

    fn new() -> Self {
        Self::new()
    }

    fn call(self: &Arc<Self>, call: Call, _: Actor, _: &Props) -> Answer {
        match call {
            Call::Set => {
                set_in_one_step(self);
                Answer::Nothing
            }
            Call::SetDirect => {
                self.set_direct();
                Answer::Nothing
            }
            Call::Clear => self.clear().into(),
            Call::IsSet => self.is_set().into(),
            Call::WaitDeadline => self.wait_blocking_deadline(Instant::now()).into(),
            Call::Show => Answer::Shows(format!("{self:?}")),
            _ => self.wait_blocking_timeout(Duration::ZERO).into(),
        }
    }

    fn wait(self: &Arc<Self>, how: How, _: &Props) -> Wait {
        match how.form() {
            Form::Borrowed => Box::pin(Kept::new(self, Self::wait)),
            Form::Owned => Box::pin(Arc::clone(self).wait_owned()),
            Form::Other if how.label % 2 == 0 => {
                Box::pin(Next(Box::pin(Arc::clone(self).stream_owned())))
            }
            Form::Other => Box::pin(Kept::new(self, |flag| Next(Box::pin(flag.stream())))),
        }
    }
}

/// Sets it, and comes back when whoever had to be woken has been.
fn set_in_one_step(flag: &ThreadSafeFlag) {
    if !plan::HAS_COURIER {
        return flag.set();
    }
    if thread::panicking() || thread::current().name() == Some("reveille-courier") {
        let _ = catch_unwind(AssertUnwindSafe(|| flag.set_direct()));
        return;
    }
    let echo = Arc::new(Echo { is_back: AtomicBool::new(false), thread: thread::current() });
    let echo_flag = ThreadSafeFlag::new();
    let mut wait = Box::pin(echo_flag.wait());
    let waker = Waker::from(Arc::clone(&echo));
    assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    flag.set();
    echo_flag.set();
    while !echo.is_back.load(SeqCst) {
        thread::park();
    }
}

// === impl Echo ===

impl Wake for Echo {
    fn wake(self: Arc<Self>) {
        self.is_back.store(true, SeqCst);
        self.thread.unpark();
    }
}

// === impl Next ===

impl<H: Deref<Target = ThreadSafeFlag>> Future for Next<H> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll_next(cx).map(|item| item.expect("it never ends"))
    }
}

impl<H: Deref<Target = ThreadSafeFlag>> FusedFuture for Next<H> {
    fn is_terminated(&self) -> bool {
        self.0.is_terminated()
    }
}
