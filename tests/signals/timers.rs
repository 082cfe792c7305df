//! Stress tests of timers: a handler that sets flags strikes every 50 µs, on each thread of a program that
//! parks, polls, cancels, allocates and spawns; with plain threads, with tokio and with smol.
//!
//! A lock, an allocation or a waker in `set` would end in a deadlock; the allocator has an eye on the
//! handlers, too. A set that nobody wakes for keeps its flag set and its waiters asleep for good, since
//! later sets find it set: so it shows, in a lull or as a test that hangs.
//!
//! `REVEILLE_STRESS_STRIKES` says how many runs of the handler there are, in all three together, and
//! `REVEILLE_STRESS_MICROSECONDS` how far those of a thread are apart.

use std::any::Any;
use std::cell::Cell;
use std::ffi::c_int;
use std::hint::black_box;
use std::mem;
use std::pin::pin;
use std::ptr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::thread;
use std::time::{Duration, Instant};

use libc::SIGALRM;
use reveille::ThreadSafeFlag;
use smol::future::yield_now;

use crate::common::{Task, poll, until};
use crate::heap;
use crate::stage::play;
use crate::system::{self, Mask, Timer};
use crate::watch::{Rng, Watchdog, number, report, seed};
use crate::world::{Smol, Tokio, World};

/// Microseconds between two strikes of a timer, if nobody says.
const EVERY: u16 = 50;

/// Strikes of the test over threads by default: five seconds of one timer's.
const STRIKES: u64 = 100_000;

/// And of the other two.
const FEWER: u64 = 20_000;

const TESTS: u64 = 3;

/// Strikes between two lulls.
const SPELL: usize = 1_000;

/// For how long a flag may be set while somebody waits, in a lull.
const PATIENCE: Duration = Duration::from_secs(3);

/// Each strike sets the first, and each of them in turn.
static FLAGS: [ThreadSafeFlag; 5] = [const { ThreadSafeFlag::new() }; 5];

static COUNTS: Counts = Counts::new();

/// A test has at least so many strikes.
static ENOUGH: AtomicUsize = AtomicUsize::new(0);

/// How often the first flag was set by workers, and how often a set of it was taken.
static FIRST_SET: AtomicUsize = AtomicUsize::new(0);
static FIRST_TAKEN: AtomicUsize = AtomicUsize::new(0);

/// There are no more strikes: whoever is released goes home.
static CALM: AtomicBool = AtomicBool::new(false);

/// The timers of all threads that have begun.
static TIMERS: Mutex<Vec<Timer>> = Mutex::new(Vec::new());

thread_local! {
    /// The flag that this thread is at, for its handler to set; null in between.
    static AT: Cell<*const ThreadSafeFlag> = const { Cell::new(ptr::null()) };
}

/// What has come to pass.
#[derive(Debug)]
struct Counts {
    strikes: AtomicUsize,
    taken: AtomicUsize,
    timed_out: AtomicUsize,
    cancelled: AtomicUsize,
    spawned: AtomicUsize,
    allocated: AtomicUsize,
    /// Turns of the workers' loops.
    turns: AtomicUsize,
    /// Guests who have gone home.
    home: AtomicUsize,
}

/// Those who wait, and what they live in.
struct Guests {
    count: usize,
    /// How many of them need strikes to come home.
    need_strikes: usize,
    /// Each has a timer.
    threads: usize,
    _lodging: Box<dyn Any>,
}

extern "C" fn strike(_: c_int) {
    // ORDERING: Relaxed, as of all counts: nothing is read for them.
    let strikes = COUNTS.strikes.fetch_add(1, Relaxed);
    heap::as_a_handler(|| {
        FLAGS[0].set();
        // SAFETY: the handler runs on the thread that stores there, and that takes the flag away
        // before it drops it.
        if let Some(flag) = unsafe { AT.get().as_ref() } {
            flag.set();
        }
        FLAGS[strikes % FLAGS.len()].set();
    });
}

