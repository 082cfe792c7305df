//! Miri and the sanitizers of LLVM: the tests run under each, and before that each is shown a program
//! without fault, of which it must say nothing, and programs with one, which it must report.
//!
//! | tool                | looks for                                    | is blind to                        |
//! |---------------------|----------------------------------------------|------------------------------------|
//! | Miri                | undefined behaviour, races, leaks; each seed is other turns of the threads, other values of weak loads | `poll(2)`, signals, `fork` |
//! | ThreadSanitizer     | races of what really ran, within std too     | order that only the kernel makes   |
//! | AddressSanitizer    | memory that is gone; at the end, leaks       | uninitialised memory               |
//! | RealtimeSanitizer   | from `set`, a call of the C library that may block or allocate, or our lock | system calls without the C library |
//!
//! The faults are faces of one program, `xtask/examples/sanitizer_probe.rs`. Each is built with what
//! the tests are built with, so a flag that is lost, or a crate that it does not reach, fails the step.
//!
//! # What each takes
//! - *Miri* runs the tests of a flag twice: with the waiters in the flag, when it looks for leaks, and, by
//!   `--cfg reveille_courier`, with slots and a courier that sleeps on its eventfd. A thread that lives on is
//!   a leak to Miri, so that it is told to ignore those.
//! - *ThreadSanitizer* has std built with it: of a std that it does not see through, each lock would be a race.
//!   A signal handler runs when its thread next does something that the tool sees; a thread that goes to
//!   sleep in `futex(2)` before does not. So the tests that send one signal and wait for its effect
//!   ([`ONE_SIGNAL`]) are not for it, and those of poll loops make their system calls by the C library.
//! - *AddressSanitizer*: what tests leak on purpose stays reachable (`common::leak`), and payloads that
//!   are forgotten by contract carry no memory, but for those of the model, which say whose they are, and are
//!   all that `xtask/leaks.supp` names. One child of a `fork` ends as its courier, without the stack of the
//!   thread that had everything: it is no place to look for leaks ([`ENDS_AS_COURIER`]).
//! - *RealtimeSanitizer*: `--cfg reveille_rtsan` marks both `set`s as what may not block and the lock as what
//!   does, so that each `set` in any test is looked at. It sees the calls of the C library, and `write(2)` is made
//!   without: with `--cfg rustix_use_libc` it must report that one call, for both.

use crate::{
    install::{self, NIGHTLY, Tool},
    read::libtest,
    run::Run,
    step::{self, Done, Stop},
};
use std::{path::Path, time::Duration};

/// Where they are at home; `-Zbuild-std` must be told, too.
const LINUX: &str = "x86_64-unknown-linux-gnu";

/// What the tools are tried on.
const PROBE: &str = "sanitizer_probe";

/// How long a build with its tests may take.
const LIMIT: Duration = Duration::from_secs(3600);

/// Tests that send one signal and wait for its effect: all that have this in their names.
const ONE_SIGNAL: &str = "each_signal_to_a_";

/// The test whose handler forks whatever it interrupts, be it `set`: to RealtimeSanitizer that is a `fork`
/// within `set`.
const FORKS_ANYWHERE: &str =
    "child_that_a_handler_forks_may_set_and_clear_whatever_was_interrupted";

/// The test whose child ends as its courier.
const ENDS_AS_COURIER: &str = "child_that_a_waker_forks_on_the_courier_delivers_nothing_and_ends";

/// The tests that Miri can run.
const MIRI: &str = "--lib --test event --test flag --test cancel --test traits --test link \
                    --test result --test value --test faults";

/// Those without std: what is locked there is reached through a raw pointer.
const MIRI_NO_STD: &str = "--no-default-features --features critical-section,alloc --test no_std";

/// Those in which a courier has something to do, and those that forget what they allocate.
const OF_THE_COURIER: &str = "--test courier --test flag --test cancel --test traits --test model";

/// The tests that ThreadSanitizer and AddressSanitizer run, but for those that they run apart; and those of
/// their short forms.
const ALL: &str = "--lib --test event --test flag --test courier --test cancel --test traits \
                   --test link --test result --test value --test waitable --test executors";
const SHORT: &str = "--lib --test courier --test cancel --test traits --test value";

