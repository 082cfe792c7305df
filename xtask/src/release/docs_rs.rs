//! The documentation as docs.rs builds it, with the feature of nightly that shows what needs which feature.

use crate::{
    install::{self, NIGHTLY, Tool},
    read::files,
    run::{Run, target},
    step::{Done, Stop},
};
use std::fs;

pub(crate) fn check() -> Done {
    install::rustup(&[Tool::Toolchain(NIGHTLY)])?;
    Run::cargo_on(NIGHTLY, "doc -p reveille --no-deps --locked --all-features")
        .env("RUSTDOCFLAGS", "--cfg docsrs -D warnings")
        .target("docs-rs")
        .go()?;
    // No page shows a cfg of our own, as in "Available on not (reveille_loom)".
    let pages = files::ending(target("docs-rs").join("doc/reveille"), "html")?;
    if pages.is_empty() {
        return Err(Stop::failed("rustdoc has written no pages"));
    }
    for page in pages {
        if fs::read_to_string(&page)?.contains("reveille_loom") {
            return Err(Stop::Failed(format!("{} shows reveille_loom", page.display())));
        }
    }
    Ok(())
}
