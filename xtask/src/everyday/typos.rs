//! Misspelled words, found by `typos`, which pip installs.

use crate::{install, run::Run, step::Done};

/// The version, so that a new dictionary fails no build; raised by hand.
const TYPOS: &str = "typos==1.52.0";

pub(crate) fn check() -> Done {
    let program = install::pip("typos", TYPOS)?.with_file_name("typos");
    Run::program(&program.display().to_string(), "--config .typos.toml .").go()
}
