//! The crate on microcontrollers in QEMU: tested, weighed, and known to fail when it is broken.
//!
//! A program passes if its last line is `N passed, 0 failed` and QEMU exits with success. A program
//! that is broken on purpose must end by itself, with `lost wake-up` for each case that needs what
//! was broken, and for no other. Time is the count of instructions, so each run is the same.

use crate::{
    install::{self, Tool, rustup},
    proof::mutants::{self, Tree},
    read::sections::Sections,
    run::{Run, target},
    step::{Done, Stop},
};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// A core, and the machine that has it.
struct Board {
    target: &'static str,
    machine: &'static str,
    /// The feature that chooses its atomics.
    atomics: &'static str,
}

/// A program on a board, and what it must do.
struct Trial {
    board: &'static Board,
    program: &'static str,
    /// Beside the one for the atomics.
    features: &'static str,
    /// Extra flags for rustc; they get a target folder of their own.
    flags: &'static str,
    /// How the names of the cases begin that must lose a wake-up; none: all cases must pass.
    losers: &'static [&'static str],
}

const M3: Board = Board { target: "thumbv7m-none-eabi", machine: "lm3s6965evb", atomics: "" };
const M0: Board =
    Board { target: "thumbv6m-none-eabi", machine: "microbit", atomics: "single-core" };

/// The same with a critical section for each atomic operation.
const M0_SECTIONS: Board = Board { atomics: "critical-section", ..M0 };

/// The folder of the programs.
const FIRMWARE: &str = "verify/firmware";

/// The case that finds the planted fault, and the mutants.
const SWEEP: &str = "sweep::no_exception";

/// The cases that need a handler that sets.
const NEED_A_HANDLER: &[&str] = &["exceptions::", "embassy::", SWEEP];

const SUITE_M3: Trial =
    Trial { board: &M3, program: "suite", features: "alloc", flags: "", losers: &[] };
const SUITE_M0: Trial = Trial { board: &M0, features: "", ..SUITE_M3 };
const RTIC: Trial = Trial { program: "rtic", features: "rtic", ..SUITE_M3 };

const SHORT: [Trial; 5] = [
    SUITE_M3,
    Trial { features: "alloc,silent", losers: NEED_A_HANDLER, ..SUITE_M3 },
    RTIC,
    Trial { features: "rtic,silent", losers: &["rtic"], ..RTIC },
    SUITE_M0,
];

const REST: [Trial; 4] = [
    Trial { features: "silent", losers: NEED_A_HANDLER, ..SUITE_M0 },
    Trial { board: &M0_SECTIONS, ..SUITE_M0 },
    Trial { board: &M0_SECTIONS, features: "silent", losers: NEED_A_HANDLER, ..SUITE_M0 },
    Trial { flags: "--cfg reveille_fault", losers: &[SWEEP], ..SUITE_M3 },
];

/// Mutants that lose a wake-up at one instruction of a poll or of a drop.
const FOUND_BY_THE_SWEEP: [&str; 5] = [
    "flag_later_poll_does_not_look_again",
    "flag_leaver_calls_nobody",
    "flag_park_does_not_look_again",
    "park_does_not_look_again",
    "repoll_does_not_look",
];

/// The time for one run; the suite takes a few seconds.
const LIMIT: Duration = Duration::from_secs(600);

/// A flag and its wait must take fewer bytes of code.
const MOST: u64 = 1024;

/// How the message of a case begins that was not woken.
const LOST: &str = "lost wake-up";

pub(crate) fn short() -> Done {
    prepare()?;
    M3.lint("alloc", "--bin suite")?;
    M3.lint("rtic", "--bin rtic --bin minimal --bin bare")?;
    SHORT.iter().try_for_each(Trial::check)
}

pub(crate) fn all() -> Done {
    short()?;
    M0.lint("", "--bins")?;
    M0_SECTIONS.lint("", "--bins")?;
    REST.iter().try_for_each(Trial::check)?;
    install::debian(&install::BINUTILS)?;
    M3.weigh()?;
    M0.weigh()
}

