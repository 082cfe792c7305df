//! What the crate and its tests depend on, by cargo-deny and `.cargo/deny.toml`.

use crate::{
    install,
    run::{Run, all},
    step::Done,
};

/// The version of cargo-deny.
const VERSION: &str = "0.20.2";

/// What is looked at, and for what.
const CHECKS: [(&str, &str); 2] = [("--workspace", "licenses sources"), ("--exclude-dev", "bans")];

pub(crate) fn check() -> Done {
    let program = install::cargo("cargo-deny", VERSION, "cargo-deny")?;
    all(CHECKS.map(|(graph, what)| {
        let words = format!("--locked {graph} check {what}");
        Run::program(&program.display().to_string(), &words)
    }))
}
