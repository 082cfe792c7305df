//! A process with one of the originals in it.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Answers the rows.
const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/originals.py");

/// Ends with its process.
#[derive(Debug)]
pub struct Original {
    /// Its name and version, as it reports them.
    pub version: String,
    process: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

// === impl Original ===

impl Original {
    /// Starts `python` with the original of this name.
    ///
    /// # Errors
    /// If it cannot be started, or lacks that original; its message is on standard error.
    pub fn start(python: &OsStr, name: &str) -> io::Result<Self> {
        let mut command = Command::new(python);
        command.args(["-W", "ignore", PROGRAM, name]);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let questions = process.stdin.take();
        let answers = process.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let mut original =
            Self { version: String::new(), process, questions, answers: BufReader::new(answers) };
        original.version = original.answer()?;
        Ok(original)
    }

    /// Nanoseconds of one iteration of so many; `None` if it has no answer.
    ///
    /// # Panics
    /// If it has ended, or its answer is not a number.
    pub fn run(&mut self, row: &str, times: u64) -> Option<f64> {
        let asked = self.questions.as_mut().map(|questions| writeln!(questions, "{row} {times}"));
        let answer = asked.expect("open until it is dropped").and_then(|()| self.answer());
        let answer = answer.unwrap_or_else(|error| panic!("{}, {row}: {error}", self.version));
        if answer == "-" {
            return None;
        }
        let nanoseconds = answer.parse().ok();
        Some(nanoseconds.unwrap_or_else(|| panic!("{}, {row}: {answer:?}", self.version)))
    }

    fn answer(&mut self) -> io::Result<String> {
        let mut line = String::new();
        match self.answers.read_line(&mut line)? {
            0 => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it has ended")),
            _ => Ok(line.trim().into()),
        }
    }
}

impl Drop for Original {
    /// It ends at the end of its input.
    fn drop(&mut self) {
        drop(self.questions.take());
        // Its answers have shown whether it works.
        let _ = self.process.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::originals::rows::CASES;

    /// An original of CPython's own library; `None` without `python3`.
    fn original(name: &str) -> Option<Original> {
        let there =
            Command::new("python3").arg("-V").output().is_ok_and(|out| out.status.success());
        there.then(|| Original::start(OsStr::new("python3"), name).unwrap())
    }

    #[test]
    fn originals_answer_the_rows_that_they_have() {
        for (name, answers) in [("asyncio", 5), ("threading", 3)] {
            let Some(mut original) = original(name) else { return };
            assert!(original.version.starts_with("CPython 3."), "{}", original.version);
            let took = CASES.map(|case| original.run(case.question(), 3));
            assert!(took.iter().flatten().all(|&took| took > 0.0));
            assert_eq!(took.iter().flatten().count(), answers, "{name}");
        }
    }

    #[test]
    fn missing_original_is_an_error() {
        assert!(Original::start(OsStr::new("no such program"), "asyncio").is_err());
        let Some(_) = original("asyncio") else { return };
        assert!(Original::start(OsStr::new("python3"), "no such original").is_err());
    }
}
