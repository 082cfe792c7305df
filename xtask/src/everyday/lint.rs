//! The steps that build and look, but run no test.

use crate::{
    run::{Run, all},
    step::{Done, Stop},
};

/// What a run of `ci` needs, in MiB: a full disk is reported here, and not by a linker.
const NEEDED: u64 = 10 * 1024;

/// The manifests of the workspaces beside this one.
const OTHERS: [&str; 3] = ["verify/browser", "verify/firmware", "verify/fuzz"];

pub(crate) fn disk_space() -> Done {
    let output = Run::program("df", "-P -k .").unseen();
    let Some(free) = output.ok().and_then(|output| free(&output.text)) else {
        return Err(Stop::skipped("`df -P -k .` does not print how much is free"));
    };
    println!("{free} MiB are free, {NEEDED} are needed");
    if free >= NEEDED { Ok(()) } else { Err(Stop::failed("the disk is too full")) }
}

/// The free MiB: the fourth word of the last line, in KiB, as POSIX specifies for `df`.
fn free(table: &str) -> Option<u64> {
    let kib: u64 = table.lines().last()?.split_whitespace().nth(3)?.parse().ok()?;
    Some(kib / 1024)
}

pub(crate) fn fmt() -> Done {
    let other = |folder| format!("fmt --manifest-path {folder}/Cargo.toml --check");
    let runs = std::iter::once("fmt --all --check".into()).chain(OTHERS.map(other));
    all(runs.map(|words| Run::cargo(&words)))
}

pub(crate) fn clippy() -> Done {
    all([
        clippy_of("--workspace --all-targets"),
        // What `features` leaves out: the tests without std.
        clippy_of("-p reveille --tests --no-default-features --features critical-section,alloc"),
        clippy_of("-p reveille --all-targets --all-features"),
        // The test profile is what makes this the library with its tests: the loom models.
        clippy_of("-p reveille --lib --profile test").under_loom(),
        // As an argument, so that dependencies are not built for it.
        Run::cargo("clippy --locked -p reveille --all-targets -- --cfg reveille_pipe -D warnings"),
    ])
}

/// Clippy on these words, with warnings denied.
pub(crate) fn clippy_of(what: &str) -> Run {
    Run::cargo(&format!("clippy --locked {what} -- -D warnings"))
}

pub(crate) fn docs() -> Done {
    let doc = |words: &str| {
        Run::cargo(&format!("doc -p reveille --no-deps --locked {words}"))
            .env("RUSTDOCFLAGS", "-D warnings")
    };
    let alone = |features: &str| {
        doc(&format!("--no-default-features --features critical-section,{features}"))
    };
    all([
        doc("--all-features"),
        alone(""),
        alone("alloc"),
        alone("portable-atomic"),
        doc("--document-private-items"),
        doc(""),
    ])
}

#[cfg(test)]
mod tests {
    use super::free;

    #[test]
    fn free_space_is_the_fourth_word_of_the_last_line() {
        let table = "Filesystem 1024-blocks Used Available Capacity Mounted on\n\
                     /dev/vda 264000000 90000000 4823450 96% /\n";
        assert_eq!(free(table), Some(4710));
        assert_eq!(free("df: .: no such file"), None);
    }
}
