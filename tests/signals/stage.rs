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

/// Plays the scene of the test `name` in a process of its own. It has to lap its watchdog.
pub(crate) fn play(name: &'static str, scene: impl FnOnce(&Watchdog)) {
    if env::var_os(SCENE).is_some_and(|asked| asked == name) {
        let watchdog = Watchdog::new(move || format!("{name}: hangs"));
        let _mask = Mask::open();
        return scene(&watchdog);
    }
    let mut program = Command::new(env::current_exe().unwrap());
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
    // If the name were not the test's own, nothing would run, and all would be well.
    let ran = said.contains("1 passed");
    // Indented: it looks like a harness' own.
    let shown: String = said.lines().map(|line| format!("    {line}\n")).collect();
    assert!(output.status.success() && ran, "{name}: {}\n{shown}", output.status);
    // What a storm has counted.
    said.lines().filter(|line| line.starts_with("storm ")).for_each(|line| println!("{line}"));
}