#[test]
fn handlers_may_interrupt_all_that_threads_do_with_flags() {
    play("timers::handlers_may_interrupt_all_that_threads_do_with_flags", |watchdog| {
        stress("of timers over threads", STRIKES, watchdog, |rng| {
            for mut rng in [rng.fork(), rng.fork()] {
                thread::spawn(move || {
                    begin();
                    let mut blocks = vec![Vec::new(); 64];
                    while !is_over() {
                        work_on_a_thread(&mut rng, &mut blocks);
                        COUNTS.turns.fetch_add(1, Relaxed);
                    }
                    COUNTS.go_home();
                    end();
                });
            }
            thread::spawn(|| {
                begin();
                while !is_calm() {
                    FLAGS[0].wait_blocking();
                    took(&FLAGS[0]);
                }
                COUNTS.go_home();
                end();
            });
            Guests { count: 3, need_strikes: 2, threads: 3, _lodging: Box::new(()) }
        });
    });
}

#[test]
fn handlers_may_interrupt_all_that_tokio_does_with_flags() {
    play("timers::handlers_may_interrupt_all_that_tokio_does_with_flags", |watchdog| {
        stress("of timers over tokio", FEWER, watchdog, |rng| {
            let tokio = Tokio::new(begin);
            lodge(&tokio.world(), rng, tokio)
        });
    });
}

#[test]
fn handlers_may_interrupt_all_that_smol_does_with_flags() {
    play("timers::handlers_may_interrupt_all_that_smol_does_with_flags", |watchdog| {
        stress("of timers over smol", FEWER, watchdog, |rng| {
            let smol = Smol::new(begin);
            lodge(&smol.world(), rng, smol)
        });
    });
}

fn stress(name: &str, usual: u64, watchdog: &Watchdog, invite: impl FnOnce(&mut Rng) -> Guests) {
    let seed = seed();
    let asked = number("REVEILLE_STRESS_STRIKES").map(|all| all.div_ceil(TESTS));
    // ORDERING: Relaxed. Nobody has begun.
    ENOUGH.store(asked.unwrap_or(usual) as usize, Relaxed);
    let every = number("REVEILLE_STRESS_MICROSECONDS").map_or(EVERY, |every| every as u16);
    println!("seed {seed}");
    // This thread looks on; the timers are the others'.
    let _mask = Mask::with(&[SIGALRM]);
    system::install(SIGALRM, strike);
    let guests = invite(&mut Rng::new(seed));
    until("each thread has a timer", || TIMERS.lock().unwrap().len() == guests.threads);
    while !is_over() || COUNTS.home() < guests.need_strikes {
        let (strikes, turns) = (COUNTS.strikes(), COUNTS.turns.load(Relaxed));
        strike_every(every);
        until("the timers strike, and the workers turn", || {
            // The cores are theirs.
            thread::sleep(Duration::from_millis(1));
            COUNTS.strikes() >= strikes + SPELL && COUNTS.turns.load(Relaxed) > turns
        });
        strike_every(0);
        let lost = FLAGS.iter().filter(|flag| is_lost(flag)).count();
        assert_eq!(lost, 0, "flags that are set, and wake nobody who waits: {COUNTS:?}");
        watchdog.lap();
    }
    // ORDERING: Release, for `is_calm`.
    CALM.store(true, Release);
    let mut last_sets = 0;
    while COUNTS.home() < guests.count {
        let home = COUNTS.home();
        FLAGS.iter().for_each(ThreadSafeFlag::set);
        last_sets += 1;
        until("one more set releases one more", || COUNTS.home() > home);
        watchdog.lap();
    }
    drop(guests);
    let strikes = COUNTS.strikes();
    let sets = strikes + strikes.div_ceil(FLAGS.len()) + FIRST_SET.load(Relaxed) + last_sets;
    let taken = FIRST_TAKEN.load(Relaxed);
    assert!(taken <= sets, "{sets} sets were taken {taken} times");
    assert_eq!(heap::offences(), 0, "a handler has allocated");
    report(name, &COUNTS.tell(), seed);
}

