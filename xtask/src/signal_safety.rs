//! What `ThreadSafeFlag::set` and `WaitableEvent::set` do is what a signal handler may do: seen in the
//! machine code, and seen from the kernel.
//!
//! | look at                                    | finds                                      |
//! |--------------------------------------------|--------------------------------------------|
//! | all that `set` can reach ([`code`])        | locks, allocation, panics, foreign code    |
//! | the system calls of `set` ([`trace`])      | all but one `write` at most, and only that |
//! | those of a storm's handlers ([`handlers`]) | the same, whatever they interrupt          |
//!
//! The first two look at the same probe, an example of this crate, optimised as a user's program is; the
//! third at a test of tests/signals.rs, whose handlers interrupt allocating, parking, taking, cancelling,
//! dropping flags and the pool of slots. Debian's `binutils` and `strace` are installed if they are
//! missing. The names and calls are those of Linux on x86-64; on other hosts the step is skipped.

use crate::{
    install,
    run::{Run, target},
    step::{Done, Stop},
};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

pub(crate) mod code;
mod handlers;
mod trace;

/// The example, and the functions in it that do nothing but set a flag, or an event.
const PROBE: &str = "signal_probe";
const ROOTS: [&str; 2] = ["reveille_probe_set", "reveille_probe_set_event"];

/// The test whose handlers are looked at, its file, and how it is made short: under strace a signal
/// takes longer than the 50 µs from one to the next.
const STORM: &str = "timers::handlers_may_interrupt_all_that_threads_do_with_flags";
const STORM_FILE: &str = "signals";
const STORM_STRIKES: &str = "15000";
const STORM_MICROSECONDS: &str = "500";

/// How long a look may take.
const LIMIT: Duration = Duration::from_secs(120);

pub(crate) fn check() -> Done {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err(Stop::Skipped("it knows Linux on x86-64 alone".into()));
    }
    install::debian(&install::BINUTILS)?;
    install::debian(&install::STRACE)?;
    let words = format!("build --release -p xtask --locked --example {PROBE}");
    Run::cargo(&words).env("CARGO_PROFILE_RELEASE_STRIP", "none").target("signal-safety").go()?;
    look_at_code()?;
    look_at_calls()?;
    look_at_handlers()
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
    let folder = empty("trace")?;
    read(&format!("strace -ff -o ../../trace/thread ./{PROBE}"))?;
    let mut setters = Vec::new();
    for thread in threads(&folder)? {
        setters.extend(trace::sets(&thread));
    }
    let tally = trace::Tally::of(&setters);
    println!("{tally}");
    tally.verdict().map_err(Stop::Failed)
}

fn look_at_handlers() -> Done {
    let words = format!("test --release -p reveille --locked --test {STORM_FILE} --no-run");
    let said = Run::cargo(&format!("{words} --color never")).go_and_tell()?;
    let program = executable(&said).ok_or(Stop::failed("cargo does not say what it has built"))?;
    let folder = empty("handlers")?;
    let (place, name) = (program.parent().unwrap_or(&program), program.file_name());
    let name = name.unwrap_or_default().to_string_lossy();
    let traces = format!("../../signal-safety/handlers/thread ./{name} --exact {STORM}");
    let words = format!("-ff -o {traces} --nocapture");
    let run = Run::program("strace", &words).folder(place);
    let run = run.env("REVEILLE_STORM_STRIKES", STORM_STRIKES);
    tell("strace of the storm", run.env("REVEILLE_STORM_MICROSECONDS", STORM_MICROSECONDS))?;
    let mut tally = handlers::Tally::default();
    threads(&folder)?.iter().for_each(|thread| tally.add(thread));
    println!("{tally}");
    tally.verdict().map_err(Stop::Failed)
}

/// Where the program is that cargo has built: `  Executable tests/x.rs (target/release/deps/x-1a2b)`.
fn executable(said: &str) -> Option<PathBuf> {
    let line = said.lines().find(|line| line.trim_start().starts_with("Executable "))?;
    let (_, path) = line.split_once('(')?;
    Some(Path::new(path.strip_suffix(')')?).into())
}

/// An empty folder for traces.
fn empty(name: &str) -> Result<PathBuf, Stop> {
    let folder = target("signal-safety").join(name);
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => fs::create_dir_all(&folder)?,
    }
    Ok(folder)
}

/// What strace has seen, thread by thread: `-ff` has a file for each.
fn threads(folder: &Path) -> Result<Vec<String>, Stop> {
    fs::read_dir(folder)?.map(|thread| Ok(fs::read_to_string(thread?.path())?)).collect()
}

/// Runs a command in the folder of the probe, and gives back what it says.
fn read(command: &str) -> Result<String, Stop> {
    println!("$ {command}");
    let (program, words) = command.split_once(' ').unwrap_or((command, ""));
    tell(command, Run::program(program, words).folder(&examples()))
}

fn tell(command: &str, run: Run) -> Result<String, Stop> {
    let output = run.limit(LIMIT).unseen()?;
    if output.passed() {
        return Ok(output.text);
    }
    let why = if output.overran() { "its time was over" } else { output.text.trim() };
    Err(Stop::Failed(format!("`{command}`: {why}")))
}

fn examples() -> PathBuf {
    target("signal-safety").join("release").join("examples")
}
