//! Miri and the sanitizers of LLVM. Before the tests run under a tool, the tool is shown a program without
//! fault, of which it must report nothing, and programs with a fault, which it must report.
//!
//! | tool                | finds                                        | does not see                       |
//! |---------------------|----------------------------------------------|------------------------------------|
//! | Miri                | undefined behavior, races, leaks; each seed has other thread switches, other values of weak loads | `poll(2)`, signals, `fork` |
//! | ThreadSanitizer     | races of what ran, within std too            | order that only the kernel makes   |
//! | AddressSanitizer    | memory that is gone; at the end, leaks       | uninitialized memory               |
//! | RealtimeSanitizer   | a call of the C library from `set` that may block or allocate; our lock | system calls without the C library |
//!
//! The faults are variants of one program, `xtask/examples/sanitizer_probe.rs`, built as the tests are:
//! a flag that is lost, or a crate that it does not reach, fails the step.
//!
//! # Particulars
//! - *Miri* runs the tests of a flag twice: with the waiters in the flag, when it checks for leaks, and, by
//!   `--cfg reveille_courier`, with slots and a courier that sleeps on its eventfd. A thread that lives on is
//!   a leak to Miri, so there leaks are ignored.
//! - *ThreadSanitizer* needs a std that is built with it. A signal handler runs when its thread next does
//!   something that the tool sees; one that sleeps in `futex(2)` does not. So the tests that send one signal
//!   and wait for its effect ([`ONE_SIGNAL`]) are left out, and poll loops use the C library's system calls.
//! - *AddressSanitizer*: what tests leak on purpose stays reachable (`common::leak`), except payloads of
//!   the model, which `xtask/leaks.supp` names. The children of two tests exit without the stacks that
//!   point to the memory of their parent, so these tests run without a search for leaks
//!   ([`EXIT_WITHOUT_STACKS`]).
//! - *RealtimeSanitizer*: `--cfg reveille_rtsan` marks both `set`s as what may not block, and the lock as what
//!   does. `write(2)` is made without the C library; with `--cfg rustix_use_libc` the tool must report that
//!   one call of each `set` that has a waiter, and none of a `set` that has none.

use crate::{
    install::{self, NIGHTLY, Tool},
    read::libtest,
    run::Run,
    step::{self, Done, Stop},
};
use std::{path::Path, time::Duration};

/// The target of the sanitizers' builds; `-Zbuild-std` needs its name.
const LINUX: &str = "x86_64-unknown-linux-gnu";

/// What the tools are tried on.
const PROBE: &str = "sanitizer_probe";

/// How long a build with its tests may take.
const LIMIT: Duration = Duration::from_secs(3600);

/// Tests that send one signal and wait for its effect: all that have this in their names.
const ONE_SIGNAL: &str = "each_signal_to_a_";

/// The test whose handler forks whatever it interrupts: to RealtimeSanitizer a `fork` within `set`.
const FORKS_ANYWHERE: &str =
    "child_that_a_handler_forks_may_set_and_clear_whatever_was_interrupted";

/// The tests whose children exit in order, as their courier or by `exit`, without the stacks of
/// their parent's threads.
const EXIT_WITHOUT_STACKS: [&str; 2] = [
    "child_that_a_waker_forks_on_the_courier_delivers_nothing_and_ends",
    "child_that_leaves_inherited_objects_alone_exits_and_the_waiters_of_its_parent_stay",
];

/// The tests that Miri can run; those without std, whose lock is reached through a raw pointer; and those
/// in which a courier has something to do, or that forget what they allocate.
const MIRI: &str = "--lib --test event --test flag --test cancel --test traits --test link \
                    --test result --test value --test faults";
const MIRI_NO_STD: &str = "--no-default-features --features critical-section,alloc --test no_std";
const MIRI_COURIER: &str = "--test courier --test flag --test cancel --test traits --test model";

/// What of these is enough for `ci`.
const MIRI_SHORT: &str = "--lib --test cancel";
const MIRI_COURIER_SHORT: &str = "--test courier";

/// The tests that ThreadSanitizer and AddressSanitizer run, beside those that they run apart.
const ALL: &str = "--lib --test event --test flag --test courier --test cancel --test traits \
                   --test link --test result --test value --test waitable --test executors";

/// The tests in which something is set.
const SETS: &str = "--lib --test flag --test courier --test cancel --test traits --test waitable \
                    --test pollers --test signals --test fork";

/// A sanitizer of LLVM, and how programs are built for it.
struct Sanitizer {
    /// Also the name of its target folder.
    name: &'static str,
    flags: &'static str,
    /// Whether std is built with it.
    with_std: bool,
    options: (&'static str, &'static str),
}

/// A race ends the process. (So would a thread that is started in a child of `fork`, by default.)
const TSAN: Sanitizer = Sanitizer {
    name: "tsan",
    flags: "-Zsanitizer=thread",
    with_std: true,
    options: ("TSAN_OPTIONS", "halt_on_error=1 die_after_fork=0"),
};

