//! The crate as it is published: what is in the package, and that it builds from that alone.

use crate::{
    read::files,
    run::{Run, target},
    step::{self, Done, Stop},
};
use std::{collections::BTreeSet, fs, io, path::PathBuf};

/// The folders of which every file is published.
const WHOLE: [&str; 4] = ["docs", "examples", "src", "tests"];

/// The files that are published besides.
const FILES: [&str; 9] = [
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "SECURITY.md",
    "rustfmt.toml",
];

/// The files that cargo adds.
const ADDED: [&str; 2] = [".cargo_vcs_info.json", "Cargo.toml.orig"];

pub(crate) fn check() -> Done {
    let list = Run::cargo("package -p reveille --list --allow-dirty --locked --quiet").hushed()?;
    if !list.passed() {
        return Err(Stop::Failed(list.text));
    }
    let listed: BTreeSet<String> = list.text.lines().map(str::to_owned).collect();
    let mut wanted: BTreeSet<String> = FILES.map(String::from).into();
    for folder in WHOLE {
        let slashed = |path: PathBuf| path.to_string_lossy().replace('\\', "/");
        wanted.extend(files::below(folder)?.into_iter().map(slashed));
    }
    let more = |path: &&String| !wanted.contains(*path) && !ADDED.contains(&path.as_str());
    let mut wrong: Vec<String> = Vec::new();
    wrong.extend(wanted.difference(&listed).map(|path| format!("{path}: is missing")));
    wrong.extend(listed.iter().filter(more).map(|path| format!("{path}: must not be published")));
    let readme = fs::read_to_string("README.md")?;
    let broken = links(&readme).filter(|link| !listed.contains(*link));
    wrong.extend(broken.map(|link| format!("{link}: README.md links to it, and it is missing")));
    if !wrong.is_empty() {
        return Err(Stop::Failed(format!("the package is wrong:\n{}", wrong.join("\n"))));
    }
    let package = unpacked()?;
    let check = "check --all-targets --all-features --locked";
    Run::cargo(check).folder(&package).target("").go()?;
    step::note(format!("{} files", listed.len()));
    Ok(())
}

pub(crate) fn dry_run() -> Done {
    Run::cargo("publish --dry-run -p reveille --allow-dirty --locked").target("package").go()
}

/// Has cargo pack the crate and build what it packed; returns the folder of that, made a workspace.
pub(crate) fn unpacked() -> Result<PathBuf, Stop> {
    let folder = target("package").join("package");
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    Run::cargo("package -p reveille --allow-dirty --locked").target("package").go()?;
    let entries = fs::read_dir(&folder)?.collect::<io::Result<Vec<_>>>()?;
    let mut paths = entries.into_iter().map(|entry| entry.path());
    let is_package = |path: &PathBuf| path.is_dir() && files::stem(path).starts_with("reveille-");
    let package = paths.find(is_package).ok_or_else(|| Stop::failed("cargo unpacked nothing"))?;
    let manifest = package.join("Cargo.toml");
    let text = fs::read_to_string(&manifest)?;
    fs::write(&manifest, text + "\n[workspace]\n")?;
    Ok(package)
}

/// The files that a document links to.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
    links.filter(|link| !link.is_empty() && !link.contains("://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_files_are_found_without_their_chapters() {
        let text = "[a](docs/a.md#b) [c](#d) [![e](docs/e.svg)](https://e.example)";
        assert_eq!(links(text).collect::<Vec<_>>(), ["docs/a.md", "docs/e.svg"]);
    }
}
