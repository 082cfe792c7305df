//! Every set of features, on each kind of target: built and linted where it is for it, and refused
//! with the right words where it is not.
//!
//! | target                 | std | compare-and-swap | stands for                    |
//! |------------------------|-----|------------------|-------------------------------|
//! | the host               | yes | yes              | what has an operating system  |
//! | wasm32-unknown-unknown | yes | yes              | std without threads           |
//! | thumbv7m-none-eabi     | no  | yes              | most microcontrollers         |
//! | thumbv6m-none-eabi     | no  | no               | Cortex-M0, with each backend of portable-atomic |

use crate::{
    install::{Tool, rustup},
    run::Run,
    step::{Done, Stop},
};

/// The features of the crate, `default` aside.
const FEATURES: [&str; 4] = ["std", "alloc", "critical-section", "portable-atomic"];

/// What a target has, and how the crate is built for it.
struct Target {
    /// None: the host.
    name: Option<&'static str>,
    has_std: bool,
    has_cas: bool,
    /// A feature of portable-atomic, as the program would choose it.
    backend: Option<&'static str>,
}

const TARGETS: [Target; 5] = [
    Target { name: None, has_std: true, has_cas: true, backend: None },
    Target { name: Some("wasm32-unknown-unknown"), has_std: true, has_cas: true, backend: None },
    Target { name: Some("thumbv7m-none-eabi"), has_std: false, has_cas: true, backend: None },
    Target {
        name: Some("thumbv6m-none-eabi"),
        has_std: false,
        has_cas: false,
        backend: Some("unsafe-assume-single-core"),
    },
    Target {
        name: Some("thumbv6m-none-eabi"),
        has_std: false,
        has_cas: false,
        backend: Some("critical-section"),
    },
];

/// What the compiler must say of a set of features.
#[derive(Debug, PartialEq, Eq)]
enum Expected {
    /// Nothing at all.
    Clean,
    /// An error with these words.
    Refused(&'static str),
}

const NO_LOCK: &str = "reveille needs a lock: turn on the feature `std`, or, where there is no std, \
                       `critical-section`";
const NO_CAS: &str = "reveille needs compare-and-swap, which this core does not have: turn on the \
                      feature `portable-atomic`";

pub(crate) fn check() -> Done {
    let names: Vec<Tool> =
        TARGETS.iter().filter_map(|target| target.name.map(Tool::Target)).collect();
    rustup(&names)?;
    let (mut clean, mut refused, mut wrong) = (0, 0, 0);
    for target in &TARGETS {
        for set in sets() {
            let Some(expected) = target.expects(&set) else { continue };
            match target.try_set(&set, &expected)? {
                Ok(()) if expected == Expected::Clean => clean += 1,
                Ok(()) => refused += 1,
                Err(why) => {
                    println!("{why}");
                    wrong += 1;
                }
            }
        }
    }
    println!("{clean} sets of features are clean, {refused} are refused with the right words");
    if wrong > 0 {
        return Err(Stop::Failed(format!("{wrong} sets of features are not as they should be")));
    }
    // A program that models its own threads builds all it depends on with this.
    let loom = Run::cargo("check -p reveille --locked --lib").rustflags("--cfg loom -D warnings");
    loom.target("cfg-loom").go()?;
    // With both, the lock is std's.
    Run::cargo("test -p reveille --locked --features critical-section --test features").go()
}

/// All sets of features.
fn sets() -> impl Iterator<Item = Vec<&'static str>> {
    (0..1_u32 << FEATURES.len()).map(|bits| {
        let chosen = |&(place, _): &(usize, _)| bits >> place & 1 == 1;
        FEATURES.into_iter().enumerate().filter(chosen).map(|(_, feature)| feature).collect()
    })
}

// === impl Target ===

impl Target {
    /// What must become of this set here; none if the set is for other targets.
    fn expects(&self, set: &[&str]) -> Option<Expected> {
        let has = |feature| set.contains(&feature);
        if has("std") && !self.has_std {
            return None;
        }
        Some(if !has("std") && !has("critical-section") {
            Expected::Refused(NO_LOCK)
        } else if !self.has_cas && !has("portable-atomic") {
            Expected::Refused(NO_CAS)
        } else {
            Expected::Clean
        })
    }

    /// Lints the library with this set; or says what is wrong.
    fn try_set(&self, set: &[&str], expected: &Expected) -> Result<Result<(), String>, Stop> {
        let mut words = String::from("clippy -p reveille --lib --locked --no-default-features");
        if let Some(name) = self.name {
            words += &format!(" --target {name}");
        }
        let mut features = set.join(",");
        if let Some(backend) = self.backend.filter(|_| set.contains(&"portable-atomic")) {
            features += &format!(",portable-atomic/{backend}");
        }
        if !features.is_empty() {
            words += &format!(" --features {features}");
        }
        words += " -- -D warnings";
        println!("$ cargo {words}");
        let output = Run::cargo(&words).unseen()?;
        Ok(match expected {
            Expected::Clean if output.passed() => Ok(()),
            Expected::Clean => Err(output.text),
            Expected::Refused(_) if output.passed() => Err("it builds, and must not".into()),
            Expected::Refused(words) if output.text.contains(words) => Ok(()),
            Expected::Refused(words) => Err(format!("{}\nno word of: {words}", output.text)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn each_feature_of_the_manifest_is_tried() {
        let manifest = fs::read_to_string(crate::root().join("Cargo.toml")).unwrap();
        let table = manifest.split_once("[features]\n").unwrap().1;
        let table = table.split_once("\n[").unwrap().0;
        let features: Vec<&str> = table
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once(" = "))
            .map(|(name, _)| name)
            .filter(|&name| name != "default")
            .collect();
        assert_eq!(features, FEATURES);
    }

    #[test]
    fn no_set_is_left_out() {
        let all: Vec<_> = sets().collect();
        assert_eq!(all.len(), 16);
        assert!(all.contains(&vec![]) && all.contains(&FEATURES.to_vec()));
    }

    #[test]
    fn set_is_refused_without_a_lock_and_without_compare_and_swap() {
        let [host, _, v7, v6, _] = &TARGETS;
        assert_eq!(host.expects(&["alloc"]), Some(Expected::Refused(NO_LOCK)));
        assert_eq!(host.expects(&["std"]), Some(Expected::Clean));
        assert_eq!(v7.expects(&["std"]), None);
        assert_eq!(v7.expects(&["critical-section"]), Some(Expected::Clean));
        assert_eq!(v6.expects(&["critical-section"]), Some(Expected::Refused(NO_CAS)));
        assert_eq!(v6.expects(&["critical-section", "portable-atomic"]), Some(Expected::Clean));
    }
}
