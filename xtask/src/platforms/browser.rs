//! The page of `verify/browser`.

use super::targets::WASM;
use crate::{
    everyday::lint::clippy_of,
    install::{self, Tool},
    step::Done,
};

pub(crate) const PAGE: &str = "verify/browser";

pub(crate) fn lint() -> Done {
    install::rustup(&[Tool::Target(WASM)])?;
    clippy_of(&format!("--target {WASM} --manifest-path {PAGE}/Cargo.toml")).target("browser").go()
}

pub(crate) fn check() -> Done {
    lint()
}
