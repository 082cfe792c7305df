//! The crate on microcontrollers that QEMU plays: tested, weighed, and seen to fail.
//!
//! | what                              | must                                                   |
//! |-----------------------------------|--------------------------------------------------------|
//! | the suite                         | end with `N passed, 0 failed`                          |
//! | `rtic`, a task of RTIC that waits | end with `1 passed, 0 failed`                          |
//! | `rtic`, its handler deaf          | end, with `lost wake-up`                               |
//! | the suite, its handlers deaf      | end, with `lost wake-up` for each case that needs them |
//! | the suite, `--cfg reveille_fault` | end, with `lost wake-up` in the sweep alone            |
//! | the suite, on some mutants        | end, with `lost wake-up` in the sweep                  |
//! | `minimal` less `bare`             | be under 1 KiB of code                                 |
//!
//! The suite is told by QEMU's exit status, and by what it says through semihosting. Time is the count
//! of instructions: a run is the same each time. Debian's `qemu-system-arm` and `binutils` are installed
//! if they are missing.

use crate::{
    install::{self, Tool, rustup},
    proof::mutants::{self, Tree},
    read::sections::Sections,
    run::{Run, target},
    step::{Done, Stop},
};
use std::{path::Path, path::PathBuf, time::Duration};

/// A core, the machine that has it, what chooses its atomics, and what its suite has beside the common.
struct Board {
    target: &'static str,
    machine: &'static str,
    atomics: Option<&'static str>,
    more: Option<&'static str>,
}

const CORTEX_M3: Board = Board {
    target: "thumbv7m-none-eabi",
    machine: "lm3s6965evb",
    atomics: None,
    more: Some("alloc"),
};

const CORTEX_M0: Board = Board {
    target: "thumbv6m-none-eabi",
    machine: "microbit",
    atomics: Some("single-core"),
    more: None,
};

/// The same with a critical section for each atomic operation.
const CORTEX_M0_SECTIONS: Board = Board { atomics: Some("critical-section"), ..CORTEX_M0 };

/// How long QEMU may take; the suite takes a few seconds.
const LIMIT: Duration = Duration::from_secs(600);

/// How many bytes of code a flag and its wait may cost.
const MOST: u64 = 1024;

/// What a case says that was left waiting.
const LOST: &str = "lost wake-up";

/// The cases that need a handler that sets.
const NEED_A_HANDLER: [&str; 3] = ["exceptions::", "embassy::", "sweep::no_exception"];

/// The case that finds the fault that is planted.
const FINDS_THE_FAULT: &str = "sweep::no_exception";

/// Mutants that lose what comes at one place of a poll or of a drop.
const FOUND_BY_THE_SWEEP: [&str; 6] = [
    "flag_first_poll_does_not_look_again",
    "flag_later_poll_does_not_look_again",
    "flag_leaver_calls_nobody",
    "flag_park_does_not_look_again",
    "park_does_not_look_again",
    "repoll_does_not_look",
];

pub(crate) fn short() -> Done {
    prepare(&[CORTEX_M3, CORTEX_M0])?;
    CORTEX_M3.lint()?;
    CORTEX_M3.test()?;
    CORTEX_M3.test_deaf()?;
    CORTEX_M3.test_under_rtic()?;
    CORTEX_M0.test()
}

pub(crate) fn all() -> Done {
    prepare(&[CORTEX_M3, CORTEX_M0])?;
    for board in [CORTEX_M3, CORTEX_M0, CORTEX_M0_SECTIONS] {
        board.lint()?;
        board.test()?;
        board.test_deaf()?;
    }
    CORTEX_M3.test_under_rtic()?;
    CORTEX_M3.test_faulty()?;
    CORTEX_M3.weigh()?;
    CORTEX_M0.weigh()
}

/// Breaks the crate as each of [`FOUND_BY_THE_SWEEP`] does; the sweep must lose a wake-up.
pub(crate) fn mutants() -> Done {
    prepare(&[CORTEX_M3])?;
    let tree = Tree::new("tree-of-firmware")?;
    let mut missed = Vec::new();
    for name in FOUND_BY_THE_SWEEP {
        tree.break_with(&mutants::path(name)).map_err(Stop::Failed)?;
        let verdict = CORTEX_M3.find(&tree.root().join("verify/firmware"));
        tree.mend()?;
        match verdict? {
            Some(lost) => println!("caught  {name}: {lost}"),
            None => missed.push(name),
        }
    }
    println!("{} caught, {} missed", FOUND_BY_THE_SWEEP.len() - missed.len(), missed.len());
    match &*missed.join(", ") {
        "" => Ok(()),
        names => Err(Stop::Failed(format!("the sweep misses {names}"))),
    }
}

