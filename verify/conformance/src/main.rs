//! The promises of the crate on an executor: `reveille-conformance EXECUTOR [WORD]`. With a word,
//! only the cases whose names contain it run.
//!
//! ```text
//! main ─► executors: starts the named one, returns how to spawn on it
//!   ├───► shared: each case of tests/cases, in a task of its own
//!   └───► cases: tasks that park there, woken by threads, tasks and a signal handler
//! stage: spawns, waits for the end of all, and names the tasks that do not end
//! ```
//! Without arguments it lists each executor with its crate. One executor a process, since the
//! shared cases count in statics. The last line is `EXECUTOR: 12 shared, 9 parked`, or says what
//! went wrong. An executor that the system does not allow is skipped, with the exit status
//! [`SKIPPED`].

use std::{
    env,
    process::ExitCode,
    sync::mpsc::{RecvTimeoutError, channel},
    thread,
    time::Duration,
};

mod by_hand;
mod cases;
mod executors;
mod inbox;
mod stage;

/// The cases that the host's tests and the firmware run, too.
mod shared {
    include!(concat!(env!("OUT_DIR"), "/cases.rs"));
}

use executors::{EXECUTORS, Executor};
use stage::Stage;

/// The exit status of an executor that cannot be had here.
const SKIPPED: u8 = 77;

/// The exit status of a call that names no executor we have.
const USAGE: u8 = 2;

/// How long one case may take, the driver's own part of it included.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    let mut words = env::args().skip(1);
    let Some(name) = words.next() else {
        for Executor { name, package, .. } in EXECUTORS {
            println!("{name} {}", package.unwrap_or_default());
        }
        return ExitCode::SUCCESS;
    };
    let Some(executor) = EXECUTORS.iter().find(|known| known.name == name) else {
        eprintln!("there is no executor `{name}`; without arguments all are listed");
        return ExitCode::from(USAGE);
    };
    let spawn = match (executor.start)() {
        Ok(spawn) => spawn,
        Err(why) => {
            println!("{name}: skipped: {why}");
            return ExitCode::from(SKIPPED);
        }
    };
    match run(Stage::new(spawn), words.next().unwrap_or_default()) {
        Ok((shared, parked)) => {
            println!("{name}: {shared} shared, {parked} parked");
            ExitCode::SUCCESS
        }
        Err(why) => {
            println!("{name}: FAILED: {why}");
            ExitCode::FAILURE
        }
    }
    // Threads of the executor may still run: the end of the process ends them.
}

/// Runs the cases whose names contain this word; returns how many of either kind there were.
///
/// A thread of its own runs them, since an executor that polls inside `wake` may hang in a `set`.
fn run(stage: Stage, word: String) -> Result<(usize, usize), String> {
    let (sender, ends) = channel();
    let is_wanted = move |name: &str| name.contains(&word);
    let driver = thread::spawn(move || {
        let (mut shared, mut parked) = (0, 0);
        for &(name, case) in [shared::event::CASES, shared::flag::CASES].concat().iter() {
            if is_wanted(name) {
                let _ = sender.send(name);
                let task = Box::pin(async move { case() });
                stage.play(vec![task]).map_err(|why| format!("{name}: {why}"))?;
                shared += 1;
            }
        }
        for &(name, case) in cases::CASES {
            if is_wanted(name) {
                let _ = sender.send(name);
                case(&stage).map_err(|why| format!("{name}: {why}"))?;
                parked += 1;
            }
        }
        Ok((shared, parked))
    });
    let mut now = "nothing";
    loop {
        match ends.recv_timeout(PATIENCE) {
            Ok(name) => now = name,
            Err(RecvTimeoutError::Timeout) => return Err(format!("{now}: hangs")),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    driver.join().unwrap_or_else(|_| Err(format!("{now}: the driver panicked")))
}
