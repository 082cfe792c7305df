//! The same under `embassy-executor`: tasks in thread mode, and in an executor of higher priority
//! that runs in an interrupt.

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use cortex_m::interrupt::InterruptNumber;
use cortex_m::peripheral::SCB;
use embassy_executor::{Executor, InterruptExecutor};
use reveille::{Event, ThreadSafeFlag};
use reveille_firmware::{
    machine,
    suite::{self, Case},
    watch,
};
use static_cell::StaticCell;

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "embassy::tasks_in_thread_mode_are_woken_by_systick_and_pendsv",
        run: tasks_in_thread_mode_are_woken_by_systick_and_pendsv,
    },
    Case {
        name: "embassy::task_in_an_interrupt_sets_flags_for_one_in_thread_mode",
        run: task_in_an_interrupt_sets_flags_for_one_in_thread_mode,
    },
];

/// How many exceptions each task awaits.
const ROUNDS: u32 = 1_000;

/// Cycles from tick to tick, as in `exceptions`.
const TICK: u32 = 20_000;

static THREAD: StaticCell<Executor> = StaticCell::new();
static URGENT: InterruptExecutor = InterruptExecutor::new();

/// The interrupt that the urgent executor runs in; nothing on these machines asks for it.
#[derive(Clone, Copy)]
struct Unused;

// SAFETY: both machines have an interrupt 0.
unsafe impl InterruptNumber for Unused {
    fn number(self) -> u16 {
        0
    }
}

/// Set by an exception.
static FLAG: ThreadSafeFlag = ThreadSafeFlag::new();
static EVENT: Event = Event::new();
/// Set by a task, for another.
static PASSED_ON: ThreadSafeFlag = ThreadSafeFlag::new();

/// How many tasks have come to their end.
static ENDED: AtomicU32 = AtomicU32::new(0);

/// Called at the end of each of two tasks in thread mode.
fn end_of_two() {
    ENDED.store(ENDED.load(Relaxed) + 1, Relaxed);
    if ENDED.load(Relaxed) == 2 {
        machine::stop_ticking();
        assert_eq!(watch::ticks(), ROUNDS);
        suite::pass();
    }
}

#[embassy_executor::task]
async fn take_flags() {
    for _ in 0..ROUNDS {
        FLAG.wait().await;
        assert!(!machine::in_exception());
        watch::progress();
    }
    end_of_two();
}

#[embassy_executor::task]
async fn take_events() {
    for _ in 0..ROUNDS {
        EVENT.wait().await;
        assert!(EVENT.clear());
        watch::progress();
    }
    end_of_two();
}

fn tasks_in_thread_mode_are_woken_by_systick_and_pendsv() {
    machine::on_systick(|_| {
        watch::tick("under embassy, a flag that SysTick sets, or an event that PendSV sets");
        watch::signal(|| FLAG.set());
        SCB::set_pendsv();
    });
    machine::on_pendsv(|| watch::signal(|| EVENT.set()));
    machine::pendsv_comes_last();
    machine::tick_each(TICK);
    THREAD.init(Executor::new()).run(|spawner| {
        spawner.spawn(take_flags().unwrap());
        spawner.spawn(take_events().unwrap());
    })
}

/// Runs in the interrupt.
#[embassy_executor::task]
async fn pass_on() {
    loop {
        FLAG.wait().await;
        assert!(machine::in_exception() && !machine::in_systick());
        watch::signal(|| PASSED_ON.set());
    }
}

#[embassy_executor::task]
async fn take_what_is_passed_on() {
    for _ in 0..ROUNDS {
        PASSED_ON.wait().await;
        assert!(!machine::in_exception());
        watch::progress();
    }
    machine::stop_ticking();
    assert_eq!(watch::ticks(), ROUNDS);
    suite::pass();
}

fn task_in_an_interrupt_sets_flags_for_one_in_thread_mode() {
    machine::on_systick(|_| {
        watch::tick("under embassy, a flag that a task in an interrupt sets");
        watch::signal(|| FLAG.set());
    });
    // SAFETY: `start` below comes first.
    machine::on_interrupt(|| unsafe { URGENT.on_interrupt() });
    URGENT.start(Unused).spawn(pass_on().unwrap());
    machine::tick_each(TICK);
    THREAD.init(Executor::new()).run(|spawner| {
        spawner.spawn(take_what_is_passed_on().unwrap());
    })
}