/// How many operations the model carries out on each type under AddressSanitizer.
const OPERATIONS: &str = "100000";
const SUPPRESSIONS: &str = "suppressions=xtask/leaks.supp print_suppressions=0";

/// Those in which something is set.
const SETS: &str = "--lib --test flag --test courier --test cancel --test traits --test waitable \
                    --test pollers --test signals --test fork";

const SETS_SHORT: &str = "--lib --test courier --test cancel --test traits";

/// A sanitizer of LLVM, and how programs are built for it.
struct Sanitizer {
    /// Also the name of its target folder.
    name: &'static str,
    flags: &'static str,
    /// Whether std is built with it.
    with_std: bool,
    options: (&'static str, &'static str),
}

/// The end of a race is the end of the process. (It dies, too, if threads are started in a child of `fork`,
/// unless it is told not to.)
const TSAN: Sanitizer = Sanitizer {
    name: "tsan",
    flags: "-Zsanitizer=thread",
    with_std: true,
    options: ("TSAN_OPTIONS", "halt_on_error=1 die_after_fork=0"),
};

/// The same, with system calls by the C library: `polling` sleeps in one, and the signals of a test end it.
const TSAN_LIBC: Sanitizer =
    Sanitizer { name: "tsan-libc", flags: "-Zsanitizer=thread --cfg rustix_use_libc", ..TSAN };

const ASAN: Sanitizer = Sanitizer {
    name: "asan",
    flags: "-Zsanitizer=address",
    with_std: false,
    options: ("ASAN_OPTIONS", "detect_leaks=1"),
};

/// Finds out by whom memory was allocated function by function, so that one can be named.
const ASAN_BY_FRAMES: Sanitizer =
    Sanitizer { options: ("ASAN_OPTIONS", "detect_leaks=1 fast_unwind_on_malloc=0"), ..ASAN };

const ASAN_WITHOUT_LEAKS: Sanitizer =
    Sanitizer { options: ("ASAN_OPTIONS", "detect_leaks=0"), ..ASAN };

const RTSAN: Sanitizer = Sanitizer {
    name: "rtsan",
    flags: "-Zsanitizer=realtime --cfg reveille_rtsan",
    with_std: false,
    options: ("RTSAN_OPTIONS", "halt_on_error=1"),
};

/// The same, with system calls by the C library.
const RTSAN_LIBC: Sanitizer = Sanitizer {
    name: "rtsan-libc",
    flags: "-Zsanitizer=realtime --cfg reveille_rtsan --cfg rustix_use_libc",
    ..RTSAN
};

// === the steps ===

pub(crate) fn miri() -> Done {
    miri_with(2, "--test courier", &["-Zmiri-tree-borrows"])
}

pub(crate) fn miri_seeds() -> Done {
    miri_with(6, OF_THE_COURIER, &["-Zmiri-tree-borrows"])
}

pub(crate) fn miri_long() -> Done {
    miri_with(16, OF_THE_COURIER, &["-Zmiri-tree-borrows", ""])
}

pub(crate) fn tsan() -> Done {
    TSAN.is_there()?;
    TSAN.is_silent_on("clean")?;
    TSAN.reports("race", "ThreadSanitizer: data race")?;
    let seed = step::seed("REVEILLE_STRESS_SEED");
    let storm = |words: &str| count(in_short(TSAN.test(words), &seed));
    let passed = count(TSAN.test(ALL))?
        + count(TSAN_LIBC.test("--test pollers"))?
        + storm("--test stress")?
        + storm(&format!("--test signals --test fork --test faults -- --skip {ONE_SIGNAL}"))?;
    step::note(format!("{passed} tests, storms of 2 s with seed {seed}; fault found: a race"));
    Ok(())
}

pub(crate) fn tsan_short() -> Done {
    TSAN.is_there()?;
    TSAN.is_silent_on("clean")?;
    TSAN.reports("race", "ThreadSanitizer: data race")?;
    let passed = count(TSAN.test(SHORT))?;
    step::note(format!("{passed} tests; fault found: a race"));
    Ok(())
}

