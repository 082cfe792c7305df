//! Lists the files below a folder.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Every file below `folder`, in order of its path; none if there is no such folder.
pub(crate) fn below(folder: impl AsRef<Path>) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    collect(folder.as_ref(), &mut found)?;
    found.sort();
    Ok(found)
}

/// Every file below `folder` whose name ends in `.extension`.
pub(crate) fn ending(folder: impl AsRef<Path>, extension: &str) -> io::Result<Vec<PathBuf>> {
    let mut found = below(folder)?;
    found.retain(|path| path.extension().is_some_and(|end| end == extension));
    Ok(found)
}

/// The name of a file, without folder and extension.
pub(crate) fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), found)?;
        } else {
            found.push(entry.path());
        }
    }
    Ok(())
}
