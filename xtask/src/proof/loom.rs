//! The models of `src/tests`, in every interleaving that loom finds.

use crate::{
    read::libtest,
    run::Run,
    step::{self, Done, Stop},
};
use std::time::Duration;

/// How long all models together may run.
const LIMIT: Duration = Duration::from_secs(180);

pub(crate) fn check() -> Done {
    let cargo = |words: &str| {
        Run::cargo(&format!("test --release -p reveille --lib --locked {words}")).under_loom()
    };
    // Built first, so that the limit is on the models alone.
    cargo("--no-run").go()?;
    let text = cargo("-- --show-output").limit(LIMIT).go_and_tell()?;
    match (libtest::passed_in(&text, "tests"), libtest::sum(&text, "executions")) {
        (0, _) | (_, 0) => Err(Stop::failed("no model of src/tests ran")),
        (models, executions) => {
            step::note(format!("{models} models, {executions} executions"));
            Ok(())
        }
    }
}