/// A thread under the timers.
fn begin() {
    mem::forget(Mask::open());
    TIMERS.lock().unwrap().push(Timer::of_this_thread());
}

/// A thread that ends while they strike. What RealtimeSanitizer does then with a lock of its own is not to be
/// interrupted by a handler of which it takes note.
fn end() {
    if cfg!(reveille_rtsan) {
        mem::forget(Mask::closed());
    }
}

fn strike_every(microseconds: u16) {
    TIMERS.lock().unwrap().iter().for_each(|timer| timer.strike_every(microseconds));
}

/// Whether the timers have struck as often as they have to.
fn is_over() -> bool {
    COUNTS.strikes() >= ENOUGH.load(Relaxed)
}

fn is_calm() -> bool {
    // ORDERING: Acquire, from the end of the test.
    CALM.load(Acquire)
}

/// In a lull: whether the flag is set for good although somebody waits for it.
fn is_lost(flag: &ThreadSafeFlag) -> bool {
    let start = Instant::now();
    while flag.is_set() && format!("{flag:?}").contains("has_waiters: true") {
        if start.elapsed() > PATIENCE {
            return true;
        }
        thread::yield_now();
    }
    false
}

/// A wait has taken a set of this flag.
fn took(flag: &ThreadSafeFlag) {
    COUNTS.taken.fetch_add(1, Relaxed);
    if ptr::eq(flag, &FLAGS[0]) {
        FIRST_TAKEN.fetch_add(1, Relaxed);
    }
}

fn set_the_first() {
    FIRST_SET.fetch_add(1, Relaxed);
    FLAGS[0].set_direct();
}

fn allocate(rng: &mut Rng, blocks: &mut [Vec<u8>]) {
    let at = rng.below(blocks.len() as u64) as usize;
    let magnitude = rng.below(18);
    blocks[at] = black_box(vec![1; rng.below(1 << magnitude) as usize]);
    COUNTS.allocated.fetch_add(1, Relaxed);
}

fn look_and_leave(flag: &ThreadSafeFlag, looks: u64) {
    let mut wait = pin!(flag.wait());
    for _ in 0..looks {
        if wait.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            return took(flag);
        }
    }
    COUNTS.cancelled.fetch_add(u64::min(looks, 1) as usize, Relaxed);
}

// === threads ===

fn work_on_a_thread(rng: &mut Rng, blocks: &mut [Vec<u8>]) {
    let flag = Arc::new(ThreadSafeFlag::new());
    AT.set(Arc::as_ptr(&flag));
    for _ in 0..=rng.below(3) {
        match rng.below(64) {
            // A thread costs more than all the rest.
            0 => spawn_a_thread(rng.below(200)),
            1..8 => {
                flag.wait_blocking();
                took(&flag);
            }
            8..15 => wait_blocking_timeout(&flag, rng.below(200)),
            15..22 => look_and_leave(&flag, rng.below(4)),
            22..29 => look_and_leave(&FLAGS[0], rng.below(4)),
            29..36 => {
                pollster::block_on(flag.clone().wait_owned());
                took(&flag);
            }
            36..43 => pollster::block_on(pass_a_place_on(&flag)),
            43..48 => drop(flag.clear()),
            48..52 => (0..rng.below(200)).for_each(|_| flag.set()),
            52..56 => set_the_first(),
            _ => allocate(rng, blocks),
        }
    }
    AT.set(ptr::null());
}

fn wait_blocking_timeout(flag: &ThreadSafeFlag, microseconds: u64) {
    match flag.wait_blocking_timeout(Duration::from_micros(microseconds)) {
        true => took(flag),
        false => _ = COUNTS.timed_out.fetch_add(1, Relaxed),
    }
}

fn spawn_a_thread(microseconds: u64) {
    thread::spawn(move || wait_blocking_timeout(&FLAGS[1], microseconds)).join().unwrap();
    COUNTS.spawned.fetch_add(1, Relaxed);
}

