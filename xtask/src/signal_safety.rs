//! What `ThreadSafeFlag::set` and `WaitableEvent::set` do is what a signal handler may do: seen in the
//! machine code, and seen from the kernel.
//!
//! | look at                                | finds                                      |
//! |----------------------------------------|--------------------------------------------|
//! | all that `set` can reach ([`code`])    | locks, allocation, panics, foreign code    |
//! | the system calls of `set` ([`trace`])  | all but one `write` at most, and only that |
//!
//! Both look at the same probe, an example of this crate, optimised as a user's program is. Debian's
//! `binutils` and `strace` are installed if they are missing. The names and calls are those of Linux
//! on x86-64; on other hosts the step is skipped.

use crate::{
    run::{Run, target},
    step::{Done, Stop},
};
use std::{fs, path::PathBuf, time::Duration};

pub(crate) mod code;
mod trace;

/// The example, and the functions in it that do nothing but set a flag, or an event.
const PROBE: &str = "signal_probe";
const ROOTS: [&str; 2] = ["reveille_probe_set", "reveille_probe_set_event"];

/// How long a look may take.
const LIMIT: Duration = Duration::from_secs(120);

pub(crate) fn check() -> Done {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err(Stop::Skipped("it knows Linux on x86-64 alone".into()));
    }
    need("objdump", "binutils")?;
    need("strace", "strace")?;
    let words = format!("build --release -p xtask --locked --example {PROBE}");
    Run::cargo(&words).env("CARGO_PROFILE_RELEASE_STRIP", "none").target("signal-safety").go()?;
    look_at_code()?;
    look_at_calls()
}

fn look_at_code() -> Done {
    let ask = |words: &str| read(&format!("objdump {words} {PROBE}"));
    let dump = ask("--disassemble --demangle --no-show-raw-insn")?;
    let relocations = ask("--dynamic-reloc")?;
    let program = code::Program::new(&dump, &relocations);
    let mut offences = 0;
    for root in ROOTS {
        let walk = program.walk(root).map_err(Stop::Failed)?;
        println!("{root} reaches:");
        walk.reached.iter().for_each(|name| println!("  {name}"));
        if !walk.offences.is_empty() {
            println!("and what no signal handler may do:");
            walk.offences.iter().for_each(|offence| println!("  {offence}"));
        }
        offences += walk.offences.len();
    }
    match offences {
        0 => Ok(()),
        count => Err(Stop::Failed(format!("`set` reaches {count} places it must not"))),
    }
}

fn look_at_calls() -> Done {
    let folder = target("signal-safety").join("trace");
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => fs::create_dir_all(&folder)?,
    }
    // A file for each thread.
    read(&format!("strace -ff -o ../../trace/thread ./{PROBE}"))?;
    let mut setters = Vec::new();
    for thread in fs::read_dir(&folder)? {
        setters.extend(trace::sets(&fs::read_to_string(thread?.path())?));
    }
    let tally = trace::Tally::of(&setters);
    println!("{tally}");
    tally.verdict().map_err(Stop::Failed)
}

/// Runs a command in the folder of the probe, and gives back what it says.
fn read(command: &str) -> Result<String, Stop> {
    println!("$ {command}");
    let (program, words) = command.split_once(' ').unwrap_or((command, ""));
    let run = Run::program(program, words).folder(&examples()).limit(LIMIT);
    let output = run.unseen()?;
    if output.passed() {
        return Ok(output.text);
    }
    let why = if output.overran() { "its time was over" } else { output.text.trim() };
    Err(Stop::Failed(format!("`{command}`: {why}")))
}

fn examples() -> PathBuf {
    target("signal-safety").join("release").join("examples")
}

/// Sees to it that a program is there, or installs Debian's package of it.
pub(crate) fn need(program: &str, package: &str) -> Done {
    if Run::program(program, "--version").unseen().is_ok_and(|output| output.passed()) {
        return Ok(());
    }
    println!("installing what is missing:");
    let apt = |words: &str| Run::program("apt-get", words).env("DEBIAN_FRONTEND", "noninteractive");
    let install = format!("install --yes --no-install-recommends {package}");
    // The lists may be missing, or old.
    let installed =
        apt(&install).go().or_else(|_| apt("update").go().and_then(|()| apt(&install).go()));
    installed.map_err(|_| Stop::Failed(format!("there is no `{program}`, and apt-get gives none")))
}