/// The same, with system calls by the C library: `polling` sleeps in one, and a test's signals end it.
const TSAN_LIBC: Sanitizer =
    Sanitizer { name: "tsan-libc", flags: "-Zsanitizer=thread --cfg rustix_use_libc", ..TSAN };

const ASAN: Sanitizer = Sanitizer {
    name: "asan",
    flags: "-Zsanitizer=address",
    with_std: false,
    options: ("ASAN_OPTIONS", "detect_leaks=1"),
};

/// Finds out by which function memory was allocated, so that one can be named.
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
    miri_with(2, MIRI_SHORT, MIRI_COURIER_SHORT, &["-Zmiri-tree-borrows"])
}

pub(crate) fn miri_seeds() -> Done {
    miri_with(6, MIRI, MIRI_COURIER, &["-Zmiri-tree-borrows"])
}

pub(crate) fn miri_long() -> Done {
    miri_with(16, MIRI, MIRI_COURIER, &["-Zmiri-tree-borrows", ""])
}

/// Each sanitizer on its programs alone: every way to set and to wait, by two threads.
pub(crate) fn short() -> Done {
    try_tsan_out()?;
    try_asan_out()?;
    try_rtsan_out()
}

pub(crate) fn tsan() -> Done {
    try_tsan_out()?;
    let seed = step::seed("REVEILLE_STRESS_SEED");
    let stress = |words: &str| count(shortened(TSAN.test(words), &seed));
    let passed = count(TSAN.test(ALL))?
        + count(TSAN_LIBC.test("--test pollers"))?
        + stress("--test stress")?
        + stress(&format!("--test signals --test fork --test faults -- --skip {ONE_SIGNAL}"))?;
    step::note(format!("{passed} tests, stress tests of 2 s with seed {seed}"));
    Ok(())
}

pub(crate) fn asan() -> Done {
    try_asan_out()?;
    let seed = step::seed("REVEILLE_STRESS_SEED");
    let stress = ASAN.test("--test stress --test signals --test faults");
    // A tenth of what the test does by itself: it unwinds at each allocation.
    let model = ASAN_BY_FRAMES
        .test("--test model")
        .env("REVEILLE_MODEL_OPERATIONS", "100000")
        .env("LSAN_OPTIONS", "suppressions=xtask/leaks.supp print_suppressions=0");
    let exits = EXIT_WITHOUT_STACKS.join(" ");
    let skipped = EXIT_WITHOUT_STACKS.join(" --skip ");
    let forked = ASAN_WITHOUT_LEAKS.test(&format!("--test fork -- --exact {exits}"));
    let passed = count(ASAN.test(&format!("{ALL} --test pollers")))?
        + count(model)?
        + count(shortened(stress, &seed))?
        + count(ASAN.test(&format!("--test fork -- --skip {skipped}")))?
        + count(forked)?;
    step::note(format!("{passed} tests, stress tests of 2 s with seed {seed}"));
    Ok(())
}

pub(crate) fn rtsan() -> Done {
    try_rtsan_out()?;
    let passed = count(RTSAN.test(&format!("{SETS} -- --skip {FORKS_ANYWHERE}")))?;
    step::note(format!("{passed} tests"));
    Ok(())
}

fn try_tsan_out() -> Done {
    TSAN.is_there()?;
    TSAN.is_silent_on("clean")?;
    TSAN.reports("race", "ThreadSanitizer: data race")?;
    step::note("ThreadSanitizer finds a race");
    Ok(())
}

fn try_asan_out() -> Done {
    ASAN.is_there()?;
    ASAN.is_silent_on("clean")?;
    ASAN.reports("freed", "AddressSanitizer: heap-use-after-free")?;
    ASAN.reports("leak", "LeakSanitizer: detected memory leaks")?;
    step::note("AddressSanitizer finds a freed wait and a leak");
    Ok(())
}

fn try_rtsan_out() -> Done {
    RTSAN.is_there()?;
    for variant in ["clean", "sets", "sets-event"] {
        RTSAN.is_silent_on(variant)?;
    }
    RTSAN.reports("allocates", "real-time unsafe function `malloc`")?;
    RTSAN.reports("locks", "Call to blocking function `<reveille::sync::lock::Lock")?;
    RTSAN_LIBC.is_silent_on("sets-unawaited")?;
    for variant in ["sets", "sets-event"] {
        RTSAN_LIBC.reports(variant, "real-time unsafe function `write`")?;
    }
    step::note("RealtimeSanitizer finds an allocation, a lock, the one `write` of each set");
    Ok(())
}

// === Miri ===

