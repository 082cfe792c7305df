//! Runs cases, one a reset, and keeps the tally.
//!
//! **Masked To Tell.** The tally is read and written in thread mode before a case begins, and after
//! it ended with interrupts masked for good: by one at a time.

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::panic::PanicInfo;

use cortex_m::interrupt;
use cortex_m::peripheral::SCB;
use cortex_m_semihosting::{debug, hprintln};

/// A function that must end without a panic.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The promise.
    pub name: &'static str,
    /// Checks that it is kept. It may also end in [`pass`].
    pub run: fn(),
}

/// What is known of the cases so far.
#[derive(Clone, Copy)]
#[repr(C)]
struct Tally {
    /// [`Tally::KEPT`] once there is one; what a machine has that was just switched on is not that.
    kept: u32,
    /// The case that runs.
    name: &'static str,
    begun: usize,
    passed: usize,
    failed: usize,
}

struct Kept(UnsafeCell<MaybeUninit<Tally>>);

// SAFETY: Masked To Tell.
unsafe impl Sync for Kept {}

/// Where a reset leaves it alone.
#[unsafe(link_section = ".uninit.tally")]
static TALLY: Kept = Kept(UnsafeCell::new(MaybeUninit::uninit()));

/// Runs what has not been run yet of all cases, and ends.
pub fn run(all: &[&[Case]]) -> ! {
    let mut tally = Tally::load();
    let mut rest = all.iter().copied().flatten().skip(tally.begun);
    let Some(case) = rest.next() else {
        hprintln!("{} passed, {} failed", tally.passed, tally.failed);
        let whole = tally.failed == 0 && tally.passed == tally.begun && tally.begun > 0;
        loop {
            debug::exit(if whole { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
        }
    };
    tally.begun += 1;
    tally.name = case.name;
    tally.store();
    (case.run)();
    pass()
}

/// Ends the case that runs: it is as it should be.
pub fn pass() -> ! {
    interrupt::disable();
    let mut tally = Tally::load();
    tally.passed += 1;
    tally.store();
    hprintln!("ok {}", tally.name);
    SCB::sys_reset()
}

#[panic_handler]
fn panic(info: &PanicInfo) -> ! {
    interrupt::disable();
    let mut tally = Tally::load();
    tally.failed += 1;
    tally.store();
    hprintln!("FAILED {}: {}", tally.name, info);
    SCB::sys_reset()
}

// === impl Tally ===

impl Tally {
    const KEPT: u32 = 0x7e7e_11e5;

    const NONE: Self = Self { kept: Self::KEPT, name: "", begun: 0, passed: 0, failed: 0 };

    fn load() -> Self {
        let tally: *const Self = TALLY.0.get().cast();
        // SAFETY: Masked To Tell; `kept` comes first, and any bits are a u32.
        let kept = unsafe { tally.cast::<u32>().read_volatile() };
        if kept != Self::KEPT {
            return Self::NONE;
        }
        // SAFETY: Masked To Tell; `store` wrote it.
        unsafe { tally.read_volatile() }
    }

    fn store(self) {
        // SAFETY: Masked To Tell.
        unsafe { TALLY.0.get().cast::<Self>().write_volatile(self) };
    }
}
