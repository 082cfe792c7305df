//! The oldest Rust, and the oldest dependencies that the manifest allows.
//!
//! The package is unpacked and loses its dev-dependencies there, since a resolver takes versions
//! that suit all. cargo-minimal-versions would edit the manifest of the working tree for that, and
//! leave it so if it is killed.

use super::package;
use crate::{
    install::{self, NIGHTLY, Tool, rustup},
    run::{Run, all},
    step::Done,
};
use std::fs;

/// The oldest Rust that the library promises to build with.
pub(crate) const MSRV: &str = "1.85.0";

/// The builds that together use every dependency.
const BUILDS: [&str; 5] = [
    "",
    "--no-default-features --features critical-section,alloc",
    "--target x86_64-pc-windows-gnu",
    "--target thumbv7m-none-eabi --no-default-features --features critical-section,alloc",
    "--target thumbv6m-none-eabi --no-default-features \
     --features critical-section,portable-atomic,portable-atomic/unsafe-assume-single-core",
];

/// The standard library of each target but the host's.
const LIBRARIES: [&str; 3] = [
    "rust-std-x86_64-pc-windows-gnu",
    "rust-std-thumbv7m-none-eabi",
    "rust-std-thumbv6m-none-eabi",
];

pub(crate) fn msrv() -> Done {
    rustup(&[Tool::Toolchain(MSRV)])?;
    let build = |words: &str| {
        Run::cargo_on(MSRV, &format!("build -p reveille --lib --locked {words}")).target("msrv")
    };
    all([build(""), build("--no-default-features --features critical-section")])
}

pub(crate) fn check() -> Done {
    for toolchain in [NIGHTLY, MSRV] {
        rustup(&[Tool::Toolchain(toolchain)])?;
        rustup(&LIBRARIES.map(|library| Tool::Component(toolchain, library)))?;
    }
    let hack = install::hack()?;
    let package = package::unpacked()?;
    fs::remove_file(package.join("Cargo.lock"))?;
    Run::program(&hack, "hack --remove-dev-deps").folder(&package).go()?;
    let cargo = |toolchain, words: &str| {
        Run::cargo_on(toolchain, words).folder(&package).target("minimal-versions")
    };
    cargo(NIGHTLY, "generate-lockfile -Z direct-minimal-versions").go()?;
    for toolchain in [NIGHTLY, MSRV] {
        all(BUILDS.map(|build| cargo(toolchain, &format!("check --lib --locked {build}"))))?;
    }
    Ok(())
}