fn miri_with(seeds: usize, tests: &str, courier: &str, models: &[&str]) -> Done {
    install::rustup(&[
        Tool::Toolchain(NIGHTLY),
        Tool::Component(NIGHTLY, "miri"),
        Tool::Component(NIGHTLY, "rust-src"),
    ])?;
    try_miri_out()?;
    let seeds = format!("-Zmiri-many-seeds=0..{seeds}");
    let test = |tests: &str| format!("miri test -p reveille --locked --no-fail-fast {tests}");
    for model in models {
        let flags = format!("{model} {seeds}");
        let direct =
            count(miri_run(&test(tests), &flags))? + count(miri_run(&test(MIRI_NO_STD), &flags))?;
        let flags = format!("{flags} -Zmiri-ignore-leaks");
        let courier = count(miri_run(&test(courier), &flags).rustflags(COURIER))?;
        let name = if model.is_empty() { "stacked borrows" } else { "tree borrows" };
        step::note(format!("{name}, {seeds}: {direct} runs of tests, {courier} with a courier"));
    }
    step::note("faults found: a race, a freed wait, a leak, an unlucky thread switch");
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
    let leaky = "-Zmiri-tree-borrows -Zmiri-ignore-leaks";
    let run = |variant: &str, flags: &str| {
        let words = format!("miri run --quiet -p xtask --locked --example {PROBE} -- {variant}");
        miri_run(&words, flags)
    };
    is_silent(run("clean", tree), "Miri")?;
    is_silent(run("clean", leaky).rustflags(COURIER), "Miri with a courier")?;
    reports(run("race", leaky).rustflags(COURIER), "Data race detected")?;
    reports(run("race", tree), "Data race detected")?;
    reports(run("freed", tree), "use-after-free")?;
    reports(run("leak", tree), "memory leaked")?;
    // One seed alone may be lucky; of sixteen, one is not.
    reports(run("schedule", "-Zmiri-tree-borrows -Zmiri-many-seeds=0..16"), "one was lost")
}

// === impl Sanitizer ===

impl Sanitizer {
    /// Installs what rustup has for it, and checks that its runtime is there.
    fn is_there(&self) -> Done {
        if !cfg!(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu")) {
            return Err(Stop::skipped("it is for Linux on x86-64 alone"));
        }
        install::rustup(&[Tool::Toolchain(NIGHTLY), Tool::Component(NIGHTLY, "rust-src")])?;
        let words = format!("+{NIGHTLY} --print target-libdir");
        let libdir = Run::program("rustc", &words).unseen()?;
        let runtime = format!("librustc-nightly_rt.{}.a", self.name);
        if libdir.passed() && Path::new(libdir.text.trim()).join(&runtime).exists() {
            return Ok(());
        }
        Err(Stop::skipped(format!("the nightly toolchain has no {runtime}")))
    }

    fn test(&self, words: &str) -> Run {
        self.cargo("test", &format!("-p reveille --locked {words}"))
    }

    fn is_silent_on(&self, variant: &str) -> Done {
        is_silent(self.probe(variant), self.name)
    }

    fn reports(&self, variant: &str, what: &str) -> Done {
        reports(self.probe(variant), what)
    }

    fn probe(&self, variant: &str) -> Run {
        self.cargo("run", &format!("--quiet -p xtask --locked --example {PROBE} -- {variant}"))
    }

    fn cargo(&self, verb: &str, words: &str) -> Run {
        let std = if self.with_std { "-Zbuild-std" } else { "" };
        let (name, value) = self.options;
        Run::cargo_on(NIGHTLY, &format!("{verb} {std} --target {LINUX} {words}"))
            .rustflags(self.flags)
            .env(name, value)
            // Panics on purpose would be symbolized, which is slow in these builds.
            .env("RUST_BACKTRACE", "0")
            .target(self.name)
            .limit(LIMIT)
    }
}

// === what both have in common ===

/// Stress tests as long as they need to be where everything is slow.
fn shortened(tests: Run, seed: &str) -> Run {
    tests
        .env("REVEILLE_STRESS_SEED", seed)
        .env("REVEILLE_STRESS_SECONDS", "2")
        .env("REVEILLE_STRESS_JOBS", "200000")
        .env("REVEILLE_STRESS_TASKS", "1000")
}

/// Runs the tests; how many passed.
fn count(run: Run) -> Result<usize, Stop> {
    match libtest::passed(&run.go_and_tell()?) {
        0 => Err(Stop::failed("no test ran")),
        count => Ok(count),
    }
}

fn is_silent(probe: Run, tool: &str) -> Done {
    let output = probe.hushed()?;
    if output.passed() {
        return Ok(());
    }
    println!("{}", output.text);
    Err(Stop::Failed(format!("{tool} reports something in the program without fault")))
}

fn reports(probe: Run, what: &str) -> Done {
    let output = probe.hushed()?;
    match output.text.lines().find(|line| line.contains(what)) {
        Some(line) if !output.passed() && !output.overran() => {
            println!("reported: {}", line.trim());
            Ok(())
        }
        _ => {
            println!("{}", output.text);
            Err(Stop::Failed(format!("a planted fault is not reported: `{what}`")))
        }
    }
}
