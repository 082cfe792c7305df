//! The table of steps: what there is, in groups, and what `ci` and `prove` run.

use crate::{
    everyday::{doc_examples, layers, lint, readme, test, typos},
    platforms::{browser, executors, features, firmware, foreign, targets},
    proof::{
        cargo_mutants, coverage, faults, fuzz, instructions, loom, mutants, ordering_mutants,
        orderings, sanitizers, signal_safety, signal_sweep, stress,
    },
    release::{bench, dependencies, docs_rs, fresh, minimal_versions, package},
    step::{Done, Step},
};
use std::fmt::Write as _;

/// What a developer runs all day.
const EVERYDAY: &[Step] = &[
    ci("disk-space", "enough disk is free for the other steps", lint::disk_space).may_skip(),
    ci("fmt", "the formatting is rustfmt's", lint::fmt),
    ci("clippy", "no lint fires, with any backend", lint::clippy),
    ci("layers", "no file of src/ imports from a higher layer", layers::check),
    ci("readme", "README.md gives the two commands to start with", readme::check),
    ci("test", "the test command that README.md gives", test::test),
    ci("test-release", "the same tests, optimized", test::test_release),
    ci("docs", "the documentation builds without a warning", lint::docs),
    ci("doc-examples", "each public item has an example", doc_examples::check),
    ci("examples", "each example runs to its end", test::examples),
    ci("typos", "no word is misspelled", typos::check).may_skip(),
    ci("xtask-test", "the tests of these steps", test::xtask_test),
    ci("bench-smoke", "each peer answers each row of the benchmarks", test::bench_smoke),
];

/// Evidence.
const PROOF: &[Step] = &[
    ci("loom", "the models of src/tests, every interleaving", loom::check),
    ci("miri", "undefined behavior and leaks, 2 seeds", sanitizers::miri).may_skip(),
    by_name("miri-seeds", "the same with 6 seeds, courier and model", sanitizers::miri_seeds)
        .may_skip(),
    by_name("miri-long", "16 seeds, both borrowing models", sanitizers::miri_long).may_skip(),
    ci("sanitizers", "every set and wait under each sanitizer of LLVM", sanitizers::short)
        .may_skip(),
    by_name("tsan", "data races in all tests, by ThreadSanitizer", sanitizers::tsan).may_skip(),
    by_name("asan", "freed memory and leaks in all, by AddressSanitizer", sanitizers::asan)
        .may_skip(),
    by_name("rtsan", "no `set` blocks in any test, by RealtimeSanitizer", sanitizers::rtsan)
        .may_skip(),
    ci("orderings", "each atomic operation and each model is explained", orderings::check),
    ci("ordering-mutants-short", "the models notice one ordering a file", ordering_mutants::short),
    by_name(
        "ordering-mutants",
        "the models notice each weakened ordering",
        ordering_mutants::check,
    ),
    ci("mutants-short", "the tests notice a few planted bugs", mutants::short),
    by_name("mutants", "the tests notice each patch of verify/mutants", mutants::all),
    by_name("cargo-mutants", "the tests notice what cargo-mutants changes", cargo_mutants::check)
        .may_skip(),
    ci("signal-safety", "what `set` can reach is async-signal-safe", signal_safety::check)
        .may_skip(),
    ci("signal-sweep-short", "the signal sweep finds a fault", signal_sweep::short).may_skip(),
    by_name("signal-sweep", "a signal at every instruction of a flag", signal_sweep::all)
        .may_skip(),
    by_name("stress", "10^6 handlers, crowds, a minute of each race", stress::all),
    by_name("faults", "no descriptors, no threads, forks, exits, leaks", faults::all),
    by_name("fuzz", "10^8 random operations a type, beside a model", fuzz::model),
    by_name("libfuzzer", "the same, on words that libFuzzer finds", fuzz::libfuzzer).may_skip(),
    by_name("coverage", "the lines of src/ that the tests run", coverage::print).may_skip(),
    by_name("instructions", "no row takes 3 % more instructions", instructions::check).may_skip(),
    by_name("instructions-accept", "writes the counts to compare with", instructions::accept)
        .may_skip(),
];

