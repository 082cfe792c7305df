//! Builds of other kinds, on this host and for others, that need no machine to run on.

use crate::{
    everyday::{lint::clippy_of, test::TESTS},
    install::{self, Tool},
    run::{Run, all},
    step::Done,
};

pub(crate) const WASM: &str = "wasm32-unknown-unknown";
pub(crate) const WINDOWS: &str = "x86_64-pc-windows-gnu";

/// Where the library is compiled, and nothing runs.
const UNIX: [&str; 5] = [
    "aarch64-apple-darwin",
    "x86_64-unknown-freebsd",
    "x86_64-unknown-netbsd",
    "aarch64-linux-android",
    "wasm32-unknown-emscripten",
];

/// What a build without std has.
pub(crate) const NO_STD: &str = "--no-default-features --features critical-section,alloc";

/// The tests of what sleeps on a descriptor, with the back end of systems without an eventfd.
pub(crate) fn pipe() -> Done {
    let tests = "--test waitable --test waitable_unix --test pollers --test courier --test signals --test faults";
    Run::cargo(&format!("test -p reveille --locked --lib {tests}")).with_pipes().limit(TESTS).go()
}

/// The shared cases and the panics, with a critical section for a lock.
pub(crate) fn no_std() -> Done {
    Run::cargo(&format!("test -p reveille --locked {NO_STD} --test no_std")).limit(TESTS).go()
}

/// A program that sets and waits for each type, by each method, between two threads.
pub(crate) fn abort() -> Done {
    Run::cargo("run --release -p xtask --locked --example sanitizer_probe -- clean")
        .env("CARGO_PROFILE_RELEASE_PANIC", "abort")
        .target("abort")
        .limit(TESTS)
        .go()
}

/// The library on each other Unix that rustup has a target of.
pub(crate) fn unix() -> Done {
    install::rustup(&UNIX.map(Tool::Target))?;
    let check = |target| Run::cargo(&format!("check -p reveille --lib --locked --target {target}"));
    all(UNIX.map(check))
}

/// The tests, too, since no other step of `ci` compiles them.
pub(crate) fn windows() -> Done {
    install::rustup(&[Tool::Target(WINDOWS)])?;
    clippy_of(&format!("-p reveille --all-targets --target {WINDOWS}")).go()
}
