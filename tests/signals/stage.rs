//! A process for each scene: handlers, timers and limits belong to a whole process.
//!
//! A test starts this very program once more and asks it for that test alone. The harness' main
//! thread and the watchdog block all signals there: what is sent to the process comes to the thread
//! of the scene, or to those that it starts.

use std::os::unix::process::CommandExt;
use std::process::Command;
use std::{env, mem};

use crate::system::Mask;
use crate::watch::Watchdog;

/// Names the scene, in the process that plays it.
const SCENE: &str = "REVEILLE_SCENE";

/// What a scene says that is about to end its process.
#[allow(dead_code, reason = "for those whose process ends")]
const LAST_WORDS: &str = "that is all";

/// What runs this program, with words of its own, where the system cannot: an emulator.
const RUNNER: &str = "REVEILLE_RUNNER";

/// This very program, to be run once more.
pub(crate) fn this_program() -> Command {
    let this = env::current_exe().unwrap();
    let runner = env::var(RUNNER).unwrap_or_default();
    let mut words = runner.split_whitespace();
    let Some(emulator) = words.next() else { return Command::new(this) };
    let mut program = Command::new(emulator);
    program.args(words).arg(this);
    program
}

/// Plays the scene of the test `name` in a process of its own. It has to lap its watchdog.
pub(crate) fn play(name: &'static str, scene: impl FnOnce(&Watchdog)) {
    if is_asked_for(name) {
        let watchdog = Watchdog::new(move || format!("{name}: hangs"));
        let _mask = Mask::open();
        return scene(&watchdog);
    }
    // If the name were not the test's own, nothing would run, and all would be well.
    let said = run(name, "1 passed");
    // What a stress test has counted.
    said.lines().filter(|line| line.starts_with("stress ")).for_each(|line| println!("{line}"));
}

/// Plays a scene that ends its process, `times` times: each has to end well and without a word of its own.
/// The scene calls what it is given as its last words.
#[allow(dead_code, reason = "for those whose process ends")]
pub(crate) fn play_to_the_end(
    name: &'static str,
    times: usize,
    scene: impl FnOnce(&Watchdog, fn()),
) {
    if is_asked_for(name) {
        // It has to be over before the watchdog misses a lap.
        let watchdog = Watchdog::new(move || format!("{name}: the process does not end"));
        let _mask = Mask::open();
        scene(&watchdog, || println!("{LAST_WORDS}"));
        // It watches on: the harness has yet to end the process.
        return mem::forget(watchdog);
    }
    for _ in 0..times {
        let said = run(name, LAST_WORDS);
        let (_, after) = said.rsplit_once(LAST_WORDS).unwrap();
        let after = after.trim();
        assert!(after.is_empty() || after.contains("1 passed"), "{name}: says at its end: {after}");
    }
}

fn is_asked_for(name: &str) -> bool {
    env::var_os(SCENE).is_some_and(|asked| asked == name)
}

/// Runs the test `name` in a process of its own, which has to end well and to say `proof`; gives what it said.
fn run(name: &'static str, proof: &str) -> String {
    let mut program = this_program();
    program.args(["--exact", name, "--nocapture", "--test-threads=1"]).env(SCENE, name);
    // SAFETY: between fork and exec this only changes the mask, which is async-signal-safe.
    unsafe {
        program.pre_exec(|| {
            mem::forget(Mask::closed());
            Ok(())
        })
    };
    let output = program.output().unwrap();
    let said = [&output.stdout[..], &output.stderr[..]].map(String::from_utf8_lossy).concat();
    let ended_well = output.status.success() && said.contains(proof);
    // Indented: it looks like a harness' own.
    let shown: String = said.lines().map(|line| format!("    {line}\n")).collect();
    assert!(ended_well, "{name}: {}\n{shown}", output.status);
    said
}
