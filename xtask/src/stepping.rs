//! A signal at every instruction of the flag's operations: tests/step.rs, and two looks at it.
//!
//! | look                        | shows                                                        |
//! |-----------------------------|--------------------------------------------------------------|
//! | its sweep, in a release build | no signal is lost, none doubled, nothing hangs             |
//! | what it stepped ([`coverage`]) | at least [`ENOUGH`] of the instructions that it is about  |
//! | the sweep of a planted fault | it finds it: `--cfg reveille_fault` parks without the second look |
//!
//! Debian's `binutils` are installed if they are missing. On hosts other than Linux on x86-64 the step
//! is skipped.

use crate::{
    install,
    run::{Run, target},
    step::{self, Done, Stop},
};
use std::{fs, path::Path, time::Duration};

mod coverage;
mod graph;
mod reports;

use coverage::{Coverage, Sources};
use graph::Graph;
use reports::Reports;

/// In the short form: every so many points.
const SHORT: usize = 7;

/// How long a build with its sweep may take; all points take minutes.
const LIMIT: Duration = Duration::from_secs(3600);

/// The operation in which the fault is planted.
const FAULTY: &str = "signal_is_kept_while_a_wait_parks";

/// What a child says that has found the fault.
const FOUND: &str = "LOST: ";

/// Per cent of the instructions that have to be stepped.
const ENOUGH: f64 = 95.0;

/// Every point.
pub(crate) fn all() -> Done {
    check(1)
}

/// One point in seven.
pub(crate) fn short() -> Done {
    check(SHORT)
}

fn check(every: usize) -> Done {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err(Stop::Skipped("it knows Linux on x86-64 alone".into()));
    }
    install::debian(&install::BINUTILS)?;
    let reports = sweep(every)?;
    print!("{reports}");
    if reports.missed() > 0 {
        return Err(Stop::failed("some points were not reached"));
    }
    let (operations, points, signals) = reports.total();
    let coverage = look_at_coverage(&reports)?;
    find_the_fault(every)?;
    step::note(format!("{operations} operations, {points} points, {signals} signals, 0 lost"));
    step::note(format!(
        "{coverage:.1} % of the instructions; fault found: a look that is left out"
    ));
    Ok(())
}

fn sweep(every: usize) -> Result<Reports, Stop> {
    let folder = target("step").join("reports");
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => fs::create_dir_all(&folder)?,
    }
    let run = cargo("", every).env("REVEILLE_STEP_FOLDER", &folder.display().to_string());
    run.target("step").limit(LIMIT).go()?;
    Reports::read(&folder)
}

/// Per cent.
fn look_at_coverage(reports: &Reports) -> Result<f64, Stop> {
    let program = reports.program();
    let dump = read("objdump --disassemble --demangle --no-show-raw-insn", program)?;
    let relocations = read("objdump --dynamic-reloc", program)?;
    let graph = Graph::new(&dump, &relocations);
    let sources = Sources::read()?;
    let frames = |addresses: &[u64]| frames(program, addresses);
    let coverage = Coverage::of(&graph, reports.stepped(), &sources, frames)?;
    print!("{coverage}");
    if coverage.percent() < ENOUGH {
        return Err(Stop::failed(format!("less than {ENOUGH} % of the instructions were stepped")));
    }
    Ok(coverage.percent())
}

fn find_the_fault(every: usize) -> Done {
    let words = format!("-- --exact {FAULTY}");
    let run = cargo(&words, every).rustflags("--cfg reveille_fault").target("step-fault");
    let output = run.limit(LIMIT).unseen()?;
    let told = output.text.lines().find(|line| line.contains(FOUND));
    match told {
        Some(line) if !output.passed() && !output.overran() => {
            println!("the planted fault is found: {line}");
            Ok(())
        }
        _ => {
            println!("{}", output.text);
            Err(Stop::failed("the planted fault was not found"))
        }
    }
}

fn cargo(words: &str, every: usize) -> Run {
    Run::cargo(&format!("test --release -p reveille --locked --test step {words}"))
        .env("CARGO_PROFILE_RELEASE_DEBUG", "line-tables-only")
        .env("CARGO_PROFILE_RELEASE_STRIP", "none")
        .env("REVEILLE_STEP_EVERY", &every.to_string())
}

/// What `addr2line` says of these addresses: each one's frames, the innermost first.
fn frames(program: &Path, addresses: &[u64]) -> Result<String, Stop> {
    let path = target("step").join("addresses");
    let list: String = addresses.iter().map(|address| format!("{address:#x}\n")).collect();
    fs::write(&path, list)?;
    let (folder, name) = halves(program);
    let words = format!("--addresses --functions --demangle --inlines --exe {name}");
    tell(Run::program("addr2line", &words).folder(folder).input(fs::File::open(path)?))
}

fn read(command: &str, program: &Path) -> Result<String, Stop> {
    let (folder, name) = halves(program);
    let (tool, words) = command.split_once(' ').unwrap_or((command, ""));
    tell(Run::program(tool, &format!("{words} {name}")).folder(folder))
}

fn tell(run: Run) -> Result<String, Stop> {
    let output = run.limit(LIMIT).unseen()?;
    if output.passed() { Ok(output.text) } else { Err(Stop::Failed(output.text)) }
}

fn halves(program: &Path) -> (&Path, String) {
    let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    (program.parent().unwrap_or(program), name)
}
