//! The flag under RTIC: a hardware task sets it, a software task waits for it.
//!
//! Ends like the suite, with `1 passed, 0 failed`; or with `lost wake-up` once the handler has set
//! several times and the task has not run.

#![no_std]
#![no_main]

use core::panic::PanicInfo;

use cortex_m_semihosting::{debug, hprintln};
use reveille::ThreadSafeFlag;

static SAMPLED: ThreadSafeFlag = ThreadSafeFlag::new();

/// How many sets the task consumes.
const SAMPLES: u32 = 1_000;

/// How many sets may come before the task runs.
const PATIENCE: u32 = 10;

#[rtic::app(device = lm3s6965, dispatchers = [UART0])]
mod app {
    use cortex_m::peripheral::syst::SystClkSource;

    use super::{PATIENCE, SAMPLED, SAMPLES};

    #[shared]
    struct Shared {
        /// Sets that the task has not consumed yet.
        untaken: u32,
    }

    #[local]
    struct Local {}

    #[init]
    fn init(cx: init::Context<'_>) -> (Shared, Local) {
        let mut clock = cx.core.SYST;
        clock.set_clock_source(SystClkSource::Core);
        clock.set_reload(10_000);
        clock.clear_current();
        clock.enable_interrupt();
        clock.enable_counter();
        filter::spawn().expect("it is spawned once");
        (Shared { untaken: 0 }, Local {})
    }

    #[task(binds = SysTick, priority = 2, shared = [untaken])]
    fn sample(mut cx: sample::Context<'_>) {
        if !cfg!(feature = "silent") {
            SAMPLED.set();
        }
        cx.shared.untaken.lock(|untaken| {
            *untaken += 1;
            assert!(
                *untaken < PATIENCE,
                "lost wake-up: the flag is set, and its task does not run"
            );
        });
    }

    #[task(priority = 1, shared = [untaken])]
    async fn filter(mut cx: filter::Context<'_>) {
        for _ in 0..SAMPLES {
            SAMPLED.wait().await;
            cx.shared.untaken.lock(|untaken| *untaken = 0);
        }
        super::end(true);
    }
}

fn end(well: bool) {
    hprintln!("{} passed, {} failed", u8::from(well), u8::from(!well));
    debug::exit(if well { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    hprintln!("FAILED rtic: {}", info);
    end(false);
    cortex_m::asm::udf()
}
