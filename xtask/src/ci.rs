//! The table of steps: what there is, and what `ci` runs in which order.

use crate::{
    bench, broken, browser, build_time, cargo_mutants, checks, coverage, dependencies,
    doc_examples, executors, features, firmware, foreign, fresh, instructions, mutants, oldest,
    orderings, package, readme, sanitizers, signal_safety,
    step::{Done, Step},
    stepping, storms, testing, typos, weakenings,
};
use std::fmt::Write as _;

/// What `cargo xtask ci` runs, in this order.
const CI: &[Step] = &[
    step("room", "the disk has room for all the others", checks::room).may_skip(),
    step("fmt", "the formatting is rustfmt's", checks::fmt),
    step("clippy", "no lint fires, in any set of features", checks::clippy),
    step("features", "each set of features is clean where it is for, or refused", features::check)
        .may_skip(),
    step("readme", "README.md gives the two commands to start with", readme::check),
    step("test", "the test command that README.md gives", testing::test),
    step("test-release", "the same, optimised", testing::test_release),
    step("doc-tests", "the examples in the documentation", testing::doc_tests),
    step("doc-examples", "each public item has one of them", doc_examples::check),
    step("ecosystem", "the combinators of other crates, with our futures", executors::ecosystem),
    step(
        "executors-check",
        "the promises on every executor; README.md has the table",
        executors::check,
    )
    .may_skip(),
    step("pipe", "the tests of what has an eventfd, with a pipe in its place", testing::pipe),
    step("no-std", "the tests without std, on the host", testing::no_std),
    step("xtask-test", "the tests of these steps", testing::xtask_test),
    step("docs", "the documentation builds without a warning", checks::docs),
    step("loom", "the models of src/tests, every interleaving", testing::loom),
    step("miri", "undefined behaviour and leaks, 2 seeds", sanitizers::miri).may_skip(),
    step("tsan-short", "data races, by ThreadSanitizer, in some tests", sanitizers::tsan_short)
        .may_skip(),
    step(
        "asan-short",
        "freed memory and leaks, by AddressSanitizer, in some",
        sanitizers::asan_short,
    )
    .may_skip(),
    step("rtsan-short", "no `set` blocks, by RealtimeSanitizer, in some", sanitizers::rtsan_short)
        .may_skip(),
    step("orderings", "each atomic operation and each model is explained", orderings::check),
    step("signal-safety", "`set` does what a signal handler may do", signal_safety::check)
        .may_skip(),
    step("step-short", "a signal at every 7th instruction of a flag's operations", stepping::short)
        .may_skip(),
    step("typos", "no word is spelt wrongly", typos::check).may_skip(),
    step("dependencies", "how many, from README.md; licences; none twice", dependencies::check),
    step("package", "what is published is complete, and builds alone", package::check),
    step("docs-rs", "the documentation as docs.rs builds it", checks::docs_rs).may_skip(),
    step("msrv", "the library builds with the oldest Rust we promise", checks::msrv).may_skip(),
    step("oldest", "the package builds with the oldest dependencies it allows", oldest::check)
        .may_skip(),
    step("abort", "release build and an example under panic = abort", testing::abort),
    step("firmware-short", "the suite on Cortex-M3 and Cortex-M0 in QEMU", firmware::short)
        .may_skip(),
    step("i686", "the tests on 32 bits", foreign::i686).may_skip(),
    step("darwin", "the library on macOS", checks::darwin).may_skip(),
    step("freebsd", "the library on FreeBSD", checks::freebsd).may_skip(),
    step("netbsd", "the library on NetBSD", checks::netbsd).may_skip(),
    step("android", "the library on Android", checks::android).may_skip(),
    step(
        "windows-check",
        "the library and its tests on Windows, but for running them",
        checks::windows,
    )
    .may_skip(),
    step("page", "the page of examples/browser, but for looking at it", checks::page).may_skip(),
    step("examples", "each example runs to its end", testing::examples),
    step("bench-smoke", "each peer answers each row of the benches", checks::bench_smoke),
    step("mutants-short", "the tests catch a few bugs put in on purpose", mutants::short),
    step("mutants-orderings-short", "the models catch an ordering of each file", weakenings::short),
];

