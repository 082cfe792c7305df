//! The tests on what this host is not: Windows, and other processors.
//!
//! | step      | target                    | run by                             |
//! |-----------|---------------------------|------------------------------------|
//! | `windows` | x86_64-pc-windows-gnu     | wine, with a folder of its own     |
//! | `i686`    | i686-unknown-linux-gnu    | the processor and Linux themselves |
//! | `aarch64` | aarch64-unknown-linux-gnu | qemu-user, except [`LEFT_OUT`]     |
//!
//! # What this does not show
//! qemu translates into instructions of the host. x86 orders memory more strictly than aarch64, so
//! a missing ordering cannot show; loom and Miri are the evidence for orderings. wine's kernel is a
//! process, `wineserver`, and not the kernel of Windows.

use super::targets::WINDOWS;
use crate::{
    install::{self, Tool, rustup},
    read::libtest,
    run::{Run, target},
    step::{self, Done, Stop},
};
use std::{fs, time::Duration};

const I686: &str = "i686-unknown-linux-gnu";
const AARCH64: &str = "aarch64-unknown-linux-gnu";

/// Starts programs of aarch64, with that system's libraries.
const QEMU: &str = "qemu-aarch64 -L /usr/aarch64-linux-gnu";

/// Tests that are not run under qemu-user: why, and how their names begin.
const LEFT_OUT: [(&str, &[&str]); 5] = [
    (
        "qemu-user cannot start a thread in a child that was forked from several threads \
         (`qemu_plugin_vcpu_init_hook: assertion failed`)",
        &[
            "flag_without_waiters_works_in_a_child_and_in_its_parent",
            "objects_that_a_child_creates_work_while_threads_of_its_parent_wait",
            "child_that_leaves_inherited_objects_alone_exits_and_",
            "child_drops_an_inherited_flag_and_its_waits_and_touches_no_lock_or_stack_of_its_parent",
            "threads_that_start_the_courier_at_the_same_time_start_one",
            "child_of_a_fork_has_a_courier_of_its_own",
            "child_that_a_waker_forks_while_it_is_cloned_parks_where_its_own_courier_looks",
            "waits_of_every_type_are_served_in_a_child_and_in_its_parent",
            "wait_without_a_thread_for_the_courier_fails_and_a_later_one_succeeds",
        ],
    ),
    (
        "a `fork` that interrupts qemu-user's own code hangs",
        &["child_that_a_handler_forks_may_set_and_clear_whatever_was_interrupted"],
    ),
    (
        "many signals take more than 40 s under qemu-user",
        &[
            "each_signal_to_a_process_with_tokio_wakes_its_task_once",
            "each_signal_to_a_thread_of_",
            "errno_is_what_it_was_before_the_handler_set_the_flag",
            "flags_that_come_and_go_leave_nothing_behind",
            "timers::handlers_may_interrupt_",
        ],
    ),
    (
        "`select` of qemu-user ends at FD_SETSIZE, and qemu with it",
        &["descriptors_above_1024_are_as_good_as_others"],
    ),
    (
        "qemu-user does not pass on the memory limit by which the test has no thread started",
        &["courier_that_could_not_be_started_is_started_later"],
    ),
];

/// The time in which a step must build and run.
const LIMIT: Duration = Duration::from_secs(3600);

/// A library that wine lacks, and our source of it.
const SHIM: &str = "bcryptprimitives.dll";
const SHIM_SOURCE: &str = "xtask/src/platforms/foreign/prng.c";

pub(crate) fn windows() -> Done {
    wine()?;
    test(in_wine(tests_on(WINDOWS, "")))
}

pub(crate) fn i686() -> Done {
    install::debian(&install::I686)?;
    rustup(&[Tool::Target(I686)])?;
    let linker = "CARGO_TARGET_I686_UNKNOWN_LINUX_GNU_LINKER";
    // Examples of the documentation show nothing more on 32 bits.
    test(
        tests_on(I686, "--lib --tests")
            .env(linker, "i686-linux-gnu-gcc")
            .env("REVEILLE_STRESS_SECONDS", "1"),
    )
}

pub(crate) fn aarch64() -> Done {
    install::debian(&install::AARCH64)?;
    rustup(&[Tool::Target(AARCH64)])?;
    let mut skips = String::from("--");
    for (why, names) in LEFT_OUT {
        println!("left out: {}: {why}", names.join(", "));
        names.iter().for_each(|name| skips += &format!(" --skip {name}"));
    }
    test(
        tests_on(AARCH64, &skips)
            .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", "aarch64-linux-gnu-gcc")
            .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER", QEMU)
            // For tests that start their own program again.
            .env("REVEILLE_RUNNER", QEMU),
    )
}

/// All tests, built for this target.
fn tests_on(target: &str, rest: &str) -> Run {
    Run::cargo(&format!("test -p reveille --locked --no-fail-fast --target {target} {rest}"))
        .limit(LIMIT)
}

/// Runs tests, and fails if there are none.
pub(super) fn test(cargo: Run) -> Done {
    let count = libtest::begun(&cargo.go_and_tell()?);
    step::note(format!("{count} tests"));
    if count == 0 { Err(Stop::failed("no test ran")) } else { Ok(()) }
}

// === wine ===

/// Installs wine, and the library that it lacks.
pub(crate) fn wine() -> Done {
    install::debian(&install::WINE)?;
    rustup(&[Tool::Target(WINDOWS)])?;
    let folder = target("wine");
    fs::create_dir_all(&folder)?;
    if !folder.join("prefix/system.reg").exists() {
        in_wine(Run::program("wineboot", "--init")).limit(LIMIT).go()?;
    }
    let place = folder.join("prefix/drive_c/windows/system32").join(SHIM);
    if !place.exists() {
        // Built elsewhere: the copy fails if wineboot has not made the folder.
        let made = folder.join(SHIM);
        let out = made.display();
        let words = format!("-shared -O2 -Wall -Werror -o {out} {SHIM_SOURCE} -ladvapi32");
        Run::program("x86_64-w64-mingw32-gcc", &words).go()?;
        fs::copy(made, place)?;
    }
    Run::program("wine", "--version").go()
}

/// Lets a command run programs of Windows, in a folder of the project's own.
pub(crate) fn in_wine(run: Run) -> Run {
    run.env("WINEPREFIX", &target("wine/prefix").to_string_lossy())
        .env("WINEDEBUG", "-all")
        // Without these two, wine would download Mono and Gecko.
        .env("WINEDLLOVERRIDES", "mscoree=;mshtml=")
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", "wine")
}
