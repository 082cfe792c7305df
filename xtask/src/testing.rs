//! The steps that run tests and examples.

use crate::{
    files,
    install::{NIGHTLY, Tool, rustup},
    libtest, readme,
    run::{Run, all, target},
    sanitizers::seed,
    step::{self, Done, Stop},
};
use std::{fs, path::Path, time::Duration};

/// How long an example may run.
const EXAMPLE: Duration = Duration::from_secs(30);

/// How long all loom models together may run.
const LOOM: Duration = Duration::from_secs(180);

/// How long the ordinary tests may build and run: a lost wake-up shows as a test that hangs.
pub(crate) const TESTS: Duration = Duration::from_secs(1800);

/// What a build without std has.
pub(crate) const NO_STD: &str = "--no-default-features --features critical-section,alloc";

/// How many operations `fuzz` carries out on each type; other dice by `REVEILLE_MODEL_SEED`.
const OPERATIONS: &str = "100000000";

/// How long that may take.
const FUZZ: Duration = Duration::from_secs(5400);

/// The targets of fuzz/, and for how many seconds `libfuzzer` runs each.
const TARGETS: [&str; 5] = ["event", "flag", "result", "value", "listener"];
const SECONDS: u64 = 60;

pub(crate) fn test() -> Done {
    Run::cargo(&readme::test_words()?).limit(TESTS).go()
}

pub(crate) fn test_release() -> Done {
    Run::cargo(&format!("{} --release", readme::test_words()?)).limit(TESTS).go()
}

pub(crate) fn doc_tests() -> Done {
    Run::cargo("test -p reveille --locked --doc").limit(TESTS).go()
}

/// What sleeps on a descriptor, with the back end that systems without an eventfd have.
pub(crate) fn pipe() -> Done {
    let tests = "--test waitable --test waitable_unix --test pollers --test courier --test signals --test broken";
    Run::cargo(&format!("test -p reveille --locked --lib {tests}")).with_pipes().limit(TESTS).go()
}

/// The shared cases and the panics, with a critical section for a lock.
pub(crate) fn no_std() -> Done {
    Run::cargo(&format!("test -p reveille --locked {NO_STD} --test no_std")).limit(TESTS).go()
}

pub(crate) fn xtask_test() -> Done {
    Run::cargo("test -p xtask --locked").go()
}

pub(crate) fn loom() -> Done {
    let cargo = |words: &str| {
        Run::cargo(&format!("test --release -p reveille --lib --locked {words}")).under_loom()
    };
    // Built first, so that the limit is on the models alone.
    cargo("--no-run").go()?;
    let text = cargo("-- --show-output").limit(LOOM).go_and_tell()?;
    match (libtest::passed_in(&text, "tests"), libtest::sum(&text, "executions")) {
        (0, _) | (_, 0) => Err(Stop::failed("no model of src/tests ran")),
        (models, executions) => {
            step::note(format!("{models} models, {executions} executions"));
            Ok(())
        }
    }
}

/// The test `model`, at length: its own histogram says if it has done enough of everything.
pub(crate) fn fuzz() -> Done {
    let seed = seed("REVEILLE_MODEL_SEED");
    Run::cargo("test -p reveille --locked --release --test model -- --nocapture")
        .env("REVEILLE_MODEL_OPERATIONS", OPERATIONS)
        .env("REVEILLE_MODEL_SEED", &seed)
        .limit(FUZZ)
        .go()?;
    step::note(format!("{OPERATIONS} operations on each type, seed {seed}"));
    Ok(())
}

pub(crate) fn libfuzzer() -> Done {
    rustup(&[Tool::Toolchain(NIGHTLY)])?;
    if !Run::cargo_on(NIGHTLY, "fuzz --version").unseen()?.passed() {
        return Err(Stop::Skipped("there is no cargo-fuzz: `cargo install cargo-fuzz`".into()));
    }
    let run = |name: &&str| {
        // What it thinks up goes there; what is committed is read.
        let found = target("fuzz").join("found").join(name);
        fs::create_dir_all(&found)?;
        let found = found.display();
        let words = format!("-max_len=4096 -max_total_time={SECONDS} -artifact_prefix={found}/");
        Run::cargo_on(NIGHTLY, &format!("fuzz run {name} {found} fuzz/corpus/{name} -- {words}"))
            // Forgotten payloads are leaks that are meant; others the lockstep counts itself.
            .env("ASAN_OPTIONS", "detect_leaks=0")
            .target("fuzz")
            .go()
    };
    TARGETS.iter().try_for_each(run)
}

pub(crate) fn abort() -> Done {
    let cargo =
        |words| Run::cargo(words).env("CARGO_PROFILE_RELEASE_PANIC", "abort").target("abort");
    all([
        cargo("build --release -p reveille --locked"),
        cargo("build --release -p reveille --locked --example worker"),
        cargo("run --release -p reveille --locked --example worker").limit(EXAMPLE),
    ])
}

/// The name of the example of which this is the file: a file, or the `main.rs` of a folder. The page has a
/// manifest of its own, and none of these.
fn example(path: &Path) -> Option<String> {
    let folder = path.parent()?;
    match folder.ends_with("examples") {
        true => Some(files::stem(path)),
        false => path.ends_with("main.rs").then(|| files::stem(folder)),
    }
}

pub(crate) fn examples() -> Done {
    let names: Vec<String> =
        files::ending("examples", "rs")?.iter().filter_map(|path| example(path)).collect();
    if names.is_empty() {
        return Err(Stop::failed("there is no examples/*.rs"));
    }
    Run::cargo("build -p reveille --locked --examples").go()?;
    let run = |name| format!("run --quiet -p reveille --locked --example {name}");
    all(names.iter().map(|name| Run::cargo(&run(name)).limit(EXAMPLE)))
}
