//! Which of the instructions that the sweep is about have been stepped.
//!
//! # What it is about
//! An instruction *stands* in the innermost line of this crate that it was compiled from: an atomic
//! operation of `core` in the line that makes it, std's lock in `src/sync.rs`. It counts if that line is in
//! one of [`FILES`], or anywhere in the crate if the door `set` leads to it. The doors are the public
//! methods, in tests/step/doors.rs.
//!
//! # What is left out
//! What cannot run without a panic from a door on (see [`graph`](super::graph)): that is what prepares a
//! panic or cleans up after one, and the courier's side, on a thread that blocks all signals, with its
//! start. The lines are printed, and so are those that [`EXCUSED`] names.

use super::graph::Graph;
use crate::step::Stop;
use std::{
    collections::{BTreeMap, BTreeSet},
    env, fmt, fs,
};

/// The flag and its slot.
const FILES: [&str; 4] = ["src/flag.rs", "src/raw/relay.rs", "src/raw/post.rs", "src/raw/slot.rs"];

/// The sources of the crate.
const SOURCES: &str = "src/";

/// Where the doors are.
const DOORS: &str = "step::doors::";

/// The one whose every step counts.
const SET: &str = "step::doors::set";

/// What no signal leads to, within which function and on which line.
const EXCUSED: [Excuse; 5] = [
    Excuse {
        within: "poll_linked",
        line: "None => self.move_in(has_waiters)",
        why: "a linked wait has a slot, but in a child of fork",
    },
    Excuse {
        within: "leave",
        line: "}",
        why: "the way out of one who finds no slot: a child of fork",
    },
    Excuse {
        within: "move_in",
        line: "let left_behind",
        why: "somebody waits where there is no slot: a child of fork",
    },
    Excuse {
        within: "move_in",
        line: "!left_behind",
        why: "somebody waits where there is no slot: a child of fork",
    },
    Excuse {
        within: "move_in",
        line: "fresh.give_back()",
        why: "two threads race for the slot of a flag",
    },
];

/// Instructions that need not be stepped.
struct Excuse {
    within: &'static str,
    line: &'static str,
    why: &'static str,
}

/// The tally.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    counted: usize,
    stepped: usize,
    /// Not stepped: how many instructions of which line, and the first of them.
    uncovered: BTreeMap<String, (usize, u64)>,
    /// Excused: how many instructions of which line, and why.
    excused: BTreeMap<String, (usize, &'static str)>,
    /// Left out: how many instructions of which line.
    left_out: BTreeMap<String, usize>,
}

/// The lines of [`FILES`].
pub(super) struct Sources {
    files: BTreeMap<&'static str, Vec<String>>,
}

/// Where an instruction stands: its own place first, then what that was made a part of.
struct Frames<'a> {
    /// Each with its function.
    places: Vec<(&'a str, &'a str)>,
}

// === impl Coverage ===

impl Coverage {
    /// `frames` is what `addr2line --addresses --functions --inlines` says.
    pub(super) fn of(
        graph: &Graph<'_>,
        stepped: &BTreeSet<u64>,
        sources: &Sources,
        frames: impl FnOnce(&[u64]) -> Result<String, Stop>,
    ) -> Result<Self, Stop> {
        let reached = graph.reach(graph.named(DOORS));
        let by_set = graph.reach(graph.named(SET).filter(|&door| graph.function(door) == SET));
        if by_set.is_empty() {
            return Err(Stop::failed(format!("the program has no `{SET}`")));
        }
        let asked: Vec<u64> = graph.addresses().filter(|&at| is_ours(graph.function(at))).collect();
        let root = env::current_dir()?.display().to_string() + "/";
        let text = frames(&asked)?;
        let frames = parse(&text, &root);
        let mut coverage = Self::default();
        for at in asked {
            let Some(frames) = frames.get(&at) else { continue };
            let Some(line) = frames.line() else { continue };
            if !by_set.contains(&at) && !FILES.iter().any(|file| is_in(line, file)) {
                continue;
            }
            if !reached.contains(&at) {
                *coverage.left_out.entry(line.into()).or_default() += 1;
                continue;
            }
            if stepped.contains(&at) {
                coverage.stepped += 1;
            } else if let Some(excuse) = EXCUSED.iter().find(|it| it.holds_for(frames, sources)) {
                coverage.excused.entry(line.into()).or_insert((0, excuse.why)).0 += 1;
                continue;
            } else {
                coverage.uncovered.entry(line.into()).or_insert((0, at)).0 += 1;
            }
            coverage.counted += 1;
        }
        Ok(coverage)
    }

    pub(super) fn percent(&self) -> f64 {
        100.0 * self.stepped as f64 / self.counted.max(1) as f64
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { counted, stepped, .. } = self;
        writeln!(f, "{stepped} of {counted} instructions stepped, {:.1} %", self.percent())?;
        for (line, (count, first)) in &self.uncovered {
            writeln!(f, "  not stepped: {line}: {count}, the first at {first:#x}")?;
        }
        for (line, (count, why)) in &self.excused {
            writeln!(f, "  excused: {line}: {count}: {why}")?;
        }
        let left_out: usize = self.left_out.values().sum();
        writeln!(f, "left out (panics, the courier and its start): {left_out}")?;
        for (line, count) in &self.left_out {
            writeln!(f, "  {line}: {count}")?;
        }
        Ok(())
    }
}

/// Whether a function may hold code of the crate that an operation steps through.
fn is_ours(function: &str) -> bool {
    function.starts_with(DOORS) || function.contains("reveille::")
}

fn is_in(place: &str, file: &str) -> bool {
    place.strip_prefix(file).is_some_and(|rest| rest.starts_with(':'))
}

