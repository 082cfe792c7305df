//! Lays out the memory of the machine, and makes the shared cases callable: a test harness collects
//! the functions that are `#[test]`, and there is none without std.

use std::{env, error::Error, fs, path::Path};

#[path = "../../tests/cases/callable.rs"]
mod callable;

fn main() -> Result<(), Box<dyn Error>> {
    let out = env::var("OUT_DIR")?;
    let machine = match &*env::var("TARGET")? {
        "thumbv7m-none-eabi" => "lm3s6965evb",
        "thumbv6m-none-eabi" => "microbit",
        other => return Err(format!("there is no machine for {other}").into()),
    };
    let memory = format!("memory/{machine}.x");
    fs::copy(&memory, Path::new(&out).join("memory.x"))?;
    println!("cargo:rerun-if-changed={memory}");
    println!("cargo:rustc-link-search={out}");
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    println!("cargo:rustc-link-arg-bins=--nmagic");

    callable::write("../../tests/cases", "crate::suite::Case", |name, function| {
        format!("crate::suite::Case {{ name: {name:?}, run: {function} }}")
    })
}
