//! An executor for one task, by hand: it polls when it has been woken, and else sleeps by `wfi`.
//!
//! Interrupts are masked from the look at WOKEN to the `wfi`, which a pending one ends all the
//! same. So none can come in between and be slept through.

use core::pin::pin;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed, Ordering::SeqCst};
use core::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

static WOKEN: AtomicBool = AtomicBool::new(false);
static SLEEPS: AtomicU32 = AtomicU32::new(0);

static VTABLE: RawWakerVTable = RawWakerVTable::new(|_| RAW, wake, wake, |_| ());
const RAW: RawWaker = RawWaker::new(core::ptr::null(), &VTABLE);

fn wake(_: *const ()) {
    WOKEN.store(true, SeqCst);
}

/// What wakes it.
pub fn waker() -> Waker {
    // SAFETY: the functions of the table do not look at the pointer, and may be called anywhere.
    unsafe { Waker::from_raw(RAW) }
}

/// Runs the future to its end.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = waker();
    let mut cx = Context::from_waker(&waker);
    loop {
        WOKEN.store(false, SeqCst);
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
        while !WOKEN.load(SeqCst) {
            sleep_unless_woken();
        }
    }
}

fn sleep_unless_woken() {
    critical_section::with(|_| {
        if !WOKEN.load(SeqCst) {
            SLEEPS.store(SLEEPS.load(Relaxed) + 1, Relaxed);
            cortex_m::asm::wfi();
        }
    });
}

/// How often it went to sleep.
pub fn sleeps() -> u32 {
    SLEEPS.load(Relaxed)
}