/// Other sets of features, executors, systems and processors.
const PLATFORMS: &[Step] = &[
    ci("features", "every set of features is clean, or refused", features::check).may_skip(),
    ci("no-std", "the tests without std, on this host", targets::no_std),
    ci("pipe", "the tests of descriptors, with a pipe for an eventfd", targets::pipe),
    ci("abort", "each type under panic = abort", targets::abort),
    ci("ecosystem", "the combinators of other crates", executors::ecosystem),
    ci("executors-check", "the promises on every executor", executors::check).may_skip(),
    by_name("executors", "the same, writes their table", executors::write).may_skip(),
    ci("firmware-short", "Cortex-M3 and Cortex-M0 in QEMU", firmware::short).may_skip(),
    by_name("firmware", "each core, planted faults, code size", firmware::all).may_skip(),
    by_name("firmware-mutants", "the firmware's sweep finds bugs", firmware::mutants).may_skip(),
    ci("i686", "the tests on 32 bits", foreign::i686).may_skip(),
    by_name("aarch64", "the tests under qemu-user", foreign::aarch64).may_skip(),
    ci("unix-check", "macOS, FreeBSD, NetBSD, Android, Emscripten: compiled", targets::unix)
        .may_skip(),
    ci("windows-check", "Windows: compiled, with the tests", targets::windows).may_skip(),
    by_name("windows", "the tests under wine", foreign::windows).may_skip(),
    ci("browser-check", "the page of verify/browser: linted", browser::lint).may_skip(),
    by_name("browser", "the same, used in Chromium", browser::check).may_skip(),
];

/// What is published.
const RELEASE: &[Step] = &[
    ci("msrv", "the oldest Rust that is promised", minimal_versions::msrv).may_skip(),
    ci("minimal-versions", "the oldest dependencies allowed", minimal_versions::check).may_skip(),
    ci("docs-rs", "the documentation as docs.rs builds it", docs_rs::check).may_skip(),
    ci("package", "the package is complete and builds alone", package::check),
    by_name("dependencies", "licenses, and the list of what users get", dependencies::check)
        .may_skip(),
    by_name("publish-dry-run", "what publishing would refuse", package::dry_run),
    by_name("fresh", "what the steps install, in bare roots", fresh::check).may_skip(),
    by_name("bench", "measures beside the peers, writes the page", bench::bench),
];

/// The groups, in the order in which `ci` runs them and the list shows them.
const GROUPS: [(&str, &[Step]); 4] =
    [("everyday", EVERYDAY), ("proof", PROOF), ("platforms", PLATFORMS), ("release", RELEASE)];

/// What `prove` runs: the evidence of docs/reliability.md, an hour on two cores.
const PROVE: &[&str] = &[
    "signal-sweep",
    "stress",
    "faults",
    "coverage",
    "loom",
    "fuzz",
    "miri-seeds",
    "tsan",
    "asan",
    "rtsan",
];

/// A step that `ci` runs.
const fn ci(name: &'static str, about: &'static str, run: fn() -> Done) -> Step {
    Step::new(name, about, run, true)
}

/// A step that runs only when it is named.
const fn by_name(name: &'static str, about: &'static str, run: fn() -> Done) -> Step {
    Step::new(name, about, run, false)
}

fn all() -> impl Iterator<Item = &'static Step> {
    GROUPS.iter().flat_map(|(_, steps)| *steps)
}

/// The steps of these names, in the order given; the first unknown name if there is one.
pub(crate) fn find(names: &[String]) -> Result<Vec<&'static Step>, &str> {
    let find_one = |name: &str| all().find(|step| step.name == name);
    let mut found = Vec::new();
    for name in names {
        match &**name {
            "ci" => found.extend(all().filter(|step| step.in_ci)),
            "prove" => found.extend(PROVE.iter().filter_map(|name| find_one(name))),
            name => found.push(find_one(name).ok_or(name)?),
        }
    }
    Ok(found)
}

/// Every step on a line of its own, below its group; `*`: `ci` runs it.
pub(crate) fn list() -> String {
    let mut text = String::from("cargo xtask STEP [STEP…]\n\n");
    let mut line = |mark: &str, name: &str, about: &str| {
        // Writing to a String cannot fail.
        _ = writeln!(text, "{mark:<2}{name:<23} {about}");
    };
    line("", "ci", "every step with a `*`, in this order");
    line("", "prove", &PROVE.join(" "));
    for (group, steps) in GROUPS {
        line("", "", "");
        line("", &format!("{group}:"), "");
        for step in steps {
            line(if step.in_ci { "*" } else { "" }, step.name, step.about);
        }
    }
    text.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
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
    fn ci_has_the_marked_steps_alone() {
        let ci = names(&["ci"]);
        assert_eq!(ci[0], "disk-space");
        assert!(ci.contains(&"test") && !ci.contains(&"tsan"));
    }

    #[test]
    fn prove_has_every_step_that_it_names() {
        assert_eq!(names(&["prove"]), PROVE);
    }

    #[test]
    fn unknown_name_is_given_back() {
        assert_eq!(find(&["fmt".into(), "lint".into()]).err(), Some("lint"));
    }

    #[test]
    fn no_two_steps_share_a_name() {
        let mut all: Vec<_> = all().map(|step| step.name).collect();
        all.sort_unstable();
        assert!(all.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