/// What runs only when asked for by name.
const APART: &[Step] = &[
    step("mutants", "the tests catch every bug put in on purpose", mutants::all),
    step("mutants-orderings", "the models catch every ordering weakened", weakenings::check),
    step("windows", "the tests on Windows, under wine", foreign::windows).may_skip(),
    step("aarch64", "the tests on aarch64, under qemu-user", foreign::aarch64).may_skip(),
    step("browser", "the page of examples/browser, clicked in Chromium", browser::check).may_skip(),
    step(
        "cargo-mutants",
        "the tests catch what cargo-mutants thinks up: hours",
        cargo_mutants::check,
    )
    .may_skip(),
    step("step", "a signal at every instruction of a flag's operations", stepping::all).may_skip(),
    step(
        "firmware",
        "all of firmware-short on each core, broken in every way, weighed",
        firmware::all,
    )
    .may_skip(),
    step(
        "firmware-mutants",
        "the sweep of firmware finds bugs put in on purpose",
        firmware::mutants,
    )
    .may_skip(),
    step("broken", "no descriptors, no threads, forks, exits, leaks: no harm", broken::all),
    step("storms", "10^6 handlers, crowds, sieges of a minute: nobody is lost", storms::all),
    step("miri-seeds", "miri with 6 seeds, the courier and the model, too", sanitizers::miri_seeds)
        .may_skip(),
    step("miri-long", "miri with 16 seeds, both models of borrowing", sanitizers::miri_long)
        .may_skip(),
    step("tsan", "data races, by ThreadSanitizer, std instrumented", sanitizers::tsan).may_skip(),
    step("asan", "freed memory and leaks, by AddressSanitizer", sanitizers::asan).may_skip(),
    step("rtsan", "no `set` blocks or allocates, by RealtimeSanitizer", sanitizers::rtsan)
        .may_skip(),
    step("fuzz", "10^8 random operations on each type, beside a plain model", testing::fuzz),
    step("libfuzzer", "the same, on words that libFuzzer thinks up", testing::libfuzzer).may_skip(),
    step("coverage", "which lines of src/ the tests run, and which not", coverage::print)
        .may_skip(),
    step("executors", "writes the table of executors into README.md", executors::write).may_skip(),
    step("fresh", "what the steps install, tried in bare roots of Debian", fresh::check).may_skip(),
    step("publish-dry-run", "what crates.io would say of the package", package::dry_run).may_skip(),
    step("build-time", "a clean release build, beside those of peers", build_time::compare)
        .may_skip(),
    step("bench", "measures beside the peers, and writes docs/benchmarks.md", bench::bench),
    step(
        "instructions",
        "no row of the benches takes 3 % more instructions than it did",
        instructions::check,
    )
    .may_skip(),
    step(
        "instructions-accept",
        "counts them, and has the next runs compare with that",
        instructions::accept,
    )
    .may_skip(),
];

/// The steps of the evidence in RELIABILITY.md, all but the mutants: an hour on two cores at most.
const PROOF: &[&str] = &[
    "step",
    "storms",
    "broken",
    "coverage",
    "loom",
    "fuzz",
    "miri-seeds",
    "tsan",
    "asan",
    "rtsan",
];

/// The names of all steps of [`CI`] together, and of all of [`PROOF`].
const ALL: &str = "ci";
const PROVE: &str = "prove";

const fn step(name: &'static str, about: &'static str, run: fn() -> Done) -> Step {
    Step::new(name, about, run)
}

/// The steps of these names, in the order given; the first unknown name if there is one.
pub(crate) fn find(names: &[String]) -> Result<Vec<&'static Step>, &str> {
    let mut found = Vec::new();
    for name in names {
        match &**name {
            ALL => found.extend(CI),
            PROVE => found.extend(PROOF.iter().filter_map(|name| by_name(name))),
            name => found.push(by_name(name).ok_or(name)?),
        }
    }
    Ok(found)
}

fn by_name(name: &str) -> Option<&'static Step> {
    CI.iter().chain(APART).find(|step| step.name == name)
}

/// Every step on a line of its own.
pub(crate) fn list() -> String {
    let mut text = String::from("cargo xtask STEP [STEP…]\n\n");
    let mut line = |name: &str, about: &str| {
        // Writing to a String cannot fail.
        _ = writeln!(text, "  {name:<23} {about}");
    };
    line(ALL, "the steps from `room` to `mutants-orderings-short`");
    line(PROVE, &format!("the evidence of RELIABILITY.md: {}", PROOF.join(", ")));
    for Step { name, about, .. } in CI.iter().chain(APART) {
        line(name, about);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(asked: &[&str]) -> Vec<&'static str> {
        let asked: Vec<String> = asked.iter().map(|&name| name.into()).collect();
        find(&asked).unwrap().iter().map(|step| step.name).collect()
    }

    #[test]
    fn steps_come_in_the_order_asked_for() {
        assert_eq!(names(&["loom", "fmt"]), ["loom", "fmt"]);
    }

    #[test]
    fn ci_begins_and_ends_as_the_list_says() {
        let all = names(&["ci"]);
        assert_eq!((all[0], all[all.len() - 1]), ("room", "mutants-orderings-short"));
        assert!(!all.contains(&"tsan"));
    }

    #[test]
    fn proof_has_every_step_that_it_names() {
        assert_eq!(names(&["prove"]), PROOF);
    }

    #[test]
    fn unknown_name_is_given_back() {
        assert_eq!(find(&["fmt".into(), "lint".into()]).err(), Some("lint"));
    }

    #[test]
    fn no_two_steps_share_a_name() {
        let mut all: Vec<_> = CI.iter().chain(APART).map(|step| step.name).collect();
        all.sort_unstable();
        assert!(all.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
