//! The project's checks, one step each: `cargo xtask STEP`.
//!
//! ```text
//! main ─► steps ──► everyday  proof  platforms  release ──► run ─► cargo, and other programs
//!         the table   a function a step, files by group └─► install ─► rustup, apt-get, cargo, pip
//!   └───► step: runs them in turn, judges, counts           read: what files and programs say
//! ```
//! A step is a function without arguments that passes, fails with a sentence, or is skipped with a
//! sentence. It runs at the root of the workspace and prints each command that it runs. It changes
//! nothing outside the target folder, except what it installs, which it prints; `bench`, `executors`
//! and `instructions-accept` also write the page, the table and the counts that they are for, and
//! `browser` builds into `verify/browser/pkg`.

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};

mod everyday;
mod install;
mod platforms;
mod proof;
mod read;
mod release;
mod run;
mod step;
mod steps;

/// The exit status of a call that names no step.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    if words.is_empty() || words.iter().any(|word| matches!(&**word, "help" | "-h" | "--help")) {
        print!("{}", steps::list());
        return ExitCode::SUCCESS;
    }
    let steps = match steps::find(&words) {
        Ok(steps) => steps,
        Err(unknown) => {
            eprintln!("xtask: there is no step `{unknown}`; `cargo xtask` lists them");
            return ExitCode::from(USAGE);
        }
    };
    if let Err(error) = env::set_current_dir(root()) {
        eprintln!("xtask: cannot enter the workspace: {error}");
        return ExitCode::FAILURE;
    }
    step::run_all(&steps)
}

/// The root of the workspace: the folder above this crate.
fn root() -> PathBuf {
    let here = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.parent().map_or(here.clone(), Path::to_path_buf)
}
