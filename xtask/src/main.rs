//! The project's chores, one step each: `cargo xtask STEP`.
//!
//! # From a name to a verdict
//! ```text
//! main ─► ci ──────► checks, testing, readme, orderings, mutants ─► run ─► cargo
//!         the table  one function a step                     └─► install ─► rustup
//!   └───► step: runs them in turn, judges, counts, closes
//! ```
//! A step is a function without arguments that passes, fails with a sentence,
//! or is skipped with a sentence. It runs at the root of the workspace, prints
//! each command that it runs, and changes nothing outside the target folder
//! (but for what it asks rustup or apt-get to install, which it says; `bench` writes
//! its page into docs/, `instructions-accept` its counts into benches/).

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};

mod bench;
mod broken;
mod browser;
mod build_time;
mod cargo_mutants;
mod checks;
mod ci;
mod coverage;
mod dependencies;
mod doc_examples;
mod executors;
mod features;
mod files;
mod firmware;
mod foreign;
mod fresh;
mod install;
mod instructions;
mod libtest;
mod mutants;
mod oldest;
mod orderings;
mod package;
mod readme;
mod run;
mod sanitizers;
mod sections;
mod signal_safety;
mod source;
mod step;
mod stepping;
mod storms;
mod testing;
mod typos;
mod weakenings;

/// The exit status of a call that names no step we have.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    if words.is_empty() || words.iter().any(|word| matches!(&**word, "help" | "-h" | "--help")) {
        print!("{}", ci::list());
        return ExitCode::SUCCESS;
    }
    let steps = match ci::find(&words) {
        Ok(steps) => steps,
        Err(unknown) => {
            eprintln!("xtask: there is no step `{unknown}`; `cargo xtask` lists them all");
            return ExitCode::from(USAGE);
        }
    };
    if let Err(error) = env::set_current_dir(root()) {
        eprintln!("xtask: the workspace cannot be entered: {error}");
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