/// Breaks the crate with each of [`FOUND_BY_THE_SWEEP`]; the sweep must lose a wake-up.
pub(crate) fn mutants() -> Done {
    prepare()?;
    let tree = Tree::new("tree-of-firmware")?;
    let mut missed = Vec::new();
    for name in FOUND_BY_THE_SWEEP {
        tree.break_with(&mutants::path(name)).map_err(Stop::Failed)?;
        let loss = sweep_of(&tree);
        tree.mend()?;
        match loss? {
            Some(loss) => println!("caught  {name}: {loss}"),
            None => missed.push(name),
        }
    }
    match &*missed.join(", ") {
        "" => Ok(()),
        names => Err(Stop::Failed(format!("the sweep misses {names}"))),
    }
}

fn prepare() -> Done {
    rustup(&[M3, M0].map(|board| Tool::Target(board.target)))?;
    install::debian(&install::QEMU_ARM)
}

/// Runs the suite of this tree; returns what its sweep loses.
fn sweep_of(tree: &Tree) -> Result<Option<String>, Stop> {
    let folder = "mutants/firmware";
    let build = SUITE_M3.build().folder(&tree.root().join(FIRMWARE)).target(folder).unseen()?;
    if !build.passed() {
        return Err(Stop::Failed(format!("the mutant does not build:\n{}", build.text)));
    }
    let output = M3.run(folder, "suite").unseen()?;
    Ok(loss_of_the_sweep(&output.text).map(Into::into))
}

// === impl Board ===

impl Board {
    /// cargo in the folder of the programs, for this board.
    fn cargo(&self, command: &str, features: &str, rest: &str) -> Run {
        let Self { target, atomics, .. } = self;
        let words = format!("{command} --locked --target {target} --features={atomics},{features}");
        Run::cargo(&format!("{words} {rest}")).folder(Path::new(FIRMWARE)).target("firmware")
    }

    /// In the profile of the builds, which share the macros.
    fn lint(&self, features: &str, programs: &str) -> Done {
        self.cargo("clippy --release", features, &format!("{programs} -- -D warnings")).go()
    }

    fn program(&self, folder: &str, profile: &str, name: &str) -> PathBuf {
        target(folder).join(self.target).join(profile).join(name)
    }

    /// Runs a program that was built in this target folder.
    fn run(&self, folder: &str, program: &str) -> Run {
        let words = format!(
            "-machine {} -icount shift=7,sleep=off -nographic -monitor none -serial null \
             -semihosting-config enable=on,target=native -kernel {}",
            self.machine,
            self.program(folder, "release", program).display()
        );
        Run::program("qemu-system-arm", &words).limit(LIMIT)
    }

    /// Prints how large a flag and a wait make a program, and fails if that is too much.
    fn weigh(&self) -> Done {
        self.cargo("build --profile small", "", "--bin minimal --bin bare").go()?;
        // Code without the table of exceptions, whose length is the machine's; statics. No program
        // has a heap.
        let size = |name| {
            let sections = Sections::of(&self.program("firmware", "small", name))?;
            let sum = |names: &[&str]| {
                sections.bytes(names).ok_or_else(|| Stop::Failed(format!("{name} lacks a section")))
            };
            let code = sum(&[".text", ".rodata", ".data"])?;
            Ok::<_, Stop>((code, sum(&[".data", ".bss", ".uninit"])?))
        };
        let ((minimal, ram), (bare, bare_ram)) = (size("minimal")?, size("bare")?);
        let flag = minimal.saturating_sub(bare);
        println!("{}, bytes:  code   RAM", self.target);
        println!("  a flag set by SysTick, a task, an executor:  {minimal:>4}  {ram:>4}");
        println!("  the same with a bit instead of the flag:     {bare:>4}  {bare_ram:>4}");
        println!("  the flag and its wait take {flag} bytes of code");
        if (1..MOST).contains(&flag) {
            return Ok(());
        }
        Err(Stop::Failed(format!("a flag takes {flag} bytes of code, and must take 1 to {MOST}")))
    }
}

// === impl Trial ===

