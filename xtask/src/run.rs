//! One command: printed, run, and killed when its time is over.
//!
//! A command with a limit is killed with all that it started when its time is
//! over; see [`group`].

use crate::step::{Done, Stop};
use std::{
    env,
    ffi::OsString,
    fs::File,
    io::{self, PipeReader, Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

mod group;

/// A command about to be run.
pub(crate) struct Run {
    command: Command,
    shown: String,
    limit: Option<Duration>,
}

/// What a command printed, and how it ended.
pub(crate) struct Output {
    /// None: its time was over.
    status: Option<ExitStatus>,
    /// What it wrote to both streams, in the order of writing.
    pub(crate) text: String,
}

/// How often a command with a limit is looked at.
const TICK: Duration = Duration::from_millis(20);

/// The limit of a command whose output is collected and that was given none.
const LONGEST: Duration = Duration::from_secs(3600);

/// What cargo and rustup leave in our environment that would hold another toolchain back.
const OUTER: [&str; 5] =
    ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN", "CARGO_ENCODED_RUSTFLAGS"];

/// The target folder of this name inside the common one, so that other flags rebuild nothing there.
pub(crate) fn target(name: &str) -> PathBuf {
    let common = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| OsString::from("target"));
    // Absolute, for commands that run in another folder.
    let common = env::current_dir().unwrap_or_default().join(common);
    common.join(name)
}

/// Runs all of them, whichever fail; fails with the first failure.
pub(crate) fn all(runs: impl IntoIterator<Item = Run>) -> Done {
    let outcomes: Vec<Done> = runs.into_iter().map(Run::go).collect();
    let failures: Vec<Stop> = outcomes.into_iter().filter_map(Done::err).collect();
    failures.into_iter().next().map_or(Ok(()), Err)
}

// === impl Run ===

impl Run {
    /// `cargo` with these words, of the toolchain that runs us.
    pub(crate) fn cargo(words: &str) -> Self {
        Self::program("cargo", words)
    }

    /// `cargo` with these words, of another toolchain.
    pub(crate) fn cargo_on(toolchain: &str, words: &str) -> Self {
        let mut run = Self::program("cargo", &format!("+{toolchain} {words}"));
        for name in OUTER {
            run.command.env_remove(name);
        }
        run
    }

    /// Any program with these words; none of them holds a space.
    pub(crate) fn program(name: &str, words: &str) -> Self {
        let words: Vec<&str> = words.split_whitespace().collect();
        let mut command = Command::new(name);
        command.args(&words).stdin(Stdio::null());
        Self { command, shown: format!("{name} {}", words.join(" ")), limit: None }
    }

    /// Adds a word that may hold spaces.
    pub(crate) fn word(mut self, word: &str) -> Self {
        self.command.arg(word);
        self.shown = format!("{} '{word}'", self.shown);
        self
    }

    /// Sets a variable of the environment, and shows it.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        let quote = if value.contains(' ') { "\"" } else { "" };
        self.shown = format!("{name}={quote}{value}{quote} {}", self.shown);
        self
    }

    /// Builds with these flags and no others.
    pub(crate) fn rustflags(mut self, flags: &str) -> Self {
        self.command.env_remove("CARGO_ENCODED_RUSTFLAGS");
        self.env("RUSTFLAGS", flags)
    }

    /// Builds in the target folder of this name.
    pub(crate) fn target(mut self, name: &str) -> Self {
        self.command.env("CARGO_TARGET_DIR", target(name));
        self
    }

    /// Builds the models of src/tests instead of the plain tests, in a target folder of their own.
    pub(crate) fn under_loom(self) -> Self {
        self.rustflags("--cfg reveille_loom").target("loom")
    }

    /// Builds as where there is no eventfd: with a pipe in its place, and with the system calls of the C
    /// library, which set `errno`. In a target folder of its own.
    pub(crate) fn with_pipes(self) -> Self {
        self.rustflags("--cfg reveille_pipe --cfg rustix_use_libc").target("pipe")
    }

    /// Runs in this folder.
    pub(crate) fn folder(mut self, path: &Path) -> Self {
        self.command.current_dir(path);
        self
    }

    /// Reads this file as its input.
    pub(crate) fn input(mut self, file: File) -> Self {
        self.command.stdin(file);
        self
    }

    /// Kills it, and all that it started, after this time.
    pub(crate) fn limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Runs it with its output shown; fails if it does.
    pub(crate) fn go(self) -> Done {
        println!("$ {}", self.shown);
        let (shown, limit) = (self.shown.clone(), self.limit);
        let output = Output { status: self.wait()?, text: String::new() };
        output.verdict(&shown, limit)
    }

    /// Runs it with its output shown, and returns that; fails if it does.
    pub(crate) fn go_and_tell(self) -> Result<String, Stop> {
        println!("$ {}", self.shown);
        let (shown, limit) = (self.shown.clone(), self.limit);
        let output = self.collect(true)?;
        output.verdict(&shown, limit)?;
        Ok(output.text)
    }

    /// Prints the command, but not its output; returns how it ended and what it printed.
    pub(crate) fn hushed(self) -> io::Result<Output> {
        println!("$ {}", self.shown);
        self.collect(false)
    }

    /// Runs it without printing anything; returns how it ended and what it printed.
    pub(crate) fn unseen(self) -> io::Result<Output> {
        self.collect(false)
    }

    fn collect(mut self, echo: bool) -> io::Result<Output> {
        let (reader, writer) = io::pipe()?;
        self.command.stdout(writer.try_clone()?).stderr(writer);
        self.limit.get_or_insert(LONGEST);
        let said = thread::spawn(move || drain(reader, echo));
        // `wait` drops our ends of the pipe with the command: `drain` comes to an end.
        let status = self.wait()?;
        let text = said.join().map_err(|_| io::Error::other("the output was lost"))??;
        Ok(Output { status, text })
    }

    /// Starts it and waits for its end; `None` if its time was over.
    fn wait(mut self) -> io::Result<Option<ExitStatus>> {
        let Some(limit) = self.limit else { return self.command.status().map(Some) };
        group::lead(&mut self.command);
        let mut child = self.command.spawn()?;
        drop(self);
        let start = Instant::now();
        let status = loop {
            match child.try_wait()? {
                None if start.elapsed() < limit => thread::sleep(TICK),
                ended => break ended,
            }
        };
        group::kill(&mut child);
        child.wait()?;
        Ok(status)
    }
}

