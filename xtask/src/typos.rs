//! Words that are spelt wrongly, found by `typos` from PyPI in an environment of its own.

use crate::{
    run::{Run, target},
    step::{Done, Stop},
};

/// The version, so that a new dictionary fails nobody's build; raised by hand.
const TYPOS: &str = "typos==1.52.0";

pub(crate) fn check() -> Done {
    let folder = target("typos");
    let program = folder.join("bin").join("typos");
    let shown = program.display().to_string();
    let is_there = || Run::program(&shown, "--version").unseen().is_ok_and(|said| said.passed());
    if !is_there() {
        println!("installing what is missing:");
        let venv = format!("-m venv {}", folder.display());
        let pip = format!("-m pip install --quiet {TYPOS}");
        let python = folder.join("bin").join("python").display().to_string();
        let installed = Run::program("python3", &venv).go();
        let installed = installed.and_then(|()| Run::program(&python, &pip).go());
        if installed.is_err() || !is_there() {
            return Err(Stop::Skipped(format!("there is no {TYPOS}, and PyPI gives none")));
        }
    }
    Run::program(&shown, "--config _typos.toml .").go()
}
