//! What needs an allocator: owned futures, links, and `ValueEvent`, with an exception that sets.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use cortex_m::peripheral::SCB;
use embedded_alloc::LlffHeap;
use reveille::{Event, ThreadSafeFlag, ValueEvent};
use reveille_firmware::{executor, machine, suite::Case, watch};

extern crate alloc;

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "heap::owned_waits_are_released_by_an_exception",
        run: owned_waits_are_released_by_an_exception,
    },
    Case {
        name: "heap::links_run_in_the_exception_that_sets",
        run: links_run_in_the_exception_that_sets,
    },
    Case {
        name: "heap::each_round_of_a_value_event_reaches_its_waiter",
        run: each_round_of_a_value_event_reaches_its_waiter,
    },
];

#[global_allocator]
static HEAP: LlffHeap = LlffHeap::empty();

const SIZE: usize = 8 * 1024;

/// Gives the allocator its memory; each case begins with it, since each begins with a reset.
fn begin() {
    static mut MEMORY: [u8; SIZE] = [0; SIZE];
    let memory = &raw mut MEMORY;
    // SAFETY: once a reset, and MEMORY has no other use.
    unsafe { HEAP.init(memory.addr(), SIZE) };
}

/// Runs this in PendSV, immediately.
fn in_pendsv(handler: fn()) {
    machine::on_pendsv(handler);
    SCB::set_pendsv();
    cortex_m::asm::isb();
}

fn owned_waits_are_released_by_an_exception() {
    begin();
    static EVENT: ValueEvent<(Arc<Event>, Arc<ThreadSafeFlag>), ()> = ValueEvent::new();
    let (event, flag) = (Arc::new(Event::new()), Arc::new(ThreadSafeFlag::new()));
    let (event_wait, flag_wait) = (event.clone().wait_owned(), flag.clone().wait_owned());
    assert!(EVENT.send((event, flag)).is_ok());
    in_pendsv(|| {
        if let Some(Ok((event, flag))) = EVENT.get() {
            event.set();
            flag.set();
        }
    });
    executor::block_on(async {
        event_wait.await;
        flag_wait.await;
    });
}

fn links_run_in_the_exception_that_sets() {
    begin();
    static EVENT: Event = Event::new();
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let links: Vec<_> = (0..10)
        .map(|number| {
            EVENT.link(move || {
                assert!(machine::in_exception());
                assert_eq!(RUNS.load(Relaxed), number, "in the order of linking");
                RUNS.store(number + 1, Relaxed);
            })
        })
        .collect();
    in_pendsv(|| EVENT.set());
    assert_eq!(RUNS.load(Relaxed), 10);
    assert!(links.into_iter().all(|link| !link.unlink()));
}

fn each_round_of_a_value_event_reaches_its_waiter() {
    begin();
    static EVENT: ValueEvent<u32, ()> = ValueEvent::new();
    machine::on_systick(|_| watch::tick("the end of a round"));
    machine::tick_each(20_000);
    for round in 0..100 {
        let wait = Box::pin(EVENT.wait());
        assert_eq!(EVENT.send(round), Ok(()));
        assert!(EVENT.reset());
        assert_eq!(executor::block_on(wait), Ok(round));
        watch::progress();
    }
    machine::stop_ticking();
}
