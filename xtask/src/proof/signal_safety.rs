//! What `ThreadSafeFlag::set` and `WaitableEvent::set` can reach is what a signal handler may do, seen in
//! the machine code of an optimised program: no lock, no allocation, no panic, and no
//! foreign code but the C library's `errno` and rustix's `write`.
//!
//! How often that `write` is made, and that it is not made when there is no waiter, is what the step
//! `rtsan` checks while the program runs. The names are those of Linux on x86-64; on other hosts the step
//! is skipped.

use super::machine_code::{Allowed, Program};
use crate::{
    install,
    run::{Run, target},
    step::{self, Done, Stop},
};

/// The example, and the functions in it that do nothing but set a flag, or an event.
const PROBE: &str = "signal_probe";
const ROOTS: [&str; 2] = ["reveille_probe_set", "reveille_probe_set_event"];

/// What `set` is made of, as far as the compiler has not made it one.
const OURS: [&str; 18] = [
    ROOTS[0],
    ROOTS[1],
    "reveille::flag::ThreadSafeFlag::set",
    "reveille::waitable::WaitableEvent::set",
    "reveille::raw::flag_queue::FlagQueue::set",
    "reveille::raw::flag_queue::FlagQueue::set_word",
    "reveille::raw::courier::waiter_slot::WaiterSlot::slot",
    "reveille::raw::courier::waiter_slot::WaiterSlot::notify",
    "reveille::raw::courier::station::Station::send",
    "reveille::raw::courier::station::Station::is_of_this_process",
    "reveille::raw::courier::station::Station::wake_fd",
    "reveille::raw::courier::slot::Stack::push",
    "reveille::raw::courier::system::WakeFd::wake",
    "reveille::raw::fd::errno::KeepErrno::now",
    "reveille::raw::fd::Readable::set",
    "reveille::raw::fd::errno::errno",
    "<reveille::raw::fd::errno::KeepErrno as core::ops::drop::Drop>::drop",
    "rustix::io::read_write::write",
];

/// What is not ours, and async-signal-safe.
const OTHERS: [&str; 1] = ["__errno_location"];

pub(crate) fn check() -> Done {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err(Stop::skipped("the names are those of Linux on x86-64"));
    }
    install::debian(&install::BINUTILS)?;
    let words = format!("build --release -p xtask --locked --example {PROBE}");
    Run::cargo(&words).env("CARGO_PROFILE_RELEASE_STRIP", "none").target("signal-safety").go()?;
    let dump = objdump("--disassemble --demangle --no-show-raw-insn")?;
    let relocations = objdump("--dynamic-reloc")?;
    let program = Program::new(&dump, &relocations);
    let (mut reached, mut offences) = (0, 0);
    for root in ROOTS {
        let walk =
            program.walk(root, Allowed { ours: &OURS, others: &OTHERS }).map_err(Stop::Failed)?;
        println!("{root} reaches:");
        walk.reached.iter().for_each(|name| println!("  {name}"));
        walk.offences.iter().for_each(|offence| println!("  OFFENCE {offence}"));
        reached += walk.reached.len();
        offences += walk.offences.len();
    }
    step::note(format!("{reached} functions reached, {offences} offences"));
    match offences {
        0 => Ok(()),
        count => Err(Stop::Failed(format!("`set` reaches {count} places it must not"))),
    }
}

fn objdump(words: &str) -> Result<String, Stop> {
    let folder = target("signal-safety").join("release/examples");
    let output = Run::program("objdump", &format!("{words} {PROBE}")).folder(&folder).hushed()?;
    if output.passed() { Ok(output.text) } else { Err(Stop::Failed(output.text)) }
}
