//! What the crate costs a program that builds it: the processor time of a clean release build of it, beside
//! those of event-listener and of tokio's `sync`, in turn, since a machine is not as fast in each minute.
//!
//! ```text
//! a package a crate, of one line ─► cargo build --release, nothing built before ─► processor time
//!                                   all of them in turn, again and again        ─► medians, ratios
//! ```
//! Each has the versions of our own lock file.

use crate::{
    run::{Run, target},
    step::{self, Done, Stop},
};
use std::{fs, io, path::Path};

const ROUNDS: usize = 7;

const NO_STD: &str =
    "reveille = { path = \"ROOT\", default-features = false, features = [\"critical-section\"] }";
const RUSTIX: &str = "rustix = { version = \"1\", default-features = false, features = [\"event\", \"pipe\", \"std\"] }";

/// Ours first; the name, and how a manifest asks for it.
const CRATES: [(&str, &str); 5] = [
    ("reveille", "reveille = { path = \"ROOT\" }"),
    ("reveille-no-std", NO_STD),
    // The largest of what ours depends on, with the same features.
    ("rustix", RUSTIX),
    ("event-listener", "event-listener = \"5\""),
    ("tokio", "tokio = { version = \"1\", features = [\"sync\"] }"),
];

pub(crate) fn compare() -> Done {
    if spent().is_none() {
        return Err(Stop::Skipped("only Linux tells the time of children in /proc".into()));
    }
    let folder = target("build-time");
    for (name, line) in CRATES {
        lay_out(&folder.join(name), line)?;
        Run::cargo("fetch --quiet").folder(&folder.join(name)).go()?;
    }
    let mut times = [const { Vec::new() }; CRATES.len()];
    for _ in 0..ROUNDS {
        for (place, (name, _)) in CRATES.into_iter().enumerate() {
            times[place].push(build(&folder.join(name))?);
        }
    }
    let medians = times.map(median);
    println!("{ROUNDS} rounds; processor time of `cargo build --release`, ours divided by theirs:");
    for ((name, _), theirs) in CRATES.into_iter().zip(medians) {
        let crates = count(&folder.join(name))?;
        let ratio = medians[0] as f64 / theirs as f64;
        let line = format!("{name}: {crates} crates, {} ms, {ratio:.2}", theirs * 10);
        println!("{line}");
        step::note(line);
    }
    Ok(())
}

/// Writes the package: this dependency, and nothing in it.
fn lay_out(folder: &Path, line: &str) -> io::Result<()> {
    let root = crate::root();
    let line = line.replace("ROOT", &root.display().to_string());
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("src/lib.rs"), "")?;
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let package = "[package]\nname = \"user\"\nversion = \"0.0.0\"\nedition = \"2024\"\n";
    fs::write(
        folder.join("Cargo.toml"),
        format!("{package}\n[dependencies]\n{line}\n\n[workspace]\n"),
    )
}

/// Builds it from nothing; the hundredths of a second that it took.
fn build(folder: &Path) -> Result<u64, Stop> {
    let built = folder.join("target");
    match fs::remove_dir_all(&built) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let before = spent();
    let run = Run::cargo("build --release --quiet --offline").folder(folder);
    let output = run.env("CARGO_TARGET_DIR", &built.display().to_string()).unseen()?;
    if !output.passed() {
        return Err(Stop::Failed(output.text));
    }
    let (Some(before), Some(after)) = (before, spent()) else {
        return Err(Stop::failed("/proc/self/stat is gone"));
    };
    match after - before {
        0 => Err(Stop::failed("a build that took no time has built nothing")),
        ticks => Ok(ticks),
    }
}

/// How many crates are built, the package itself not counted.
fn count(folder: &Path) -> Result<usize, Stop> {
    let words = "tree --prefix none --edges normal,build --no-dedupe --offline";
    let output = Run::cargo(words).folder(folder).unseen()?;
    let mut names: Vec<&str> =
        output.text.lines().filter_map(|line| line.split(' ').next()).collect();
    names.sort_unstable();
    names.dedup();
    Ok(names.len().saturating_sub(1))
}

/// The processor time of our children that have ended, in hundredths of a second; none if it is not told.
fn spent() -> Option<u64> {
    children(&fs::read_to_string("/proc/self/stat").ok()?)
}

/// User and system time of children, of a line as proc(5) has it: the 16th and 17th field.
fn children(stat: &str) -> Option<u64> {
    // The second field is a name in brackets, which may have anything in it.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(13);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

fn median(mut times: Vec<u64>) -> u64 {
    times.sort_unstable();
    times[times.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_of_children_is_the_16th_and_17th_field() {
        let stat = "1 (a) b) S 4 5 6 7 8 9 10 11 12 13 14 15 160 17 18 19";
        assert_eq!(children(stat), Some(177));
        assert_eq!(children(""), None);
    }

    #[test]
    fn median_is_in_the_middle() {
        assert_eq!(median(vec![9, 1, 5]), 5);
    }
}
