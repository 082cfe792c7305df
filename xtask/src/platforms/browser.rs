//! The page of `verify/browser`, built as for a visitor, and its tests in a headless Chromium.
//!
//! ```text
//! cargo build ─► .wasm ─► wasm-bindgen ─► verify/browser/pkg ──┐ the tests open it in a frame
//! cargo test ──► wasm-bindgen-test-runner ─► chromedriver ─► Chromium
//! ```

use super::{foreign, targets::WASM};
use crate::{
    everyday::{lint::clippy_of, test::TESTS},
    install::{self, CHROMIUM, Tool},
    run::{Run, target},
    step::{Done, Stop},
};
use std::fs;

const PAGE: &str = "verify/browser";

/// In seconds; the tests take about ten together.
const PATIENCE: &str = "120";

pub(crate) fn lint() -> Done {
    install::rustup(&[Tool::Target(WASM)])?;
    cargo(clippy_of(&format!("--all-targets {}", page()))).go()
}

pub(crate) fn check() -> Done {
    install::debian(&CHROMIUM)?;
    lint()?;
    // The program and the library must have the same version.
    let lock = fs::read_to_string(format!("{PAGE}/Cargo.lock"))?;
    let version = lock.split_once("name = \"wasm-bindgen\"\nversion = \"").map(|(_, rest)| rest);
    let version = version.and_then(|rest| rest.split('"').next());
    let version = version.ok_or_else(|| Stop::failed("Cargo.lock has no wasm-bindgen"))?;
    let runner = install::cargo("wasm-bindgen-cli", version, "wasm-bindgen-test-runner")?;

    cargo(Run::cargo(&format!("build --release --locked {}", page()))).go()?;
    let built = target("browser").join(WASM).join("release/reveille_browser.wasm");
    let words = format!("--target web --no-typescript --out-dir {PAGE}/pkg {}", built.display());
    let bindgen = runner.with_file_name("wasm-bindgen").display().to_string();
    Run::program(&bindgen, &words).go()?;

    let tests = Run::cargo(&format!("test --locked --test page {}", page()))
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", &runner.display().to_string())
        .env("CHROMEDRIVER", "/usr/bin/chromedriver")
        .env("WASM_BINDGEN_TEST_TIMEOUT", PATIENCE);
    foreign::test(cargo(tests).limit(TESTS))
}

fn page() -> String {
    format!("--target {WASM} --manifest-path {PAGE}/Cargo.toml")
}

fn cargo(run: Run) -> Run {
    run.target("browser")
}
