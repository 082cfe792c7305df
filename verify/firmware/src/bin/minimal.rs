//! The least there is with a flag: SysTick sets it, a task waits for it.
//!
//! Its size, less that of `bare`, is what the flag costs. It has no allocator.

#![no_std]
#![no_main]

use core::panic::PanicInfo;

use cortex_m::peripheral::{SYST, syst::SystClkSource};
use reveille::ThreadSafeFlag;

#[allow(dead_code, unreachable_pub, reason = "the suite asks for more of it")]
#[path = "../executor.rs"]
mod executor;

static TICK: ThreadSafeFlag = ThreadSafeFlag::new();

#[cortex_m_rt::exception]
fn SysTick() {
    TICK.set();
}

#[cortex_m_rt::entry]
fn main() -> ! {
    if let Some(core) = cortex_m::Peripherals::take() {
        start(core.SYST);
    }
    executor::block_on(async {
        loop {
            TICK.wait().await;
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
