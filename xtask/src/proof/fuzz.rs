//! Random operations on each type beside its model: `tests/model.rs` at length, and libFuzzer's words.

use crate::{
    install::{self, NIGHTLY, Tool},
    run::{Run, target},
    step::{self, Done},
};
use std::{fs, time::Duration};

/// How many operations `fuzz` carries out on each type; another seed by `REVEILLE_MODEL_SEED`.
const OPERATIONS: &str = "100000000";

/// How long that may take.
const LIMIT: Duration = Duration::from_secs(5400);

/// The targets of `verify/fuzz`, and for how many seconds `libfuzzer` runs each.
const TARGETS: [&str; 5] = ["event", "flag", "result", "value", "listener"];
const SECONDS: u64 = 60;

/// The version of cargo-fuzz.
const CARGO_FUZZ: &str = "0.13.1";

/// The test `model`, at length: its own histogram checks that nothing came too seldom.
pub(crate) fn model() -> Done {
    let seed = step::seed("REVEILLE_MODEL_SEED");
    Run::cargo("test -p reveille --locked --release --test model -- --nocapture")
        .env("REVEILLE_MODEL_OPERATIONS", OPERATIONS)
        .env("REVEILLE_MODEL_SEED", &seed)
        .limit(LIMIT)
        .go()?;
    step::note(format!("{OPERATIONS} operations on each type, seed {seed}"));
    Ok(())
}

pub(crate) fn libfuzzer() -> Done {
    install::rustup(&[Tool::Toolchain(NIGHTLY)])?;
    install::debian(&install::CXX)?;
    let program = install::cargo("cargo-fuzz", CARGO_FUZZ, "cargo-fuzz")?.display().to_string();
    for name in TARGETS {
        // What it finds goes there; what is committed is read.
        let found = target("fuzz/found").join(name);
        fs::create_dir_all(&found)?;
        let found = found.display();
        let words = format!(
            "run --fuzz-dir verify/fuzz {name} {found} verify/fuzz/corpus/{name} -- \
             -max_len=4096 -max_total_time={SECONDS} -artifact_prefix={found}/"
        );
        Run::program(&program, &words)
            .env("RUSTUP_TOOLCHAIN", NIGHTLY)
            // Forgotten payloads are leaks on purpose; the lockstep counts the others itself.
            .env("ASAN_OPTIONS", "detect_leaks=0")
            .target("fuzz")
            .go()?;
    }
    Ok(())
}