fn prepare(boards: &[Board]) -> Done {
    let targets: Vec<Tool> = boards.iter().map(|board| Tool::Target(board.target)).collect();
    rustup(&targets)?;
    install::debian(&install::QEMU_ARM)?;
    install::debian(&install::BINUTILS)
}

// === impl Board ===

impl Board {
    /// cargo in firmware/, for this board.
    fn cargo(&self, words: &str, features: &[Option<&str>]) -> Run {
        let features = [self.atomics].into_iter().chain(features.iter().copied()).flatten();
        let features: Vec<&str> = features.collect();
        let features = match &*features.join(",") {
            "" => String::new(),
            features => format!("--features {features}"),
        };
        let (command, rest) = words.split_once(' ').unwrap_or((words, ""));
        Run::cargo(&format!("{command} --locked --target {} {features} {rest}", self.target))
            .folder(Path::new("verify/firmware"))
            .target("firmware")
    }

    fn lint(&self) -> Done {
        self.cargo("clippy --bin suite -- -D warnings", &[self.more]).go()?;
        // Without an allocator.
        self.cargo("clippy --bin minimal --bin bare -- -D warnings", &[]).go()
    }

    fn test(&self) -> Done {
        self.cargo("build --release --bin suite", &[self.more]).go()?;
        self.must_pass("suite")
    }

    /// The program under RTIC, and with a handler that sets nothing.
    fn test_under_rtic(&self) -> Done {
        self.cargo("clippy --bin rtic -- -D warnings", &[Some("rtic")]).go()?;
        self.cargo("build --release --bin rtic", &[Some("rtic")]).go()?;
        self.must_pass("rtic")?;
        self.cargo("build --release --bin rtic", &[Some("rtic"), Some("deaf")]).go()?;
        self.must_lose("firmware", "rtic", &["rtic"])
    }

    fn must_pass(&self, program: &str) -> Done {
        let text = self.qemu("firmware", program).go_and_tell()?;
        match closing_line(&text) {
            Some((passed, 0)) if passed > 0 => Ok(()),
            _ => Err(Stop::Failed(format!("`{program}` does not say that all has passed"))),
        }
    }

    fn test_deaf(&self) -> Done {
        self.cargo("build --release --bin suite", &[self.more, Some("deaf")]).go()?;
        self.must_lose("firmware", "suite", &NEED_A_HANDLER)
    }

    /// Builds in a folder of its own: other flags would build all anew in the common one.
    fn test_faulty(&self) -> Done {
        self.cargo("build --release --bin suite", &[self.more])
            .rustflags("--cfg reveille_fault")
            .target("firmware-fault")
            .go()?;
        self.must_lose("firmware-fault", "suite", &[FINDS_THE_FAULT])
    }

    /// Builds the suite in this copy of firmware/, and runs it: what the sweep loses, if it does.
    fn find(&self, firmware: &Path) -> Result<Option<String>, Stop> {
        let folder = "mutants/firmware";
        let build = self.cargo("build --release --bin suite", &[self.more]);
        let output = build.folder(firmware).target(folder).unseen()?;
        if !output.passed() {
            return Err(Stop::Failed(format!("the mutant does not build:\n{}", output.text)));
        }
        let output = self.qemu(folder, "suite").unseen()?;
        Ok(loss_of_the_sweep(&output.text).map(Into::into))
    }

    /// Runs a program that is broken on purpose: these cases must lose a wake-up, and say so, and no others.
    fn must_lose(&self, folder: &str, program: &str, losers: &[&str]) -> Done {
        println!("this one is broken on purpose:");
        let run = self.qemu(folder, program);
        println!("$ {}", run.shown());
        let output = run.unseen()?;
        if output.overran() {
            return Err(Stop::failed("the broken suite hangs, instead of saying what it lost"));
        }
        let losses = losses(&output.text, losers).map_err(Stop::Failed)?;
        println!("cases that lost a wake-up, and said so: {losses}; the first:");
        let first = output.text.lines().skip_while(|line| !line.starts_with("FAILED")).take(2);
        first.for_each(|line| println!("  {line}"));
        if output.passed() {
            return Err(Stop::failed("the broken suite ends as if all were well"));
        }
        Ok(())
    }

    fn qemu(&self, folder: &str, program: &str) -> Run {
        let kernel = self.program(folder, "release", program);
        let machine = format!("-machine {} -icount shift=7,sleep=off", self.machine);
        let io =
            "-nographic -monitor none -serial null -semihosting-config enable=on,target=native";
        let kernel = kernel.display();
        Run::program("qemu-system-arm", &format!("{machine} {io} -kernel {kernel}")).limit(LIMIT)
    }

    fn program(&self, folder: &str, profile: &str, name: &str) -> PathBuf {
        target(folder).join(self.target).join(profile).join(name)
    }

