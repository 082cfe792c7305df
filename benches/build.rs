//! Passes the compiler's version to the report.

use std::env;
use std::process::Command;

fn main() {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().ok();
    let version = version.and_then(|output| String::from_utf8(output.stdout).ok());
    let version = version.unwrap_or_else(|| "rustc unknown".into());
    // From "rustc 1.95.0 (hash date)".
    let short = version.split(" (").next().unwrap_or_default().trim();
    println!("cargo::rustc-env=BENCHES_RUSTC={short}");
    println!("cargo::rerun-if-changed=build.rs");
}
