//! An exception at every instruction of what a task does with a flag, and with an event.
//!
//! ```text
//! for each scene, for reload in 1, 2, 3, …
//!     prepare ─► SysTick starts ─► phase = park ─► wait.poll() ─► phase = between
//!                                        ▲ SysTick: set()
//!     only woken waiters are polled, until none is woken ─► is a set or a wake-up missing?
//! ```
//! QEMU's `-icount` ties SysTick to the count of instructions, so the exception comes a fixed
//! number of them after the start, and a tick is shorter than an instruction: none is stepped over.
//! The first case shows it on a row of `nop`. A scene is over when the exception comes after its
//! phase. What runs in a critical section is interrupted where that ends.
//!
//! [`scene`] runs it, [`strike`] is the exception, [`cast`] has the waiters.

use core::cell::RefCell;

use cortex_m_semihosting::hprintln;
use critical_section::Mutex;
use reveille::{Event, ThreadSafeFlag};
use reveille_firmware::suite::Case;

mod cast;
mod scene;
mod strike;

use cast::Signal;
use strike::{Blow, Hit, PHASES, Phase};

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "sweep::exception_comes_before_every_instruction_of_a_row",
        run: exception_comes_before_every_instruction_of_a_row,
    },
    Case {
        name: "sweep::no_exception_at_any_instruction_of_a_wait_costs_a_wake_up",
        run: no_exception_at_any_instruction_of_a_wait_costs_a_wake_up,
    },
];

/// How many exceptions there must be, in all and in each phase.
const ALL: u32 = 100_000;
const EACH: u32 = 1_000;

/// How many times in a row the exception must come after the phase for the scene to be over.
const BEYOND: u32 = 8;

/// How many times in a row it must come before one instruction for a task to be asleep there.
const ASLEEP: u32 = 500;

/// More ticks than any scene takes.
const LONG: u32 = 100_000;

/// How many exceptions came where.
#[derive(Default)]
struct Tally {
    of_phase: [u32; PHASES.len()],
    between: u32,
}

/// How many instructions of each phase can be noted.
const PLACES: usize = 800;

/// Before which instructions exceptions came, of each phase: their addresses, halved. 0: none.
static NOTED: Mutex<RefCell<[[u16; PLACES]; PHASES.len()]>> =
    Mutex::new(RefCell::new([[0; PLACES]; PHASES.len()]));

fn no_exception_at_any_instruction_of_a_wait_costs_a_wake_up() {
    let mut tally = Tally::default();
    tally.sweep_scenes::<ThreadSafeFlag>();
    tally.sweep_scenes::<Event>();
    tally.sweep_sleep::<ThreadSafeFlag>();
    tally.sweep_sleep::<Event>();
    let all = tally.between + tally.of_phase.iter().sum::<u32>();
    hprintln!("{} exceptions, 0 lost wake-ups", all);
    for ((phase, name), count) in PHASES.into_iter().zip(tally.of_phase) {
        hprintln!("  {:<8}{:>7}  before {} instructions", name, count, noted(phase));
        assert!(count >= EACH, "too few in this phase");
    }
    hprintln!("  {:<8}{:>7}", "between", tally.between);
    assert!(all >= ALL, "too few");
}

// === impl Tally ===

impl Tally {
    /// Counts a hit; returns whether it was in a phase.
    fn count(&mut self, hit: Hit) -> bool {
        match hit.phase {
            None => self.between += 1,
            Some(phase) => {
                self.of_phase[phase as usize] += 1;
                note(phase, hit.at);
            }
        }
        hit.phase.is_some()
    }

    /// Plays with reloads from 1 up, until the first exception comes after the phase.
    fn sweep(&mut self, mut play: impl FnMut(u32)) {
        let (mut begun, mut beyond) = (false, 0);
        for reload in 1..LONG {
            play(reload);
            let mut hits = strike::hits().map(|hit| self.count(hit));
            let first = hits.next() == Some(true);
            hits.for_each(drop);
            beyond = if first || !begun { 0 } else { beyond + 1 };
            begun |= first;
            if beyond == BEYOND {
                return;
            }
        }
        panic!("the exception never comes after the phase");
    }

    fn sweep_scenes<S: Signal>(&mut self) {
        for scene in scene::all() {
            self.sweep(|reload| scene.play::<S>(reload));
        }
    }

    /// Has a task wait in an executor that sleeps, until the exception only comes when it is
    /// asleep.
    fn sweep_sleep<S: Signal>(&mut self) {
        let (mut asleep, mut before) = (0, 0);
        for reload in 1..LONG {
            scene::sleep::<S>(reload);
            for hit in strike::hits() {
                self.count(hit);
                asleep = if hit.at == before { asleep + 1 } else { 0 };
                before = hit.at;
            }
            if asleep == ASLEEP {
                return;
            }
        }
        panic!("the task never sleeps");
    }
}

/// Notes that an exception came in this phase, before the instruction there.
fn note(phase: Phase, at: u32) {
    let half = u16::try_from(at / 2).expect("the code is in the first 128 KiB");
    critical_section::with(|section| {
        let places = &mut NOTED.borrow_ref_mut(section)[phase as usize];
        let place = places.iter().position(|&known| known == half || known == 0);
        places[place.expect("there are more than can be noted")] = half;
    });
}

/// Before how many instructions exceptions came in this phase.
fn noted(phase: Phase) -> usize {
    critical_section::with(|section| {
        NOTED.borrow_ref(section)[phase as usize].iter().filter(|&&place| place != 0).count()
    })
}

// === Whether none is stepped over ===

/// How many `nop` there are in [`row`]: one for each bit of a `u64`.
const ROW: u32 = u64::BITS;

#[unsafe(naked)]
extern "C" fn row() {
    core::arch::naked_asm!(".rept {row}", "nop", ".endr", "bx lr", row = const ROW)
}

fn exception_comes_before_every_instruction_of_a_row() {
    // In the address of a function the lowest bit says that it is Thumb code.
    let first = row as *const () as u32 & !1;
    let mut came = 0_u64;
    Tally::default().sweep(|reload| {
        strike::under_fire::<ThreadSafeFlag>(Phase::Poll, reload, Blow::Once, || row());
        for hit in strike::hits() {
            let number = hit.at.wrapping_sub(first) / 2;
            came |= if number < ROW { 1 << number } else { 0 };
        }
    });
    assert_eq!(came, u64::MAX, "it stepped over some");
}
