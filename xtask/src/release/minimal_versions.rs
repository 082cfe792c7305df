//! The crate as it is published, with the oldest dependencies that its manifest allows.
//!
//! ```text
//! cargo package ─► unpacked; no lock file, no dev-dependencies ─► -Z direct-minimal-versions
//!                                                       └─► checked by nightly, and by the oldest Rust
//! ```
//! Dev-dependencies would raise the versions: a resolver takes one that suits all. The option is nightly's;
//! the lock file that it writes is then the oldest Rust's, too.

use crate::{
    install::{NIGHTLY, Tool, rustup},
    run::{Run, all, target},
    step::{Done, Stop},
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The oldest Rust that the library promises to build with.
pub(crate) const MSRV: &str = "1.85.0";

/// No word: the host.
const HOST: &str = "";

/// The targets, and the features that each is checked with: together they use every dependency.
const BUILDS: [(&str, &str); 5] = [
    (HOST, ""),
    (HOST, "--no-default-features --features critical-section,alloc"),
    ("--target x86_64-pc-windows-gnu", ""),
    ("--target thumbv7m-none-eabi", "--no-default-features --features critical-section,alloc"),
    (
        "--target thumbv6m-none-eabi",
        "--no-default-features \
         --features critical-section,portable-atomic,portable-atomic/unsafe-assume-single-core",
    ),
];

/// The standard library of each of these targets but the host's.
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
    let folder = target("oldest");
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => fs::create_dir_all(&folder)?,
    }
    Run::cargo("package -p reveille --no-verify --allow-dirty --locked").target("oldest").go()?;
    let package = unpack(&folder.join("package"))?;

    let manifest = package.join("Cargo.toml");
    fs::write(&manifest, alone(&fs::read_to_string(&manifest)?))?;
    fs::remove_file(package.join("Cargo.lock"))?;
    let cargo = |toolchain, words: &str| {
        Run::cargo_on(toolchain, words).folder(&package).target("oldest/build")
    };
    cargo(NIGHTLY, "generate-lockfile -Z direct-minimal-versions").go()?;
    let lock = fs::read_to_string(package.join("Cargo.lock"))?;
    let versions = versions(&lock);
    versions.iter().for_each(|(name, version)| println!("  {name} {version}"));
    if let Some((name, version)) = versions.iter().find(|(_, version)| is_pre_release(version)) {
        return Err(Stop::Failed(format!("{name} {version} is not a release")));
    }
    for toolchain in [NIGHTLY, MSRV] {
        all(BUILDS.map(|(target, features)| {
            cargo(toolchain, &format!("check --lib --locked {target} {features}"))
        }))?;
    }
    Ok(())
}

/// Unpacks the one `.crate` in this folder, and tells where.
pub(crate) fn unpack(folder: &Path) -> Result<PathBuf, Stop> {
    let is_crate = |path: &PathBuf| path.extension().is_some_and(|end| end == "crate");
    let paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let paths: Vec<_> = paths.collect::<io::Result<_>>()?;
    let Some(packed) = paths.into_iter().find(is_crate) else {
        return Err(Stop::failed("cargo package has made no .crate"));
    };
    // As of now: all that cargo packs is of one day in 2006, so a file that changed would pass for checked.
    Run::program("tar", &format!("-xzmf {}", packed.display())).folder(folder).go()?;
    Ok(packed.with_extension(""))
}

/// The manifest without dev-dependencies, and of no workspace.
fn alone(manifest: &str) -> String {
    let is_dev = |header: &str| {
        header.starts_with("[dev-dependencies") || header.contains(".dev-dependencies")
    };
    let mut leave_out = false;
    let mut lines: Vec<&str> = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            leave_out = is_dev(line);
        }
        if !leave_out {
            lines.push(line);
        }
    }
    lines.push("\n[workspace]\n");
    lines.join("\n")
}

/// The packages of a lock file, with their versions.
fn versions(lock: &str) -> Vec<(&str, &str)> {
    let quoted = |key: &'static str| {
        lock.lines().filter_map(move |line| line.strip_prefix(key)?.strip_suffix('"'))
    };
    // The version of the file itself is not quoted.
    quoted("name = \"").zip(quoted("version = \"")).collect()
}

/// Whether this is an alpha, a beta or a candidate. What follows a `+` says nothing of that.
fn is_pre_release(version: &str) -> bool {
    version.split('+').next().is_some_and(|version| version.contains('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dev_dependencies_go_and_all_else_stays() {
        let manifest = "\
[package]
name = \"a\"

[dev-dependencies.tokio]
version = \"1\"

[dependencies.b]
version = \"2\"

[target.\"cfg(unix)\".dev-dependencies.mio]
version = \"1\"

[target.\"cfg(unix)\".dependencies.libc]
version = \"0.2\"
";
        let alone = alone(manifest);
        assert!(!alone.contains("tokio") && !alone.contains("mio"));
        assert!(alone.contains("[dependencies.b]") && alone.contains("dependencies.libc]"));
        assert!(alone.ends_with("[workspace]\n"));
    }

    #[test]
    fn versions_are_those_of_the_packages() {
        let lock =
            "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.2.3\"\nsource = \"x\"\n";
        assert_eq!(versions(lock), [("a", "1.2.3")]);
    }

    #[test]
    fn beta_is_no_release_and_metadata_says_nothing() {
        assert!(is_pre_release("1.0.0-beta.2") && is_pre_release("1.0.0-rc.1+x"));
        assert!(!is_pre_release("1.0.0") && !is_pre_release("0.11.0+wasi-snapshot"));
    }
}
