//! What every stress test needs: an end, a seed that reproduces the run, and a watchdog.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{env, hint, io, process, thread};

/// Xorshift: random enough to shake threads about, and a failure names its seed.
pub(crate) struct Rng(u64);

/// Ends the process with a message if the laps stop coming.
pub(crate) struct Watchdog {
    laps: Arc<AtomicU64>,
    _leash: Sender<()>,
}

/// How long a lap may take. The slowest takes milliseconds, also under ThreadSanitizer; wine and qemu, as
/// which Windows and aarch64 are met, are slower. Miri has a clock of its own, which runs fast while there
/// is work, and jumps when there is none.
const PATIENCE: Duration = Duration::from_secs(match () {
    () if cfg!(miri) => 1_000,
    () if cfg!(any(windows, target_arch = "aarch64")) => 60,
    () => 5,
});

/// Runs one stress test at a time: each needs all cores, so that its threads run at the same time.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Rounds for as many seconds as `REVEILLE_STRESS_SECONDS` says, or for three. Under Miri, a few.
pub(crate) fn rounds() -> impl Iterator<Item = u64> {
    let end = Instant::now() + Duration::from_secs(number("REVEILLE_STRESS_SECONDS").unwrap_or(3));
    (0..).take_while(move |&round| if cfg!(miri) { round < 2 } else { Instant::now() < end })
}

/// `REVEILLE_STRESS_SEED`, or another one each time.
pub(crate) fn seed() -> u64 {
    let any = || RandomState::new().build_hasher().finish();
    number("REVEILLE_STRESS_SEED").unwrap_or_else(any)
}

/// Burns a moment without leaving the core.
pub(crate) fn spin(turns: u64) {
    for _ in 0..if cfg!(miri) { turns / 64 } else { turns } {
        hint::spin_loop();
    }
}

/// Waits for `there` by looking, and leaves the core now and then to whom it waits for.
pub(crate) fn spin_until(mut there: impl FnMut() -> bool) {
    let mut looks: u32 = 0;
    while !there() {
        looks += 1;
        if looks % 4096 == 0 || cfg!(miri) {
            thread::yield_now();
        } else {
            hint::spin_loop();
        }
    }
}

/// Prints the closing line of a test that has passed; a guest who was lost has failed it
/// before, and one who hangs has ended the process.
pub(crate) fn report(test: &str, counts: &str, seed: u64) {
    println!("stress {test}: {counts}; 0 lost, 0 hung; seed {seed}");
}

/// The number that a variable of the environment holds.
pub(crate) fn number(variable: &str) -> Option<u64> {
    let value = env::var(variable).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{variable} is not a number: {value}")))
}

// === impl Rng ===

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        // Neighbouring seeds are spread, and zero, on which xorshift stays for ever, is avoided.
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A generator for another thread.
    pub(crate) fn fork(&mut self) -> Self {
        Self::new(self.next())
    }

    /// A number from 0 to `bound - 1`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 32) % bound
    }

    pub(crate) fn coin(&mut self) -> bool {
        self.below(2) == 0
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

// === impl Watchdog ===

impl Watchdog {
    /// `tell` says what hangs. It runs on the watchdog's thread and must not wait for anybody.
    pub(crate) fn new(tell: impl Fn() -> String + Send + 'static) -> Self {
        let laps = Arc::new(AtomicU64::new(0));
        let (leash, end) = channel();
        let (started, has_started) = channel();
        let watched = laps.clone();
        thread::spawn(move || {
            let _ = started.send(());
            let mut before = (0, Instant::now());
            while end.recv_timeout(PATIENCE / 10) == Err(RecvTimeoutError::Timeout) {
                // ORDERING: Relaxed. Only whether it moves.
                let laps = watched.load(Relaxed);
                if laps != before.0 {
                    before = (laps, Instant::now());
                } else if before.1.elapsed() > PATIENCE {
                    bark(&tell());
                }
            }
        });
        // Whoever forks while a thread starts may leave the child a lock of std's that nobody gives back, and
        // no thread can start there.
        has_started.recv().expect("the watchdog runs");
        Self { laps, _leash: leash }
    }

    pub(crate) fn lap(&self) {
        // ORDERING: Relaxed. Only whether it moves.
        self.laps.fetch_add(1, Relaxed);
    }
}

/// Past the test harness, which would keep the message to itself: a hanging thread cannot fail.
fn bark(message: &str) -> ! {
    use io::Write;
    let _ = writeln!(io::stderr(), "\nstress: {message}");
    process::abort();
}