/// Reads all there is, and passes it on as it comes if `echo`.
fn drain(mut reader: PipeReader, echo: bool) -> io::Result<String> {
    let (mut all, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let fresh = match reader.read(&mut part)? {
            0 => return Ok(String::from_utf8_lossy(&all).into_owned()),
            n => &part[..n],
        };
        all.extend_from_slice(fresh);
        if echo {
            io::stdout().write_all(fresh)?;
        }
    }
}

// === impl Output ===

impl Output {
    /// Whether it ended by itself, and well.
    pub(crate) fn passed(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }

    /// Whether it was killed because its time was over.
    pub(crate) fn overran(&self) -> bool {
        self.status.is_none()
    }

    fn verdict(&self, shown: &str, limit: Option<Duration>) -> Done {
        match self.status {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(Stop::Failed(format!("`{shown}`: {status}"))),
            None => {
                let seconds = limit.unwrap_or(LONGEST).as_secs();
                Err(Stop::Failed(format!("`{shown}` was killed after {seconds} s")))
            }
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// A shell script as a command; `split_whitespace` would cut it.
    fn shell(script: &str) -> Run {
        let mut run = Run::program("sh", "-c");
        run.command.arg(script);
        run
    }

    #[test]
    fn output_holds_both_streams() {
        let output = shell("echo one; echo two >&2; exit 3").unseen().unwrap();
        assert_eq!(output.text, "one\ntwo\n");
        assert!(!output.passed() && !output.overran());
    }

    #[test]
    fn limit_kills_what_the_command_started() {
        let start = Instant::now();
        // The inner shell holds the pipe open; only the death of the group closes it.
        let run = shell("sh -c 'sleep 60' & echo begun; wait").limit(Duration::from_millis(300));
        let output = run.unseen().unwrap();
        assert!(output.overran());
        assert_eq!(output.text, "begun\n");
        assert!(start.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn leftovers_of_a_command_that_ended_are_killed() {
        let start = Instant::now();
        let output = shell("sleep 60 & exit 0").unseen().unwrap();
        assert!(output.passed());
        assert!(start.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn failed_status_fails_the_step() {
        assert!(shell("exit 0").go().is_ok());
        assert!(matches!(shell("exit 7").go(), Err(Stop::Failed(why)) if why.contains('7')));
    }
}