/// The frames of each address; the places relative to `root`.
fn parse<'a>(text: &'a str, root: &str) -> BTreeMap<u64, Frames<'a>> {
    let mut frames = BTreeMap::new();
    let mut lines = text.lines();
    let mut last = None;
    while let Some(function) = lines.next() {
        if let Some(address) = function.strip_prefix("0x") {
            last = u64::from_str_radix(address, 16).ok();
        } else if let (Some(at), Some(place)) = (last, lines.next()) {
            // ` (discriminator 2)` may follow.
            let place = place.split(" (").next().unwrap_or_default();
            let place = place.strip_prefix(root).unwrap_or(place);
            let frames = frames.entry(at).or_insert(Frames { places: Vec::new() });
            frames.places.push((function, place));
        }
    }
    frames
}

// === impl Frames ===

impl<'a> Frames<'a> {
    /// The innermost line of the crate.
    fn line(&self) -> Option<&'a str> {
        let mut places = self.places.iter().map(|&(_, place)| place);
        places.find(|place| place.starts_with(SOURCES))
    }
}

// === impl Excuse ===

impl Excuse {
    fn holds_for(&self, frames: &Frames<'_>, sources: &Sources) -> bool {
        // Where the compiler has made a function anew, its name has the path before it.
        let is_within = |name: &str| name.rsplit("::").next() == Some(self.within);
        let stands = |place: &str| sources.line(place).is_some_and(|line| self.line_is(line));
        frames.places.iter().any(|(function, _)| is_within(function))
            && frames.places.iter().any(|(_, place)| stands(place))
    }

    fn line_is(&self, line: &str) -> bool {
        if self.line == "}" { line.trim() == "}" } else { line.contains(self.line) }
    }
}

// === impl Sources ===

impl Sources {
    pub(super) fn read() -> Result<Self, Stop> {
        let mut files = BTreeMap::new();
        for file in FILES {
            let text = fs::read_to_string(file)?;
            files.insert(file, text.lines().map(String::from).collect());
        }
        Ok(Self { files })
    }

    /// What stands at `file:number`.
    fn line(&self, place: &str) -> Option<&str> {
        let (file, number) = place.split_once(':')?;
        let number: usize = number.parse().ok()?;
        self.files.get(file)?.get(number.checked_sub(1)?).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUMP: &str = "
0000000000000100 <step::doors::set>:
     100:\tcall   200 <reveille::raw::relay::Relay::set>
     101:\tret

0000000000000200 <reveille::raw::relay::Relay::set>:
     200:\tnop
     201:\tnop
     202:\tnop
     203:\tret

0000000000000300 <reveille::raw::slot::Stack::take>:
     300:\tret
";

    const FRAMES: &str = "\
0x0000000000000100
step::doors::set
/p/tests/step/doors.rs:7
0x0000000000000200
core::atomic
/rustc/atomic.rs:1
reveille::raw::relay::Relay::set
/p/src/raw/relay.rs:80 (discriminator 3)
0x0000000000000201
reveille::raw::fd::Bell::ring
/p/src/raw/fd.rs:9
0x0000000000000202
lock
/rustc/library/std/src/sys/sync/mutex/futex.rs:9
with
/p/src/sync.rs:99
0x0000000000000203
another
/p/src/raw/relay.rs:82
0x0000000000000300
reveille::raw::slot::Stack::take
/p/src/raw/slot.rs:1
";

    #[test]
    fn places_are_found_through_what_was_inlined() {
        let frames = parse(FRAMES, "/p/");
        assert_eq!(frames[&0x200].line(), Some("src/raw/relay.rs:80"));
        assert_eq!(frames[&0x202].line(), Some("src/sync.rs:99"));
        assert_eq!(frames[&0x100].line(), None);
    }

    #[test]
    fn excuse_holds_for_its_function_and_line_alone() {
        let lines = ["}", "    }", "    let left_behind = true;"].map(String::from).to_vec();
        let sources = Sources { files: BTreeMap::from([("src/raw/post.rs", lines)]) };
        let holds = |function, place| {
            let frames = Frames { places: vec![(function, place), ("x", "src/lib.rs:1")] };
            EXCUSED.iter().any(|excuse| excuse.holds_for(&frames, &sources))
        };
        assert!(holds("reveille::raw::post::imp::Post::move_in", "src/raw/post.rs:3"));
        assert!(holds("leave", "src/raw/post.rs:2"));
        assert!(!holds("leave", "src/raw/post.rs:3"));
        assert!(!holds("open", "src/raw/post.rs:3"));
        assert!(!holds("move_in", "src/raw/post.rs:?"));
    }

    #[test]
    fn each_instruction_is_stepped_or_not_or_left_out() {
        let root = env::current_dir().unwrap().display().to_string() + "/";
        let text = FRAMES.replace("/p/", &root);
        let graph = Graph::new(DUMP, "");
        let sources = Sources { files: BTreeMap::new() };
        let coverage = Coverage::of(&graph, &[0x100, 0x200, 0x203].into(), &sources, |asked| {
            assert_eq!(asked, [0x100, 0x101, 0x200, 0x201, 0x202, 0x203, 0x300]);
            Ok(text)
        });
        let coverage = coverage.unwrap();
        assert_eq!((coverage.counted, coverage.stepped), (4, 2));
        let uncovered: Vec<_> = coverage.uncovered.keys().collect();
        assert_eq!(uncovered, ["src/raw/fd.rs:9", "src/sync.rs:99"]);
        let left_out: Vec<_> = coverage.left_out.keys().collect();
        assert_eq!(left_out, ["src/raw/slot.rs:1"]);
    }
}