pub(crate) fn asan() -> Done {
    asan_with(|| {
        let seed = step::seed("REVEILLE_STRESS_SEED");
        let storm = in_short(ASAN.test("--test stress --test signals --test faults"), &seed);
        let model = ASAN_BY_FRAMES.test("--test model").env("LSAN_OPTIONS", SUPPRESSIONS);
        let model = model.env("REVEILLE_MODEL_OPERATIONS", OPERATIONS);
        let forked = ASAN_WITHOUT_LEAKS.test(&format!("--test fork -- --exact {ENDS_AS_COURIER}"));
        let passed = count(ASAN.test(&format!("{ALL} --test pollers")))?
            + count(model)?
            + count(storm)?
            + count(ASAN.test(&format!("--test fork -- --skip {ENDS_AS_COURIER}")))?
            + count(forked)?;
        Ok(format!("{passed} tests, storms of 2 s with seed {seed}"))
    })
}

pub(crate) fn asan_short() -> Done {
    asan_with(|| Ok(format!("{} tests", count(ASAN.test(SHORT))?)))
}

fn asan_with(tests: impl FnOnce() -> Result<String, Stop>) -> Done {
    ASAN.is_there()?;
    ASAN.is_silent_on("clean")?;
    ASAN.reports("freed", "AddressSanitizer: heap-use-after-free")?;
    ASAN.reports("leak", "LeakSanitizer: detected memory leaks")?;
    let told = tests()?;
    step::note(format!("{told}; faults found: a freed wait, a leak"));
    Ok(())
}

pub(crate) fn rtsan() -> Done {
    rtsan_with(SETS)
}

pub(crate) fn rtsan_short() -> Done {
    rtsan_with(SETS_SHORT)
}

fn rtsan_with(tests: &str) -> Done {
    let tests = &format!("{tests} -- --skip {FORKS_ANYWHERE}");
    RTSAN.is_there()?;
    for face in ["clean", "sets", "sets-event"] {
        RTSAN.is_silent_on(face)?;
    }
    RTSAN.reports("allocates", "real-time unsafe function `malloc`")?;
    RTSAN.reports("locks", "Call to blocking function `<reveille::sync::imp::Lock")?;
    RTSAN_LIBC.is_silent_on("sets-unawaited")?;
    for face in ["sets", "sets-event"] {
        RTSAN_LIBC.reports(face, "real-time unsafe function `write`")?;
    }
    let passed = count(RTSAN.test(tests))?;
    step::note(format!(
        "{passed} tests; found: an allocation, a lock, the one `write` of each set"
    ));
    Ok(())
}

// === Miri ===

fn miri_with(seeds: usize, of_the_courier: &str, models: &[&str]) -> Done {
    install::rustup(&[
        Tool::Toolchain(NIGHTLY),
        Tool::Component(NIGHTLY, "miri"),
        Tool::Component(NIGHTLY, "rust-src"),
    ])?;
    try_miri_out()?;
    let seeds = format!("-Zmiri-many-seeds=0..{seeds}");
    for model in models {
        let tests = format!("miri test -p reveille --locked --no-fail-fast {MIRI}");
        let flags = format!("{model} {seeds}");
        let no_std = format!("miri test -p reveille --locked --no-fail-fast {MIRI_NO_STD}");
        let direct = count(miri_run(&tests, &flags))? + count(miri_run(&no_std, &flags))?;
        let tests = format!("miri test -p reveille --locked --no-fail-fast {of_the_courier}");
        let run = miri_run(&tests, &format!("{model} {seeds} -Zmiri-ignore-leaks"));
        let courier = count(run.rustflags(COURIER))?;
        let name = if model.is_empty() { "stacked borrows" } else { "tree borrows" };
        let seeds = seeds.trim_start_matches("-Zmiri-many-seeds=");
        step::note(format!(
            "{name}, seeds {seeds}: {direct} runs of tests, {courier} with a courier"
        ));
    }
    step::note("faults found: a race, a freed wait, a leak, an unlucky turn of two threads");
    Ok(())
}

/// Gives Miri a courier.
const COURIER: &str = "--cfg reveille_courier";

fn miri_run(words: &str, flags: &str) -> Run {
    let flags: Vec<&str> = flags.split_whitespace().collect();
    Run::cargo_on(NIGHTLY, words).env("MIRIFLAGS", &flags.join(" ")).target("miri").limit(LIMIT)
}

