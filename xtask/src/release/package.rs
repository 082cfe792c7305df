//! The crate as it is published: what is in the package, and that it builds from that alone.
//!
//! ```text
//! src/, tests/, examples/ ─► all of it, but the mutants        ┐
//! README, CHANGELOG, licences, manifest, lock file             ├─► cargo package --list
//! firmware, fuzz, xtask, benches, conformance, the page: none  ┘
//! cargo package ─► unpacked, apart from the workspace ─► library, tests and examples checked
//! ```
//! `publish-dry-run` has the registry look at it, too, and runs the documentation's examples from the package.

use super::minimal_versions;
use crate::{
    everyday::test::TESTS,
    read::files,
    run::{Run, target},
    step::{self, Done, Stop},
};
use std::{fs, io, path::PathBuf};

/// The folders of which every file is published.
const WHOLE: [&str; 3] = ["src", "tests", "examples"];

/// What is published besides.
const MUST: [&str; 8] = [
    "Cargo.toml",
    "Cargo.lock",
    "README.md",
    "CHANGELOG.md",
    "docs/design.md",
    "docs/reliability.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
];

/// What is not: what builds for other machines or with other tools, and what is ours alone.
const MUST_NOT: [&str; 10] = [
    ".cargo/",
    ".ci/",
    ".github/",
    "benches/",
    "conformance/",
    "verify/browser/",
    "firmware/",
    "fuzz/",
    "verify/mutants/",
    "xtask/",
];

pub(crate) fn check() -> Done {
    let list = "package -p reveille --list --allow-dirty --locked";
    let listed = Run::cargo(list).hushed()?;
    if !listed.passed() {
        return Err(Stop::Failed(listed.text));
    }
    let wrong = complaints(&listed.text, &wanted()?);
    wrong.iter().for_each(|line| println!("{line}"));
    if !wrong.is_empty() {
        return Err(Stop::Failed(format!("{} files are wrong in the package", wrong.len())));
    }

    let package = unpacked()?;
    // With the dependencies that the step `clippy` has checked.
    let check = "check --all-targets --all-features --locked";
    Run::cargo(check).folder(&package).target("").go()?;
    step::note(format!("{} files", files_in(&listed.text).count()));
    Ok(())
}

/// What crates.io would say, but for the upload itself; and the examples of the documentation, from the package.
pub(crate) fn dry_run() -> Done {
    let run = Run::cargo("publish -p reveille --dry-run --allow-dirty --locked");
    let output = run.target("package").hushed()?;
    print!("{}", output.text);
    let offline = ["could not resolve", "failed to connect", "Could not resolve", "spurious"];
    if !output.passed() {
        return Err(match offline.iter().any(|words| output.text.contains(words)) {
            true => Stop::Skipped("the registry cannot be reached".into()),
            false => Stop::failed("`cargo publish --dry-run` refuses it"),
        });
    }
    let package = unpacked()?;
    Run::cargo("test --doc --locked").folder(&package).target("").limit(TESTS).go()
}

/// Packs it, and gives back the folder of what was packed, which is no member of our workspace.
fn unpacked() -> Result<PathBuf, Stop> {
    let folder = target("package");
    match fs::remove_dir_all(folder.join("package")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => fs::create_dir_all(&folder)?,
    }
    Run::cargo("package -p reveille --no-verify --allow-dirty --locked").target("package").go()?;
    let package = minimal_versions::unpack(&folder.join("package"))?;
    let manifest = package.join("Cargo.toml");
    let text = fs::read_to_string(&manifest)?;
    fs::write(&manifest, text + "\n[workspace]\n")?;
    Ok(package)
}

/// Every file that must be in it.
fn wanted() -> Result<Vec<String>, Stop> {
    let mut wanted: Vec<String> = MUST.map(String::from).to_vec();
    for folder in WHOLE {
        let slashed = |path: PathBuf| path.to_string_lossy().replace('\\', "/");
        wanted.extend(files::ending(folder, "rs")?.into_iter().map(slashed));
    }
    wanted.retain(|path| !is_ours_alone(path));
    Ok(wanted)
}

fn is_ours_alone(path: &str) -> bool {
    MUST_NOT.iter().any(|folder| path.starts_with(folder))
}

/// The lines of `cargo package --list` that are files, without cargo's own remarks.
fn files_in(list: &str) -> impl Iterator<Item = &str> {
    list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.contains(' '))
}

fn complaints(list: &str, wanted: &[String]) -> Vec<String> {
    let too_much = files_in(list).filter(|path| is_ours_alone(path));
    let missing = wanted.iter().filter(|path| files_in(list).all(|listed| listed != **path));
    let too_much = too_much.map(|path| format!("{path}: must not be published"));
    too_much.chain(missing.map(|path| format!("{path}: is missing"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_file_and_one_too_much_are_both_told() {
        let list = "warning: manifest has no homepage\nsrc/lib.rs\nfuzz/Cargo.toml\n";
        let wanted = ["src/lib.rs".to_owned(), "src/event.rs".to_owned()];
        let told = ["fuzz/Cargo.toml: must not be published", "src/event.rs: is missing"];
        assert_eq!(complaints(list, &wanted), told);
    }

    #[test]
    fn remarks_of_cargo_are_no_files() {
        assert_eq!(
            files_in("warning: x\n  |\nREADME.md\n").collect::<Vec<_>>(),
            ["|", "README.md"]
        );
    }
}
