//! The lines of `src/` that the plain tests run, by cargo-llvm-cov.
//!
//! A process that ends by `_exit` or by a signal leaves no profile, so what it alone runs counts as
//! not run. The files of `src/tests` are left out. Code of other builds (loom, Miri, no std, the
//! pipe, other systems) is not compiled here, and so not counted.

use crate::{
    everyday::test::TESTS,
    install::{self, NIGHTLY, Tool, rustup},
    run::Run,
    step::{self, Done, Stop},
};

/// The version of cargo-llvm-cov.
const VERSION: &str = "0.9.1";

pub(crate) fn print() -> Done {
    rustup(&[Tool::Toolchain(NIGHTLY), Tool::Component(NIGHTLY, "llvm-tools")])?;
    let program = install::cargo("cargo-llvm-cov", VERSION, "cargo-llvm-cov")?;
    let words = "llvm-cov -p reveille --locked --lib --tests --show-missing-lines";
    let table = Run::program(&program.display().to_string(), words)
        .env("RUSTUP_TOOLCHAIN", NIGHTLY)
        .limit(TESTS)
        .go_and_tell()?;
    let share = total(&table).ok_or_else(|| Stop::failed("the report has no total"))?;
    step::note(format!("{share} of the lines of src/"));
    Ok(())
}

/// The share of lines in the last row of the table: regions, functions and lines have a count, a
/// count of those missed, and a share each.
fn total(table: &str) -> Option<&str> {
    let row = table.lines().find(|line| line.starts_with("TOTAL"))?;
    row.split_whitespace().nth(9)
}

#[cfg(test)]
mod tests {
    #[test]
    fn total_is_the_share_of_lines() {
        let row = "TOTAL   10 1 90.00%   5 0 100.00%   40 1 97.50%   0 0 -";
        assert_eq!(super::total(row), Some("97.50%"));
    }
}
