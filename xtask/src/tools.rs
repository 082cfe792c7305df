//! What rustup must have installed before a step can run.
//!
//! Each tool is looked for first, so that nothing is fetched without need, and
//! each installation is printed. Where one fails (no rustup, no network) the
//! step is skipped, if it is one of those that may be.

use crate::{
    run::Run,
    step::{Done, Stop},
};
use std::process::Command;

/// Something that rustup installs.
#[derive(Clone, Copy)]
pub(crate) enum Tool {
    /// A whole toolchain, by its name.
    Toolchain(&'static str),
    /// A component of a toolchain: the toolchain, then the component.
    Component(&'static str, &'static str),
    /// The standard library of another target, for the toolchain that runs us.
    Target(&'static str),
}

/// Sees to it that all of these are there.
pub(crate) fn need(tools: &[Tool]) -> Done {
    if ask("--version").is_none() {
        return Err(Stop::Skipped("there is no rustup on PATH".into()));
    }
    for tool in tools {
        if !tool.is_there() {
            tool.install()?;
        }
    }
    Ok(())
}

/// What `rustup` answers to these words; `None` if it fails.
fn ask(words: &str) -> Option<String> {
    let mut rustup = Command::new("rustup");
    // A question must not install what it asks about.
    rustup.args(words.split_whitespace()).env("RUSTUP_AUTO_INSTALL", "0");
    let output = rustup.output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}

/// Whether a list of `rustup component list --installed` has this one: `miri` is
/// listed with the host behind it, `rust-src` is not.
fn lists_component(list: &str, name: &str) -> bool {
    list.lines().any(|line| {
        line.strip_prefix(name).is_some_and(|rest| {
            let arch = rest.strip_prefix('-').and_then(|host| host.split('-').next());
            rest.is_empty() || arch.is_some_and(|arch| arch == std::env::consts::ARCH)
        })
    })
}

// === impl Tool ===

impl Tool {
    fn is_there(self) -> bool {
        match self {
            Self::Toolchain(toolchain) => installed(toolchain).is_some(),
            Self::Component(toolchain, name) => {
                installed(toolchain).is_some_and(|list| lists_component(&list, name))
            }
            Self::Target(name) => ask("target list --installed")
                .is_some_and(|list| list.lines().any(|line| line.trim() == name)),
        }
    }

    fn install(self) -> Done {
        let words = match self {
            Self::Toolchain(name) => format!("toolchain install {name} --profile minimal"),
            Self::Component(toolchain, name) => {
                format!("component add {name} --toolchain {toolchain}")
            }
            Self::Target(name) => format!("target add {name}"),
        };
        println!("installing what is missing:");
        let no_luck = |_| Stop::Skipped(format!("`rustup {words}` failed"));
        Run::program("rustup", &words).go().map_err(no_luck)
    }
}

/// The components of a toolchain; `None` if it is not there.
fn installed(toolchain: &str) -> Option<String> {
    ask(&format!("component list --installed --toolchain {toolchain}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn component_is_found_with_and_without_the_host_behind_it() {
        let list = format!("cargo-{0}-unknown-linux-gnu\nrust-src\n", std::env::consts::ARCH);
        assert!(lists_component(&list, "cargo"));
        assert!(lists_component(&list, "rust-src"));
        assert!(!lists_component(&list, "rust"));
        assert!(!lists_component(&list, "miri"));
    }
}
