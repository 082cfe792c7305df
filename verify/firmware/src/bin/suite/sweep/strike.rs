//! The exception: when it comes, what it does, and where it came.

use core::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering::Relaxed};

use reveille_firmware::{executor, machine, watch};

use super::cast::Signal;

/// What the code under test is doing.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Phase {
    Park,
    Poll,
    Cancel,
    Consume,
    Sleep,
}

pub(crate) const PHASES: [(Phase, &str); 5] = [
    (Phase::Park, "park"),
    (Phase::Poll, "poll"),
    (Phase::Cancel, "cancel"),
    (Phase::Consume, "consume"),
    (Phase::Sleep, "sleep"),
];

/// What SysTick's handler does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blow {
    /// Sets.
    Once,
    /// Sets, and sets.
    Twice,
    /// Sets, and comes again after so many ticks, more than 1.
    Again(u32),
}

/// Where the exception came.
#[derive(Clone, Copy)]
pub(crate) struct Hit {
    /// None: before or after what is looked at.
    pub(crate) phase: Option<Phase>,
    /// The instruction that was next.
    pub(crate) at: u32,
    /// Whether it found a set.
    pub(crate) found_set: bool,
}

/// No phase.
const BETWEEN: u8 = u8::MAX;

/// How often a loop that waits for the exception turns at most.
const TURNS: u32 = 100_000;

/// How long SysTick takes to come again for a task that sleeps.
const AGAIN: u32 = 100_000;

static PHASE: AtomicU8 = AtomicU8::new(BETWEEN);

/// A [`Blow`], as a number.
static BLOW: AtomicU32 = AtomicU32::new(0);

/// How often the exception has come, and each time: the phase, the instruction, whether it found a
/// set.
static CAME: AtomicU32 = AtomicU32::new(0);
static PHASE_THEN: [AtomicU8; 2] = [const { AtomicU8::new(BETWEEN) }; 2];
static AT: [AtomicU32; 2] = [const { AtomicU32::new(0) }; 2];
static FOUND_SET: [AtomicBool; 2] = [const { AtomicBool::new(false) }; 2];

/// Where the exceptions came, since the last call of a function below.
pub(crate) fn hits() -> impl Iterator<Item = Hit> {
    (0..CAME.load(Relaxed) as usize).map(|number| {
        let then = PHASE_THEN[number].load(Relaxed);
        let phase = PHASES.into_iter().map(|(phase, _)| phase).find(|&phase| phase as u8 == then);
        let (at, found_set) = (AT[number].load(Relaxed), FOUND_SET[number].load(Relaxed));
        Hit { phase, at, found_set }
    })
}

/// Does something with the exception `reload` ticks off, and waits until all blows have fallen.
pub(crate) fn under_fire<S: Signal>(phase: Phase, reload: u32, blow: Blow, deed: impl FnOnce()) {
    BLOW.store(blow.number(), Relaxed);
    machine::on_systick(strike::<S>);
    begin(phase, reload);
    deed();
    PHASE.store(BETWEEN, Relaxed);
    for _ in 0..TURNS {
        if CAME.load(Relaxed) == blow.exceptions() {
            return;
        }
    }
    panic!("SysTick does not come");
}

/// Has a task wait for it in an executor that sleeps, with the exception `reload` ticks off.
pub(crate) fn asleep<S: Signal>(reload: u32) {
    BLOW.store(Blow::Once.number(), Relaxed);
    machine::on_systick(strike_a_sleeper::<S>);
    begin(Phase::Sleep, reload);
    executor::block_on(S::it().wait());
    PHASE.store(BETWEEN, Relaxed);
    machine::stop_ticking();
}

#[inline(always)]
fn begin(phase: Phase, reload: u32) {
    CAME.store(0, Relaxed);
    machine::tick_each(reload + 1);
    PHASE.store(phase as u8, Relaxed);
}

/// SysTick's handler: notes where it came, and sets.
fn strike<S: Signal>(interrupted: u32) {
    machine::stop_ticking();
    let number = CAME.load(Relaxed);
    PHASE_THEN[number as usize].store(PHASE.load(Relaxed), Relaxed);
    AT[number as usize].store(interrupted, Relaxed);
    FOUND_SET[number as usize].store(S::it().is_set(), Relaxed);
    watch::signal(|| S::it().set());
    match Blow::of(BLOW.load(Relaxed)) {
        Blow::Twice => watch::signal(|| S::it().set()),
        Blow::Again(ticks) if number == 0 => machine::tick_each(ticks),
        Blow::Once | Blow::Again(_) => {}
    }
    CAME.store(number + 1, Relaxed);
}

/// The same; it comes again, and then the task must be awake.
fn strike_a_sleeper<S: Signal>(interrupted: u32) {
    let lost = CAME.load(Relaxed) > 0;
    assert!(!lost, "lost wake-up: SysTick has set the {}, and the task sleeps on", S::NAME);
    strike::<S>(interrupted);
    machine::tick_each(AGAIN);
}

// === impl Blow ===

impl Blow {
    fn number(self) -> u32 {
        match self {
            Self::Once => 0,
            Self::Twice => 1,
            Self::Again(ticks) => ticks,
        }
    }

    fn of(number: u32) -> Self {
        match number {
            0 => Self::Once,
            1 => Self::Twice,
            ticks => Self::Again(ticks),
        }
    }

    /// How many exceptions it takes.
    fn exceptions(self) -> u32 {
        if matches!(self, Self::Again(_)) { 2 } else { 1 }
    }
}