/// The first of two that wait gives up, set or not; the test releases the second.
async fn pass_a_place_on(flag: &ThreadSafeFlag) {
    let task = Task::new();
    let mut first = Box::pin(flag.wait());
    let mut second = Box::pin(flag.wait());
    if poll(first.as_mut(), &task).is_ready() {
        return took(flag);
    }
    if poll(second.as_mut(), &task).is_pending() {
        drop(first);
        COUNTS.cancelled.fetch_add(1, Relaxed);
        second.await;
    }
    took(flag);
}

// === tasks ===

/// One is patient with the first flag; of each other there is one who works with it.
fn lodge(world: &World, rng: &mut Rng, executor: impl Any) -> Guests {
    let mut tasks = vec![world.spawn(async {
        while !is_calm() {
            FLAGS[0].wait().await;
            took(&FLAGS[0]);
            yield_now().await;
        }
        COUNTS.go_home();
    })];
    for flag in &FLAGS[1..] {
        tasks.push(world.spawn(work_in_a_task(world.clone(), flag, rng.fork())));
    }
    Guests {
        count: tasks.len(),
        need_strikes: 0,
        threads: 2,
        _lodging: Box::new((tasks, executor)),
    }
}

async fn work_in_a_task(world: World, flag: &'static ThreadSafeFlag, mut rng: Rng) {
    let mut blocks = vec![Vec::new(); 64];
    while !is_calm() {
        match rng.below(9) {
            0 => {
                flag.wait().await;
                took(flag);
            }
            1 | 2 => {
                let timeout = Duration::from_micros(rng.below(200));
                let in_time = match rng.coin() {
                    true => world.timeout(timeout, flag.wait()).await,
                    false => world.strict_timeout(timeout, flag.wait()).await,
                };
                match in_time {
                    true => took(flag),
                    false => _ = COUNTS.timed_out.fetch_add(1, Relaxed),
                }
            }
            3 => look_and_leave(flag, rng.below(4)),
            4 => look_and_leave(&FLAGS[0], rng.below(4)),
            5 => pass_a_place_on(flag).await,
            6 => {
                let child = async {
                    flag.wait().await;
                    took(flag);
                };
                world.spawn(child).await;
                COUNTS.spawned.fetch_add(1, Relaxed);
            }
            7 => match rng.coin() {
                true => set_the_first(),
                false => drop(flag.clear()),
            },
            _ => allocate(&mut rng, &mut blocks),
        }
        COUNTS.turns.fetch_add(1, Relaxed);
        yield_now().await;
    }
    COUNTS.go_home();
}

// === impl Counts ===

impl Counts {
    const fn new() -> Self {
        Self {
            strikes: AtomicUsize::new(0),
            taken: AtomicUsize::new(0),
            timed_out: AtomicUsize::new(0),
            cancelled: AtomicUsize::new(0),
            spawned: AtomicUsize::new(0),
            allocated: AtomicUsize::new(0),
            turns: AtomicUsize::new(0),
            home: AtomicUsize::new(0),
        }
    }

    fn strikes(&self) -> usize {
        self.strikes.load(Relaxed)
    }

    fn home(&self) -> usize {
        self.home.load(Relaxed)
    }

    /// The last turn of a guest.
    fn go_home(&self) {
        self.turns.fetch_add(1, Relaxed);
        self.home.fetch_add(1, Relaxed);
    }

    /// # Panics
    /// If one of them is zero: a test without that proves nothing.
    fn tell(&self) -> String {
        let counts = [
            (&self.strikes, "handler runs"),
            (&self.taken, "sets taken"),
            (&self.timed_out, "timed out"),
            (&self.cancelled, "cancelled while parked"),
            (&self.spawned, "spawned"),
            (&self.allocated, "allocated"),
        ];
        let told = counts.map(|(count, what)| match count.load(Relaxed) {
            0 => panic!("no stress: 0 {what}"),
            count => format!("{count} {what}"),
        });
        told.join(", ")
    }
}
