//! Every set of features, on each kind of target: linted where it builds, refused with the right
//! words where it does not.
//!
//! | target                 | std | compare-and-swap | stands for                              |
//! |------------------------|-----|------------------|-----------------------------------------|
//! | the host               | yes | yes              | systems with std                        |
//! | wasm32-unknown-unknown | yes | yes              | std without threads                     |
//! | thumbv7m-none-eabi     | no  | yes              | most microcontrollers                   |
//! | thumbv6m-none-eabi     | no  | no               | Cortex-M0, both ways to make its atomics |
//! | msp430-none-elf        | no  | no               | pointers of 16 bits, which are refused  |
//!
//! cargo-hack lists the sets, and leaves out those that equal another.

use crate::{
    install::{self, NIGHTLY, Tool, rustup},
    run::{Run, all},
    step::{Done, Stop},
};

/// The sets that each target builds: what cargo-hack leaves out, and what it adds.
const SETS: [&str; 5] = [
    "--skip default",
    "--skip default --target wasm32-unknown-unknown",
    "--skip default,std --target thumbv7m-none-eabi",
    "--skip default,std --target thumbv6m-none-eabi --at-least-one-of std,portable-atomic \
     --features portable-atomic/critical-section",
    "--skip default,std --target thumbv6m-none-eabi --at-least-one-of std,portable-atomic \
     --features portable-atomic/unsafe-assume-single-core",
];

/// Sets that must not build, and the message of each. The last has no `core` that rustup installs.
const REFUSED: [(&str, &str); 3] = [
    (
        "--features alloc,portable-atomic",
        "reveille needs a lock: enable the feature `std`, or `critical-section` where there is no std",
    ),
    (
        "--features critical-section --target thumbv6m-none-eabi",
        "reveille needs compare-and-swap, which this core lacks: enable the feature \
         `portable-atomic`",
    ),
    (
        "--features critical-section,portable-atomic -Zbuild-std=core --target msp430-none-elf",
        "reveille needs pointers of at least 32 bits: a 16-bit event state wraps after 16,384 clears",
    ),
];

pub(crate) fn check() -> Done {
    let targets = ["wasm32-unknown-unknown", "thumbv7m-none-eabi", "thumbv6m-none-eabi"];
    rustup(&targets.map(Tool::Target))?;
    let hack = install::hack()?;
    all(SETS.map(|sets| {
        let what = "hack clippy -p reveille --lib --locked --feature-powerset \
                    --at-least-one-of std,critical-section";
        Run::program(&hack, &format!("{what} {sets} -- -D warnings"))
    }))?;
    rustup(&[Tool::Toolchain(NIGHTLY), Tool::Component(NIGHTLY, "rust-src")])?;
    for (set, words) in REFUSED {
        let check = format!("check -p reveille --lib --locked --no-default-features {set}");
        println!("$ cargo {check}");
        let run = match set.contains("build-std") {
            true => Run::cargo_on(NIGHTLY, &check).target("build-std"),
            false => Run::cargo(&check),
        };
        let output = run.unseen()?;
        if output.passed() || !output.text.contains(words) {
            let why = format!("`cargo {check}` does not fail with: {words}");
            return Err(Stop::Failed(format!("{}\n{why}", output.text)));
        }
    }
    // A program that models its own threads builds its dependencies with this.
    let loom = Run::cargo("check -p reveille --locked --lib").rustflags("--cfg loom -D warnings");
    loom.target("cfg-loom").go()?;
    // With both features, the lock is std's.
    Run::cargo("test -p reveille --locked --features critical-section --test features").go()
}