fn try_miri_out() -> Done {
    let tree = "-Zmiri-tree-borrows";
    let face = |face: &str, flags: &str| {
        let words = format!("miri run --quiet -p xtask --locked --example {PROBE} -- {face}");
        miri_run(&words, flags)
    };
    is_silent(face("clean", tree), "Miri")?;
    let courier = face("clean", "-Zmiri-tree-borrows -Zmiri-ignore-leaks").rustflags(COURIER);
    is_silent(courier, "Miri with a courier")?;
    let raced = face("race", "-Zmiri-tree-borrows -Zmiri-ignore-leaks").rustflags(COURIER);
    reports(raced, "Data race detected")?;
    reports(face("race", tree), "Data race detected")?;
    reports(face("freed", tree), "use-after-free")?;
    reports(face("leak", tree), "memory leaked")?;
    // One seed alone may be lucky; of sixteen, one is not.
    reports(face("schedule", "-Zmiri-tree-borrows -Zmiri-many-seeds=0..16"), "one was lost")
}

// === impl Sanitizer ===

impl Sanitizer {
    /// Sees to it that rustup and LLVM have what it needs.
    fn is_there(&self) -> Done {
        if !cfg!(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu")) {
            return Err(Stop::Skipped("it knows Linux on x86-64 alone".into()));
        }
        install::rustup(&[Tool::Toolchain(NIGHTLY), Tool::Component(NIGHTLY, "rust-src")])?;
        let words = format!("+{NIGHTLY} --print target-libdir");
        let told = Run::program("rustc", &words).unseen()?;
        let (name, _) = self.name.split_once('-').unwrap_or((self.name, ""));
        let runtime = format!("librustc-nightly_rt.{name}.a");
        if told.passed() && Path::new(told.text.trim()).join(&runtime).exists() {
            return Ok(());
        }
        Err(Stop::Skipped(format!("the nightly toolchain has no {runtime}")))
    }

    fn test(&self, words: &str) -> Run {
        self.cargo("test", &format!("-p reveille --locked {words}"))
    }

    fn is_silent_on(&self, face: &str) -> Done {
        is_silent(self.face(face), self.name)
    }

    fn reports(&self, face: &str, what: &str) -> Done {
        reports(self.face(face), what)
    }

    fn face(&self, face: &str) -> Run {
        self.cargo("run", &format!("--quiet -p xtask --locked --example {PROBE} -- {face}"))
    }

    fn cargo(&self, verb: &str, words: &str) -> Run {
        let std = if self.with_std { "-Zbuild-std" } else { "" };
        let (name, value) = self.options;
        Run::cargo_on(NIGHTLY, &format!("{verb} {std} --target {LINUX} {words}"))
            .rustflags(self.flags)
            .env(name, value)
            // A panic that is meant to be would be symbolised, which is slow in these builds.
            .env("RUST_BACKTRACE", "0")
            .target(self.name)
            .limit(LIMIT)
    }
}

// === what both have in common ===

/// Storms as long as they need be where everything is slow.
fn in_short(storms: Run, seed: &str) -> Run {
    storms
        .env("REVEILLE_STRESS_SEED", seed)
        .env("REVEILLE_STRESS_SECONDS", "2")
        .env("REVEILLE_STRESS_JOBS", "200000")
        .env("REVEILLE_STRESS_TASKS", "1000")
}

/// Runs the tests, and tells how many passed.
fn count(run: Run) -> Result<usize, Stop> {
    match libtest::passed(&run.go_and_tell()?) {
        0 => Err(Stop::failed("no test ran")),
        count => Ok(count),
    }
}

fn is_silent(face: Run, tool: &str) -> Done {
    let output = face.hushed()?;
    if output.passed() {
        return Ok(());
    }
    println!("{}", output.text);
    Err(Stop::Failed(format!("{tool} reports something in the program without fault")))
}

fn reports(face: Run, what: &str) -> Done {
    let output = face.hushed()?;
    match output.text.lines().find(|line| line.contains(what)) {
        Some(line) if !output.passed() && !output.overran() => {
            println!("reported: {}", line.trim());
            Ok(())
        }
        _ => {
            println!("{}", output.text);
            Err(Stop::Failed(format!("a fault that was put in is not reported: `{what}`")))
        }
    }
}
