//! Flags and events that real exceptions set, while a task sleeps by `wfi`.

use core::future::poll_fn;
use core::pin::pin;
use core::task::Poll;

use cortex_m::peripheral::SCB;
use reveille::{AsyncResult, Event, ThreadSafeFlag};
use reveille_firmware::{executor, machine, suite::Case, watch};

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "exceptions::flag_set_by_systick_wakes_a_task_asleep_in_wfi",
        run: flag_set_by_systick_wakes_a_task_asleep_in_wfi,
    },
    Case {
        name: "exceptions::flag_set_by_pendsv_wakes_a_task_asleep_in_wfi",
        run: flag_set_by_pendsv_wakes_a_task_asleep_in_wfi,
    },
    Case {
        name: "exceptions::event_set_by_systick_wakes_a_task_asleep_in_wfi",
        run: event_set_by_systick_wakes_a_task_asleep_in_wfi,
    },
    Case {
        name: "exceptions::event_set_by_pendsv_wakes_a_task_asleep_in_wfi",
        run: event_set_by_pendsv_wakes_a_task_asleep_in_wfi,
    },
    Case {
        name: "exceptions::tasks_of_two_exceptions_get_what_is_theirs",
        run: tasks_of_two_exceptions_get_what_is_theirs,
    },
    Case {
        name: "exceptions::results_set_by_systick_reach_a_task_asleep_in_wfi",
        run: results_set_by_systick_reach_a_task_asleep_in_wfi,
    },
    Case {
        name: "exceptions::set_between_the_creation_of_a_wait_and_its_poll_is_not_lost",
        run: set_between_the_creation_of_a_wait_and_its_poll_is_not_lost,
    },
];

/// How many exceptions each case awaits.
const ROUNDS: u32 = 1_000;

/// Cycles from tick to tick: many times what a round takes, so that each set is taken before the
/// next.
const TICK: u32 = 20_000;

static FLAG: ThreadSafeFlag = ThreadSafeFlag::new();
static EVENT: Event = Event::new();

/// Waits for a set of the flag, `ROUNDS` times.
async fn take_flags() {
    for _ in 0..ROUNDS {
        FLAG.wait().await;
        watch::progress();
    }
}

/// Waits for a set of the event, and clears it, `ROUNDS` times.
async fn take_events() {
    for _ in 0..ROUNDS {
        EVENT.wait().await;
        assert!(EVENT.clear());
        watch::progress();
    }
}

/// Each tick was for one round, and between them the machine slept.
fn each_tick_was_one_round() {
    machine::stop_ticking();
    assert_eq!(watch::ticks(), ROUNDS);
    assert!(executor::sleeps() >= ROUNDS - 1, "{} sleeps", executor::sleeps());
}

fn flag_set_by_systick_wakes_a_task_asleep_in_wfi() {
    machine::on_systick(|_| {
        watch::tick("a flag that SysTick sets");
        watch::signal(|| FLAG.set());
    });
    machine::tick_each(TICK);
    executor::block_on(take_flags());
    each_tick_was_one_round();
}

fn flag_set_by_pendsv_wakes_a_task_asleep_in_wfi() {
    machine::on_systick(|_| {
        watch::tick("a flag that PendSV sets");
        SCB::set_pendsv();
    });
    machine::on_pendsv(|| watch::signal(|| FLAG.set()));
    machine::pendsv_comes_last();
    machine::tick_each(TICK);
    executor::block_on(take_flags());
    each_tick_was_one_round();
}

fn event_set_by_systick_wakes_a_task_asleep_in_wfi() {
    machine::on_systick(|_| {
        watch::tick("an event that SysTick sets");
        watch::signal(|| EVENT.set());
    });
    machine::tick_each(TICK);
    executor::block_on(take_events());
    each_tick_was_one_round();
}

fn event_set_by_pendsv_wakes_a_task_asleep_in_wfi() {
    machine::on_systick(|_| {
        watch::tick("an event that PendSV sets");
        SCB::set_pendsv();
    });
    machine::on_pendsv(|| watch::signal(|| EVENT.set()));
    machine::pendsv_comes_last();
    machine::tick_each(TICK);
    executor::block_on(take_events());
    each_tick_was_one_round();
}

fn tasks_of_two_exceptions_get_what_is_theirs() {
    machine::on_systick(|_| {
        watch::tick("a flag that SysTick sets, or an event that PendSV sets");
        watch::signal(|| FLAG.set());
        SCB::set_pendsv();
    });
    machine::on_pendsv(|| watch::signal(|| EVENT.set()));
    machine::pendsv_comes_last();
    machine::tick_each(TICK);
    executor::block_on(async {
        let (mut flags, mut events) = (pin!(take_flags()), pin!(take_events()));
        let (mut no_flags, mut no_events) = (false, false);
        poll_fn(|cx| {
            no_flags = no_flags || flags.as_mut().poll(cx).is_ready();
            no_events = no_events || events.as_mut().poll(cx).is_ready();
            if no_flags && no_events { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    });
    each_tick_was_one_round();
}

fn results_set_by_systick_reach_a_task_asleep_in_wfi() {
    const RESULTS: usize = 100;
    static ANSWERS: [AsyncResult<u32, ()>; RESULTS] = [const { AsyncResult::new() }; RESULTS];
    machine::on_systick(|_| {
        watch::tick("a result that SysTick sets");
        let number = watch::ticks();
        let answer = &ANSWERS[number as usize - 1];
        watch::signal(|| assert_eq!(answer.set(number), Ok(())));
    });
    machine::tick_each(TICK);
    executor::block_on(async {
        for (answer, number) in ANSWERS.iter().zip(1..) {
            assert_eq!(answer.wait().await, Ok(&number));
            watch::progress();
        }
    });
    machine::stop_ticking();
}

/// PendSV comes immediately when thread mode sets it pending.
fn set_between_the_creation_of_a_wait_and_its_poll_is_not_lost() {
    machine::on_systick(|_| watch::tick("a flag or an event that PendSV sets immediately"));
    machine::on_pendsv(|| {
        watch::signal(|| FLAG.set());
        watch::signal(|| EVENT.pulse());
    });
    machine::tick_each(TICK);
    executor::block_on(async {
        for _ in 0..ROUNDS {
            let (flag, event) = (FLAG.wait(), EVENT.wait());
            SCB::set_pendsv();
            cortex_m::asm::isb();
            flag.await;
            event.await;
            watch::progress();
        }
    });
}
