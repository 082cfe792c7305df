//! A copy of the project that may be broken and mended.
//!
//! **Only What Differs Is Written.** A file that already has the right content
//! keeps its time, one that is mended gets a new one: so cargo rebuilds what has
//! changed, and nothing else. No git state is read after the first list, and none changed.
//!
//! **The Copy Is Another Version.** Cargo tells packages apart by name, version, and place *within* their
//! workspace, and would take a broken build for the sound one. So the copy's version is `0.1.0+NAME`. It
//! then shares the target folders of the project, where the dependencies have been built already.

use crate::{
    read::files,
    run::{Run, target},
    step::Stop,
};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

/// The copy.
pub(crate) struct Tree {
    root: PathBuf,
    /// Each file as it was when the copy was made.
    files: BTreeMap<PathBuf, Vec<u8>>,
}

// === impl Tree ===

impl Tree {
    /// Copies all that git knows or would add to the target folder, as `mutants/NAME`: each step has a
    /// copy of its own, so that two may run at a time.
    pub(crate) fn new(name: &str) -> Result<Self, Stop> {
        let list = Command::new("git").args(["ls-files", "-coz", "--exclude-standard"]).output()?;
        if !list.status.success() {
            return Err(Stop::Failed(String::from_utf8_lossy(&list.stderr).into_owned()));
        }
        let mut files = BTreeMap::<PathBuf, Vec<u8>>::new();
        for path in String::from_utf8_lossy(&list.stdout).split_terminator('\0') {
            match fs::read(path) {
                // Deleted, but not yet so in the index.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                bytes => _ = files.insert(path.into(), bytes?),
            }
        }
        for (path, bytes) in &mut files {
            if path.ends_with("Cargo.toml") || path.ends_with("Cargo.lock") {
                *bytes = renamed(&String::from_utf8_lossy(bytes), name).into_bytes();
            }
        }
        let tree = Self { root: target("mutants").join(name), files };
        tree.mend()?;
        Ok(tree)
    }

    /// The root of the copy.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Applies a patch; or says why it does not apply.
    pub(crate) fn break_with(&self, patch: &Path) -> Result<(), String> {
        let words = "apply --whitespace=nowarn -";
        let patch = fs::File::open(patch).map_err(|error| error.to_string())?;
        // Stopped above the copy, git does not see the project's own repository: inside
        // that, it would pass over every file of the patch without a word.
        let above = self.root.parent().unwrap_or(&self.root).to_string_lossy();
        let run = Run::program("git", words).env("GIT_CEILING_DIRECTORIES", &above);
        let output = run.folder(&self.root).input(patch).unseen();
        let output = output.map_err(|error| error.to_string())?;
        let changed = self.differing().map_err(|error| error.to_string())?;
        match output.passed() {
            false => Err(format!("the patch does not apply: {}", output.text.trim())),
            true if changed.is_empty() => Err("the patch changes nothing".into()),
            true => Ok(()),
        }
    }

    /// Makes the copy equal to what was copied.
    pub(crate) fn mend(&self) -> io::Result<()> {
        for path in self.differing()? {
            let place = self.root.join(&path);
            let Some(bytes) = self.files.get(&path) else {
                fs::remove_file(place)?;
                continue;
            };
            fs::create_dir_all(place.parent().unwrap_or(&self.root))?;
            fs::write(place, bytes)?;
        }
        Ok(())
    }

    /// The files that are missing, changed, or too many.
    fn differing(&self) -> io::Result<Vec<PathBuf>> {
        let mut differing = Vec::new();
        for (path, bytes) in &self.files {
            if fs::read(self.root.join(path)).ok().as_ref() != Some(bytes) {
                differing.push(path.clone());
            }
        }
        for path in files::below(&self.root)? {
            let path = path.strip_prefix(&self.root).map_err(io::Error::other)?;
            if !self.files.contains_key(path) {
                differing.push(path.into());
            }
        }
        Ok(differing)
    }
}

/// A manifest or a lock file, in which the version of our crate has `+NAME` behind it.
fn renamed(text: &str, name: &str) -> String {
    const OURS: &str = "name = \"reveille\"\nversion = \"";
    match text.split_once(OURS).and_then(|(before, rest)| Some((before, rest.split_once('"')?))) {
        Some((before, (version, after))) => format!("{before}{OURS}{version}+{name}\"{after}"),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATCH: &str =
        "Breaks: a\n\n--- a/src/lib.rs\n+++ b/src/lib.rs\n@@ -1 +1 @@\n-one\n+two\n";

    fn tree(name: &str) -> Tree {
        let root = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        let files = [(PathBuf::from("src/lib.rs"), b"one\n".to_vec())].into();
        let tree = Tree { root, files };
        tree.mend().unwrap();
        tree
    }

    fn text(tree: &Tree) -> String {
        fs::read_to_string(tree.root.join("src/lib.rs")).unwrap()
    }

    #[test]
    fn patch_breaks_the_copy_and_mend_mends_it() {
        let tree = tree("mend");
        let patch = tree.root.with_extension("patch");
        fs::write(&patch, PATCH).unwrap();
        tree.break_with(&patch).unwrap();
        assert_eq!(text(&tree), "two\n");
        fs::write(tree.root.join("src/new.rs"), "").unwrap();
        tree.mend().unwrap();
        assert_eq!(text(&tree), "one\n");
        assert!(tree.differing().unwrap().is_empty());
        fs::remove_dir_all(&tree.root).unwrap();
        fs::remove_file(patch).unwrap();
    }

    #[test]
    fn version_of_our_crate_alone_is_renamed_in_manifest_and_lock() {
        for path in ["../Cargo.toml", "../Cargo.lock"] {
            let text = fs::read_to_string(path).unwrap();
            let copy = renamed(&text, "tree");
            assert_eq!(copy.len(), text.len() + "+tree".len(), "{path}");
            assert_eq!(copy.replace("+tree", ""), text);
        }
        assert_eq!(renamed("name = \"xtask\"\nversion = \"0.0.0\"", "tree").len(), 32);
    }

    #[test]
    fn patch_that_does_not_fit_is_refused() {
        let tree = tree("refuse");
        let patch = tree.root.with_extension("patch");
        fs::write(&patch, PATCH.replace("-one", "-other")).unwrap();
        assert!(tree.break_with(&patch).unwrap_err().contains("does not apply"));
        assert_eq!(text(&tree), "one\n");
        fs::remove_dir_all(&tree.root).unwrap();
        fs::remove_file(patch).unwrap();
    }

    #[test]
    fn file_that_does_not_differ_keeps_its_time() {
        let tree = tree("time");
        let time = || fs::metadata(tree.root.join("src/lib.rs")).unwrap().modified().unwrap();
        let before = time();
        std::thread::sleep(std::time::Duration::from_millis(20));
        tree.mend().unwrap();
        assert_eq!(time(), before);
        fs::write(tree.root.join("src/lib.rs"), "two").unwrap();
        tree.mend().unwrap();
        assert!(time() > before);
        fs::remove_dir_all(&tree.root).unwrap();
    }
}
