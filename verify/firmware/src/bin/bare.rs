//! `minimal` with a bare bit in place of the flag, for a single waiter, which the handler wakes
//! itself.

#![no_std]
#![no_main]

use core::future::poll_fn;
use core::hint::black_box;
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicBool, Ordering::SeqCst};
use core::task::Poll;

use cortex_m::peripheral::{SYST, syst::SystClkSource};

#[allow(dead_code, unreachable_pub, reason = "the suite asks for more of it")]
#[path = "../executor.rs"]
mod executor;

static TICK: AtomicBool = AtomicBool::new(false);

#[cortex_m_rt::exception]
fn SysTick() {
    TICK.store(true, SeqCst);
    // As through a flag: by the table of the waker, which is the executor's, not the flag's.
    black_box(executor::waker()).wake();
}

#[cortex_m_rt::entry]
fn main() -> ! {
    if let Some(core) = cortex_m::Peripherals::take() {
        start(core.SYST);
    }
    executor::block_on(async {
        loop {
            poll_fn(|_| if TICK.load(SeqCst) { Poll::Ready(()) } else { Poll::Pending }).await;
            TICK.store(false, SeqCst);
            cortex_m::asm::nop();
        }
    })
}

fn start(mut clock: SYST) {
    clock.set_clock_source(SystClkSource::Core);
    clock.set_reload(10_000);
    clock.clear_current();
    clock.enable_interrupt();
    clock.enable_counter();
}

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    cortex_m::asm::udf()
}
