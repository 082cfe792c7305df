//! What cargo-mutants thinks up, which the tests must notice: hours for all of it.
//!
//! `.cargo/mutants.toml` has what is left out, with the reason. `REVEILLE_SHARD=3/20` tries one part of
//! twenty, counted from 0; `REVEILLE_MUTANTS=src/raw/queue.rs` the files whose path contains that.

use crate::{
    install,
    run::{Run, target},
    step::Done,
};
use std::{env, fs};

const VERSION: &str = "27.1.0";

pub(crate) fn check() -> Done {
    let program = install::cargo("cargo-mutants", VERSION, "cargo-mutants")?;
    let output = target("cargo-mutants");
    fs::create_dir_all(&output)?;
    let mut words = format!("mutants --package reveille --output {}", output.display());
    if let Ok(shard) = env::var("REVEILLE_SHARD") {
        words += &format!(" --shard {shard}");
    }
    if let Ok(files) = env::var("REVEILLE_MUTANTS") {
        words += &files.split(',').map(|file| format!(" --file {file}")).collect::<String>();
    }
    Run::program(&program.display().to_string(), &words).go()
}
