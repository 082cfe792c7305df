//! The steps that run tests and examples on this host.

use super::readme;
use crate::{
    read::files,
    run::{Run, all},
    step::{Done, Stop},
};
use std::{path::Path, time::Duration};

/// How long an example may run.
const EXAMPLE: Duration = Duration::from_secs(30);

/// How long the ordinary tests may build and run: a lost wake-up shows as a test that hangs.
pub(crate) const TESTS: Duration = Duration::from_secs(1800);

/// The test command of README.md, which runs the examples of the documentation, too.
pub(crate) fn test() -> Done {
    Run::cargo(&readme::test_words()?).limit(TESTS).go()
}

/// With stress tests that are half as long as those of `test`.
pub(crate) fn test_release() -> Done {
    Run::cargo("test --profile optimized -p reveille --locked --lib --tests")
        .env("REVEILLE_STRESS_SECONDS", "1")
        .limit(TESTS)
        .go()
}

pub(crate) fn xtask_test() -> Done {
    Run::cargo("test -p xtask --locked").go()
}

pub(crate) fn bench_smoke() -> Done {
    Run::cargo("test -p reveille-benches --locked --lib --benches").limit(TESTS).go()
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

/// The name of the example of which this is the file: a file, or the `main.rs` of a folder.
fn example(path: &Path) -> Option<String> {
    let folder = path.parent()?;
    match folder.ends_with("examples") {
        true => Some(files::stem(path)),
        false => path.ends_with("main.rs").then(|| files::stem(folder)),
    }
}