impl Trial {
    fn build(&self) -> Run {
        let program = format!("--bin {}", self.program);
        self.board.cargo("build --release", self.features, &program)
    }

    fn check(&self) -> Done {
        let build = self.build();
        let (folder, build) = match self.flags {
            "" => ("firmware", build),
            flags => ("firmware-fault", build.rustflags(flags).target("firmware-fault")),
        };
        build.go()?;
        if !self.losers.is_empty() {
            println!("broken on purpose; these must lose a wake-up: {}", self.losers.join(" "));
        }
        let output = self.board.run(folder, self.program).hushed()?;
        let verdict = match output.overran() {
            true => Err(format!("`{}` hangs", self.program)),
            false => verdict(&output.text, output.passed(), self.losers),
        };
        for line in output.text.lines().filter(|line| !line.starts_with("ok ")) {
            println!("  {line}");
        }
        verdict.map_err(Stop::Failed)
    }
}

/// Checks that exactly the cases of `losers` lost a wake-up, and that the exit status agrees.
fn verdict(text: &str, ended_well: bool, losers: &[&str]) -> Result<(), String> {
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
            return Err(format!("unexpected failure:\n{line}\n{message}"));
        }
        count += 1;
    }
    let last = text.lines().last().unwrap_or_default();
    let enough = if losers.is_empty() { !last.starts_with("0 passed") } else { count > 0 };
    if !enough || !last.ends_with(&format!(" passed, {count} failed")) {
        return Err(format!("{count} cases lost a wake-up, but the last line is `{last}`"));
    }
    if ended_well != losers.is_empty() {
        return Err("the exit status contradicts the last line".into());
    }
    Ok(())
}

/// The message of the sweep if it lost a wake-up.
fn loss_of_the_sweep(text: &str) -> Option<&str> {
    let failed = format!("FAILED {SWEEP}");
    let message = text.lines().skip_while(|line| !line.starts_with(&failed)).nth(1)?;
    message.starts_with(LOST).then_some(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSED: &str = "ok event::a\nok sweep::no_exception_b\n2 passed, 0 failed\n";
    const LOST_ONE: &str = "\
ok event::a
FAILED sweep::no_exception_b: panicked at src/x.rs:1:2:
lost wake-up: the flag
1 passed, 1 failed
";

    #[test]
    fn suite_passes_only_if_every_case_passes() {
        assert_eq!(verdict(PASSED, true, &[]), Ok(()));
        for text in [LOST_ONE, "", "0 passed, 0 failed", "ok event::a\nlockup"] {
            assert!(verdict(text, true, &[]).is_err(), "{text}");
        }
        assert!(verdict(PASSED, false, &[]).is_err());
    }

    #[test]
    fn broken_suite_must_lose_what_needs_a_handler_and_nothing_else() {
        let verdict = |text: &str, losers| verdict(text, false, losers);
        assert_eq!(verdict(LOST_ONE, NEED_A_HANDLER), Ok(()));
        assert!(super::verdict(LOST_ONE, true, NEED_A_HANDLER).is_err());
        assert!(verdict(LOST_ONE, &["event::", SWEEP]).unwrap_err().contains("event::a passes"));
        assert!(verdict(LOST_ONE, &["heap::"]).unwrap_err().contains("unexpected failure"));
        let other = LOST_ONE.replace("lost wake-up", "a fault");
        assert!(verdict(&other, NEED_A_HANDLER).unwrap_err().contains("unexpected failure"));
        assert!(verdict(&LOST_ONE.replace("1 failed", "2 failed"), NEED_A_HANDLER).is_err());
        assert!(verdict("0 passed, 0 failed", NEED_A_HANDLER).is_err());
        assert!(verdict("", NEED_A_HANDLER).is_err());
    }

    #[test]
    fn loss_of_the_sweep_is_its_message() {
        assert_eq!(loss_of_the_sweep(LOST_ONE), Some("lost wake-up: the flag"));
        assert_eq!(loss_of_the_sweep(&LOST_ONE.replace("lost wake-up", "too few")), None);
        assert_eq!(loss_of_the_sweep(PASSED), None);
    }
}
