//! The steps that run the tests on what this host is not: Windows, and other processors.
//!
//! | step      | target                    | run by                             |
//! |-----------|---------------------------|------------------------------------|
//! | `windows` | x86_64-pc-windows-gnu     | wine, with a folder of its own     |
//! | `i686`    | i686-unknown-linux-gnu    | the processor and Linux themselves |
//! | `aarch64` | aarch64-unknown-linux-gnu | qemu-user                          |
//!
//! All that `cargo test` has is built and run, but for what [`LEFT_OUT`] names. Debian's packages are
//! installed if they are missing; where that fails, the step is skipped.
//!
//! # What this does not show
//! qemu translates into the instructions of the host. On x86 those order memory more strictly than
//! aarch64 does, so that no missing ordering can show: evidence of that are the loom models and Miri,
//! which know no host. wine's kernel is a process, `wineserver`, and not Windows'.

use super::targets::WINDOWS;
use crate::{
    install::{self, Tool, rustup},
    read::libtest,
    run::{Run, target},
    step::{Done, Stop},
};
use std::{fs, time::Duration};

const I686: &str = "i686-unknown-linux-gnu";
const AARCH64: &str = "aarch64-unknown-linux-gnu";

/// Where the libraries of aarch64 are.
const SYSROOT: &str = "/usr/aarch64-linux-gnu";

/// Why a test is not run under qemu-user that has a child wait, which starts a courier there.
const NO_THREAD: &str = "in a child that is forked from several threads qemu-user cannot start one: it ends \
                         with `qemu_plugin_vcpu_init_hook: assertion failed`";

/// Why a storm of signals is not run there.
const SLOW: &str = "its storm of signals is not over in 40 s under qemu-user";

/// Tests that are not run under qemu-user: the beginning of a name, and why.
const LEFT_OUT: [(&str, &str); 14] = [
    ("flag_that_nobody_waits_for_works_in_a_child_and_in_its_parent", NO_THREAD),
    ("threads_that_start_the_courier_at_the_same_time_start_one", NO_THREAD),
    ("child_of_a_fork_has_a_courier_of_its_own", NO_THREAD),
    ("child_that_a_waker_forks_while_it_is_cloned_parks_where_its_own_courier_looks", NO_THREAD),
    ("waits_of_every_type_are_served_in_a_child_and_in_its_parent", NO_THREAD),
    ("nobody_who_may_have_no_thread_is_told_so_and_waits_later", NO_THREAD),
    (
        "child_that_a_handler_forks_may_set_and_clear_whatever_was_interrupted",
        "a `fork` that interrupts qemu-user's own code hangs in it",
    ),
    ("each_signal_to_a_process_with_tokio_wakes_its_task_once", SLOW),
    ("each_signal_to_a_thread_of_", SLOW),
    ("errno_is_what_it_was_before_the_handler_set_the_flag", SLOW),
    ("flags_that_come_and_go_leave_nothing_behind", SLOW),
    ("timers::handlers_may_interrupt_", SLOW),
    (
        "descriptors_above_1024_are_as_good_as_others",
        "qemu-user's own `select` ends at FD_SETSIZE, and qemu with it",
    ),
    (
        "courier_that_could_not_be_started_is_started_later",
        "qemu-user does not pass on a limit of memory, by which the test has no thread started",
    ),
];

/// How long a step may build and run.
const LIMIT: Duration = Duration::from_secs(3600);

/// What wine lacks, and what makes it of the source beside us.
const SHIM: &str = "bcryptprimitives.dll";
const SHIM_SOURCE: &str = "xtask/src/platforms/foreign/prng.c";

pub(crate) fn windows() -> Done {
    wine()?;
    run(in_wine(Run::cargo(&tests_on(WINDOWS))))
}

pub(crate) fn i686() -> Done {
    install::debian(&install::I686)?;
    rustup(&[Tool::Target(I686)])?;
    let linker = "CARGO_TARGET_I686_UNKNOWN_LINUX_GNU_LINKER";
    run(Run::cargo(&tests_on(I686)).env(linker, "i686-linux-gnu-gcc"))
}

pub(crate) fn aarch64() -> Done {
    install::debian(&install::AARCH64)?;
    rustup(&[Tool::Target(AARCH64)])?;
    println!(
        "qemu orders memory as its host does: of orderings `loom` and `miri` are the evidence"
    );
    let mut words = tests_on(AARCH64) + " --";
    for (name, why) in LEFT_OUT {
        println!("left out: {name}: {why}");
        words += &format!(" --skip {name}");
    }
    let qemu = format!("qemu-aarch64 -L {SYSROOT}");
    let cargo = Run::cargo(&words)
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", "aarch64-linux-gnu-gcc")
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER", &qemu)
        // For tests that start themselves once more.
        .env("REVEILLE_RUNNER", &qemu);
    run(cargo)
}

/// All tests, built for this target.
fn tests_on(target: &str) -> String {
    format!("test -p reveille --locked --no-fail-fast --target {target}")
}

/// Runs them, and says how many there were.
fn run(cargo: Run) -> Done {
    let text = cargo.limit(LIMIT).go_and_tell()?;
    match libtest::begun(&text) {
        0 => Err(Stop::failed("no test ran")),
        count => {
            println!("{count} tests");
            Ok(())
        }
    }
}

// === wine ===

/// Sees to it that there is a wine, and in it all that a program of Rust's asks for.
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
        let made = folder.join(SHIM);
        let words =
            format!("-shared -O2 -Wall -Werror -o {} {SHIM_SOURCE} -ladvapi32", made.display());
        Run::program("x86_64-w64-mingw32-gcc", &words).go()?;
        // wine has made the folder, unless it failed.
        fs::copy(made, place)?;
    }
    Run::program("wine", "--version").go()
}

/// Lets it run programs of Windows, in a folder of the project's own.
pub(crate) fn in_wine(run: Run) -> Run {
    run.env("WINEPREFIX", &target("wine/prefix").to_string_lossy())
        .env("WINEDEBUG", "-all")
        // Neither of them is asked for, and both would be downloaded.
        .env("WINEDLLOVERRIDES", "mscoree=;mshtml=")
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", "wine")
}
