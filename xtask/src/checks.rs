//! The steps that build and look, but run no test.

use crate::{
    browser::{PAGE, WASM},
    files,
    foreign::WINDOWS,
    install::{NIGHTLY, Tool, rustup},
    run::{Run, all, target},
    step::{Done, Stop},
};
use std::{fs, path::Path};

/// The oldest Rust that the library promises to build with.
pub(crate) const MSRV: &str = "1.85.0";

/// The library alone, without std.
const NO_STD: &str = "--no-default-features --features critical-section";

/// What a run of `ci` needs, in MiB (it leaves 7,865 in the target folder): a full disk is told here, and not by a linker.
const ROOM: u64 = 10 * 1024;

pub(crate) fn room() -> Done {
    let output = Run::program("df", "-P -k .").unseen();
    let Some(free) = output.ok().and_then(|output| free(&output.text)) else {
        return Err(Stop::Skipped("`df -P -k .` does not tell how much is free".into()));
    };
    println!("{free} MiB are free, {ROOM} are needed");
    if free >= ROOM { Ok(()) } else { Err(Stop::failed("the disk is too full: free some of it")) }
}

/// The MiB that are free, as POSIX has `df` tell it: in the last line, fourth, in KiB.
fn free(table: &str) -> Option<u64> {
    let kib: u64 = table.lines().last()?.split_whitespace().nth(3)?.parse().ok()?;
    Some(kib / 1024)
}

pub(crate) fn fmt() -> Done {
    // Workspaces of their own.
    let fuzz = "fmt --manifest-path fuzz/Cargo.toml --check";
    let firmware = "fmt --manifest-path firmware/Cargo.toml --check";
    let page = format!("fmt --manifest-path {PAGE}/Cargo.toml --check");
    all(["fmt --all --check", fuzz, firmware, &page].map(Run::cargo))
}

pub(crate) fn clippy() -> Done {
    all([
        clippy_of("--workspace --all-targets"),
        // What `features` leaves out: the tests without std.
        clippy_of("-p reveille --tests --no-default-features --features critical-section,alloc"),
        clippy_of("-p reveille --all-targets --all-features"),
        // The test profile is what makes this the library with its tests: the loom models.
        clippy_of("-p reveille --lib --profile test").under_loom(),
        clippy_of("-p reveille --all-targets").with_pipes(),
    ])
}

pub(crate) fn docs() -> Done {
    let doc = |words: &str| {
        Run::cargo(&format!("doc -p reveille --no-deps --locked {words}"))
            .env("RUSTDOCFLAGS", "-D warnings")
    };
    let alone = |feature: &str| {
        doc(&format!("--no-default-features --features critical-section,{feature}"))
    };
    all([
        doc("--all-features"),
        doc(NO_STD),
        alone("alloc"),
        alone("portable-atomic"),
        doc("--no-default-features --features std"),
        doc("--document-private-items"),
        doc(""),
    ])
}

/// With the words of the manifest, and the feature of nightly that shows what needs which feature.
pub(crate) fn docs_rs() -> Done {
    rustup(&[Tool::Toolchain(NIGHTLY)])?;
    Run::cargo_on(NIGHTLY, "doc -p reveille --no-deps --locked --all-features")
        .env("RUSTDOCFLAGS", "--cfg docsrs -D warnings")
        .target("docs-rs")
        .go()?;
    no_badge_of_ours(&target("docs-rs").join("doc/reveille"))
}

/// That no page tells a user of the cfgs that are ours alone, as in "Available on not (reveille_loom)".
fn no_badge_of_ours(folder: &Path) -> Done {
    let pages = files::ending(folder, "html")?;
    if pages.is_empty() {
        return Err(Stop::Failed(format!("no pages in {}", folder.display())));
    }
    for page in pages {
        if fs::read_to_string(&page)?.contains("reveille_loom") {
            return Err(Stop::Failed(format!("{}: speaks of reveille_loom", page.display())));
        }
    }
    Ok(())
}

pub(crate) fn msrv() -> Done {
    rustup(&[Tool::Toolchain(MSRV)])?;
    let build = |words: &str| {
        Run::cargo_on(MSRV, &format!("build -p reveille --lib --locked {words}")).target("msrv")
    };
    all([build(""), build(NO_STD)])
}

pub(crate) fn darwin() -> Done {
    check("aarch64-apple-darwin", &[""])
}

pub(crate) fn freebsd() -> Done {
    check("x86_64-unknown-freebsd", &[""])
}

pub(crate) fn netbsd() -> Done {
    check("x86_64-unknown-netbsd", &[""])
}

pub(crate) fn android() -> Done {
    check("aarch64-linux-android", &[""])
}

/// Its tests, too, since no other step of `ci` sees them.
pub(crate) fn windows() -> Done {
    rustup(&[Tool::Target(WINDOWS)])?;
    clippy_of(&format!("-p reveille --all-targets --target {WINDOWS}")).go()
}

pub(crate) fn page() -> Done {
    rustup(&[Tool::Target(WASM)])?;
    clippy_of(&format!("--target {WASM} --manifest-path {PAGE}/Cargo.toml")).target("browser").go()
}

pub(crate) fn bench_smoke() -> Done {
    Run::cargo("test -p reveille-benches --locked --lib --benches").go()
}

fn clippy_of(what: &str) -> Run {
    Run::cargo(&format!("clippy --locked {what} -- -D warnings"))
}

/// Checks the library on another target, once for each set of features.
fn check(target: &'static str, features: &[&str]) -> Done {
    rustup(&[Tool::Target(target)])?;
    let run = |words| format!("check -p reveille --lib --locked --target {target} {words}");
    all(features.iter().map(|words| Run::cargo(&run(words))))
}

#[cfg(test)]
mod tests {
    use super::{MSRV, free};

    #[test]
    fn free_room_is_the_fourth_of_the_last_line() {
        let table = "Filesystem 1024-blocks Used Available Capacity Mounted on\n\
                     /dev/vda 264000000 90000000 4823450 96% /\n";
        assert_eq!(free(table), Some(4710));
        assert_eq!(free("df: .: no such file"), None);
    }

    #[test]
    fn msrv_is_the_one_in_the_manifest() {
        let manifest = std::fs::read_to_string(crate::root().join("Cargo.toml")).unwrap();
        let promised = MSRV.strip_suffix(".0").unwrap();
        assert!(manifest.contains(&format!("rust-version = \"{promised}\"")));
    }
}
