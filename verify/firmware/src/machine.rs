//! The machine: its two exceptions, its clock, how it is reset, and how it is left.
//!
//! **Handlers Are Set While Masked.** What an exception calls is kept in a cell that is reached in
//! a critical section alone.

use core::arch::naked_asm;
use core::cell::Cell;

use cortex_m::peripheral::{SCB, SYST, scb::Exception, syst::SystClkSource};
use critical_section::Mutex;

/// What SysTick calls: with the address of the instruction that it came before.
type OnSysTick = fn(interrupted: u32);

static ON_SYSTICK: Mutex<Cell<OnSysTick>> = Mutex::new(Cell::new(|_| unexpected("SysTick")));
static ON_PENDSV: Mutex<Cell<fn()>> = Mutex::new(Cell::new(|| unexpected("PendSV")));
static ON_INTERRUPT: Mutex<Cell<fn()>> = Mutex::new(Cell::new(|| unexpected("an interrupt")));

fn unexpected(what: &str) {
    panic!("unexpected exception: {what}");
}

/// From now on SysTick calls this.
pub fn on_systick(handler: fn(interrupted: u32)) {
    critical_section::with(|section| ON_SYSTICK.borrow(section).set(handler));
}

/// From now on PendSV calls this.
pub fn on_pendsv(handler: fn()) {
    critical_section::with(|section| ON_PENDSV.borrow(section).set(handler));
}

/// From now on every interrupt of the interrupt controller calls this.
pub fn on_interrupt(handler: fn()) {
    critical_section::with(|section| ON_INTERRUPT.borrow(section).set(handler));
}

/// The core's peripherals.
pub fn core() -> cortex_m::Peripherals {
    // SAFETY: SysTick and the priorities are touched by one case at a time, and by its handlers;
    // each access is one load or one store of a register.
    unsafe { cortex_m::Peripherals::steal() }
}

/// Starts SysTick: an exception each `cycles` from now on.
pub fn tick_each(cycles: u32) {
    let mut clock: SYST = core().SYST;
    clock.disable_counter();
    clock.set_clock_source(SystClkSource::Core);
    clock.set_reload(cycles - 1);
    clock.clear_current();
    clock.enable_interrupt();
    clock.enable_counter();
}

/// Stops SysTick, and clears an exception that is pending meanwhile.
#[inline(always)]
pub fn stop_ticking() {
    core().SYST.disable_counter();
    SCB::clear_pendst();
}

/// The priority of PendSV: the lowest, so that it runs when no other exception does.
pub fn pendsv_comes_last() {
    // SAFETY: no critical section here is made by priorities.
    unsafe { core().SCB.set_priority(cortex_m::peripheral::scb::SystemHandler::PendSV, 0xff) };
}

/// Whether an exception handler runs.
pub fn in_exception() -> bool {
    SCB::vect_active() != cortex_m::peripheral::scb::VectActive::ThreadMode
}

/// Whether SysTick's handler runs.
pub fn in_systick() -> bool {
    SCB::vect_active() == cortex_m::peripheral::scb::VectActive::Exception(Exception::SysTick)
}

// The frame of an exception lies on the one stack there is: r0 to r3, r12, lr, then the address.
#[unsafe(naked)]
#[unsafe(export_name = "SysTick")]
extern "C" fn systick_entry() {
    naked_asm!(
        "mrs r0, msp",
        "ldr r0, [r0, #24]",
        "push {{r4, lr}}",
        "bl {handler}",
        "pop {{r4, pc}}",
        handler = sym systick,
    )
}

extern "C" fn systick(interrupted: u32) {
    let handler = critical_section::with(|section| ON_SYSTICK.borrow(section).get());
    handler(interrupted);
}

#[cortex_m_rt::exception]
fn PendSV() {
    let handler = critical_section::with(|section| ON_PENDSV.borrow(section).get());
    handler();
}

#[cortex_m_rt::exception]
unsafe fn DefaultHandler(number: i16) {
    assert!(number >= 0, "exception {number}");
    let handler = critical_section::with(|section| ON_INTERRUPT.borrow(section).get());
    handler();
}

#[cortex_m_rt::exception]
unsafe fn HardFault(frame: &cortex_m_rt::ExceptionFrame) -> ! {
    panic!("a fault at {:#x}", frame.pc());
}