    /// Prints how large a flag and a wait make a program, and fails if that is too much.
    fn weigh(&self) -> Done {
        self.cargo("build --profile small --bin minimal --bin bare", &[]).go()?;
        let size = |name| {
            let sections = Sections::of(&self.program("firmware", "small", name))?;
            Size::of(&sections).ok_or_else(|| Stop::Failed(format!("{name} lacks a section")))
        };
        let (minimal, bare) = (size("minimal")?, size("bare")?);
        let flag = minimal.code.saturating_sub(bare.code);
        println!("{}, bytes:  code   RAM  heap", self.target);
        println!("  a flag set by SysTick, a task that waits for it, an executor: {}", minimal);
        println!("  the same with a bare bit instead of the flag:                 {}", bare);
        println!("  so the flag and its wait cost {flag} bytes of code");
        if (1..MOST).contains(&flag) {
            return Ok(());
        }
        Err(Stop::Failed(format!("the flag costs {flag} bytes of code; {MOST} are too many")))
    }
}

/// What the last line says: how many passed, how many failed.
fn closing_line(text: &str) -> Option<(usize, usize)> {
    let (passed, failed) = text.lines().last()?.split_once(" passed, ")?;
    Some((passed.parse().ok()?, failed.strip_suffix(" failed")?.parse().ok()?))
}

/// What the sweep says that it lost.
fn loss_of_the_sweep(text: &str) -> Option<&str> {
    let failed = format!("FAILED {FINDS_THE_FAULT}");
    let message = text.lines().skip_while(|line| !line.starts_with(&failed)).nth(1)?;
    message.starts_with(LOST).then_some(message)
}

/// How many cases lost a wake-up; or what else was wrong: a case of `losers` passed, or another failed.
fn losses(text: &str, losers: &[&str]) -> Result<usize, String> {
    let is_loser = |name: &str| losers.iter().any(|loser| name.starts_with(loser));
    let (mut count, mut lines) = (0, text.lines());
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("ok ").filter(|name| is_loser(name)) {
            return Err(format!("{name} passes, and must not"));
        }
        let Some(name) = line.strip_prefix("FAILED ") else { continue };
        // The message is on the line below that of its place.
        let message = lines.next().unwrap_or_default();
        if !is_loser(name) || !message.contains(LOST) {
            return Err(format!("it fails for another reason:\n{line}\n{message}"));
        }
        count += 1;
    }
    match closing_line(text) {
        Some((_, failed)) if failed == count && count > 0 => Ok(count),
        _ => Err("its closing line does not count the losses".into()),
    }
}

/// What a program takes, in bytes.
struct Size {
    /// Code and constants, without the table of exceptions, whose length is the machine's.
    code: u64,
    /// Statics. There is no allocator in these programs, so this is all but the stack.
    ram: u64,
}

impl Size {
    fn of(sections: &Sections) -> Option<Self> {
        Some(Self {
            code: sections.bytes(&[".text", ".rodata", ".data"])?,
            ram: sections.bytes(&[".data", ".bss", ".uninit"])?,
        })
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:>4}  {:>4}     0", self.code, self.ram)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEAF: &str = "\
ok event::a
FAILED sweep::no_exception_b: panicked at src/x.rs:1:2:
lost wake-up: the flag
1 passed, 1 failed
";

    #[test]
    fn closing_line_is_the_last() {
        assert_eq!(closing_line("ok a\n12 passed, 3 failed\n"), Some((12, 3)));
        assert_eq!(closing_line("12 passed, 3 failed\nlockup"), None);
        assert_eq!(closing_line(""), None);
    }

    #[test]
    fn losses_are_counted_if_they_are_those_that_must_be() {
        assert_eq!(losses(DEAF, &NEED_A_HANDLER), Ok(1));
        assert!(losses(DEAF, &["event::", "sweep::"]).unwrap_err().contains("event::a passes"));
        assert!(losses(DEAF, &["event::b"]).unwrap_err().contains("another reason"));
        let other = DEAF.replace("lost wake-up", "a fault");
        assert!(losses(&other, &NEED_A_HANDLER).unwrap_err().contains("another reason"));
        assert!(losses("0 passed, 0 failed", &NEED_A_HANDLER).is_err());
        assert!(losses(&DEAF.replace("1 failed", "2 failed"), &NEED_A_HANDLER).is_err());
    }

    #[test]
    fn loss_of_the_sweep_is_its_message() {
        assert_eq!(loss_of_the_sweep(DEAF), Some("lost wake-up: the flag"));
        assert_eq!(loss_of_the_sweep(&DEAF.replace("lost wake-up", "too few")), None);
        assert_eq!(loss_of_the_sweep("ok sweep::no_exception_b\n1 passed, 0 failed\n"), None);
    }
}
