//! Each atomic operation, loom model and mutant is explained where it stands.
//!
//! | what                               | must have                                        |
//! |------------------------------------|--------------------------------------------------|
//! | an atomic operation outside tests  | `// ORDERING:` directly above it or its statement |
//! | a loom model (see [`models`])      | a second thread, and a doc line with `Catches`    |
//! | a mutant (see [`mutants`])         | a rule that it breaks, and tests that catch it    |
//!
//! # Where a statement begins
//! A bracket `{` opens a place for statements. In it the next one begins after
//! each `;`, after each `,` (match arms, fields), and after each `}` that is not
//! followed by `.`, `?` or `else`. Round and square brackets are part of their
//! statement. What follows `unsafe {` may be explained above the `unsafe`.

use super::mutants;
use crate::{
    read::{
        files,
        source::{Source, span, words},
    },
    step::{Done, Stop},
};
use std::{fs, path::Path};

mod models;

/// What an operation names to be one.
const ORDERINGS: [&str; 5] = ["Relaxed", "Acquire", "Release", "AcqRel", "SeqCst"];

/// The folder of the loom models, and what only they need.
const MODELS: &str = "src/tests";

/// A place for statements: an open bracket.
struct Frame {
    bracket: u8,
    /// Where the present statement begins; two places after `unsafe {`.
    starts: Vec<usize>,
}

pub(crate) fn check() -> Done {
    let (mut offences, mut operations, mut tests) = (Vec::new(), 0, 0);
    for path in files::ending("src", "rs")? {
        let source = Source::new(&fs::read_to_string(&path)?);
        let found = if path.starts_with(MODELS) {
            tests += models::count(&source);
            models::offences(&source)
        } else {
            operations += atomics(&source).len();
            unexplained(&source)
        };
        offences.extend(found.into_iter().map(|(line, what)| place(&path, line, &what)));
    }
    let (patches, wrong) = mutants::check()?;
    offences.extend(wrong);
    offences.iter().for_each(|offence| println!("{offence}"));
    println!("{operations} atomic operations, {tests} tests in {MODELS}, {patches} mutants");
    match offences.len() {
        0 if operations == 0 || tests == 0 || patches == 0 => {
            Err(Stop::failed("there was nothing to check"))
        }
        0 => Ok(()),
        count => Err(Stop::Failed(format!("{count} unexplained"))),
    }
}

fn place(path: &Path, line: usize, what: &str) -> String {
    format!("{}:{}: {what}", path.display(), line + 1)
}

/// The lines of the operations that no `// ORDERING:` explains.
fn unexplained(source: &Source) -> Vec<(usize, String)> {
    let starts = statements(&source.code, &atomics(source));
    let explained = |line| source.above(line).any(|comment| comment.starts_with("// ORDERING:"));
    let bare = |(at, starts): (usize, Vec<usize>)| {
        let line = source.line(at);
        let mut lines = starts.into_iter().map(|start| source.line(start)).chain([line]);
        let what = "an atomic operation without `// ORDERING:` above it";
        (!lines.any(explained)).then(|| (line, what.into()))
    };
    starts.into_iter().filter_map(bare).collect()
}

/// Where the atomic operations are: calls of such a name that are given an ordering.
pub(crate) fn atomics(source: &Source) -> Vec<usize> {
    let is_atomic = |&(at, name): &(usize, &str)| {
        let call = &source.code[at + name.len()..];
        // `update`, `load_status`: functions of ours that pass an ordering on.
        let named = matches!(name, "store" | "swap" | "fence" | "compiler_fence" | "update")
            || name.starts_with("load")
            || name.starts_with("fetch_")
            || name.starts_with("compare_exchange");
        named
            && call.starts_with('(')
            && words(span(call)).any(|(_, word)| ORDERINGS.contains(&word))
    };
    source.words().filter(is_atomic).map(|(at, _)| at).collect()
}

/// For each of these offsets, in order, where the statement that holds it begins.
fn statements(code: &str, offsets: &[usize]) -> Vec<(usize, Vec<usize>)> {
    let mut frames = vec![Frame { bracket: b'{', starts: vec![0] }];
    let mut found = Vec::new();
    for (at, byte) in code.bytes().enumerate() {
        if offsets.contains(&at) {
            let block = frames.iter().rfind(|frame| frame.bracket == b'{');
            let starts = block.map_or(&[][..], |frame| &frame.starts);
            found.push((at, starts.iter().map(|&start| start + blank(&code[start..])).collect()));
        }
        let rest = &code[at + 1..];
        let last = frames.len() - 1;
        match byte {
            b'{' => {
                let mut starts = vec![at + 1];
                if code[..at].trim_end().ends_with("unsafe") {
                    starts.extend(&frames[last].starts);
                }
                frames.push(Frame { bracket: byte, starts });
            }
            b'(' | b'[' => frames.push(Frame { bracket: byte, starts: Vec::new() }),
            b')' | b']' if last > 0 => _ = frames.pop(),
            b'}' if last > 0 => {
                frames.pop();
                let next = rest.trim_start();
                if !["else", ".", "?"].iter().any(|word| next.starts_with(word)) {
                    frames[last - 1].begin(at + 1);
                }
            }
            b';' | b',' => frames[last].begin(at + 1),
            _ => {}
        }
    }
    found
}

/// How many bytes of white space `code` begins with.
fn blank(code: &str) -> usize {
    code.len() - code.trim_start().len()
}

// === impl Frame ===

impl Frame {
    /// A statement begins here, if this is a place for statements.
    fn begin(&mut self, at: usize) {
        if self.bracket == b'{' {
            self.starts = vec![at];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines, from 1, of the operations that are not explained.
    fn bare(text: &str) -> Vec<usize> {
        unexplained(&Source::new(text)).into_iter().map(|(line, _)| line + 1).collect()
    }

    #[test]
    fn comment_directly_above_explains() {
        assert_eq!(bare("fn f() {\n// ORDERING: x\nlet a = s.load(Acquire);\n}"), []);
        assert_eq!(bare("fn f() {\n// ORDERING: x\n// more\nfence(Ordering::SeqCst);\n}"), []);
    }

    #[test]
    fn comment_elsewhere_does_not() {
        for other in
            ["// why\n", "/// ORDERING: x\n", "// ORDERING: x\n\n", "// ORDERING: x\nf();\n"]
        {
            let text = format!("{{\n{other}a.load(Acquire);\n}}");
            assert_eq!(bare(&text), [text.lines().count() - 1], "{other}");
        }
        assert_eq!(bare("a.store(0, Release); // ORDERING: beside"), [1]);
    }

    #[test]
    fn one_comment_does_not_explain_the_next_statement() {
        assert_eq!(bare("{\n// ORDERING: x\na.load(Acquire);\nb.load(Acquire);\n}"), [4]);
        assert_eq!(bare("{\n// ORDERING: x\nif a.load(Acquire) {\nb.swap(0, AcqRel);\n}\n}"), [4]);
    }

    #[test]
    fn chain_over_several_lines_is_one_statement() {
        let chain =
            "let before = State::from_bits(\n self\n .state\n .fetch_or(\n SET,\n AcqRel,\n ),\n);";
        assert_eq!(bare(&format!("{{\n// ORDERING: x\n{chain}\n}}")), []);
        assert_eq!(bare(&format!("{{\n{chain}\n}}")), [5]);
        let block = "match a {\n B => c,\n}\n.load(Acquire);";
        assert_eq!(bare(&format!("{{\n// ORDERING: x\n{block}\n}}")), []);
    }

    #[test]
    fn arms_and_arguments_are_told_apart() {
        let arms =
            "match a {\n// ORDERING: x\nB => f(1, c.load(Acquire)),\nC => c.load(Acquire),\n}";
        assert_eq!(bare(arms), [4]);
        assert_eq!(bare("{\n// ORDERING: x\nf(\n 1,\n c.load(Acquire),\n);\n}"), []);
    }

    #[test]
    fn unsafe_block_may_be_explained_outside() {
        let text =
            "{\n// ORDERING: x\nunsafe {\n (*p)\n .a.store(1, Release);\n b.load(Acquire);\n}\n}";
        assert_eq!(bare(text), [6]);
        assert_eq!(bare("{\nunsafe {\n// ORDERING: x\n (*p)\n .a.store(1, Release);\n}\n}"), []);
    }

    #[test]
    fn only_calls_with_an_ordering_count() {
        assert_eq!(bare("fn load(&self, order: Ordering) { mem::swap(a, b); v.store(x) }"), []);
        assert_eq!(bare("// a.load(Acquire)\nf(\"a.load(Acquire)\"); reload(Acquire)"), []);
        assert_eq!(
            bare("use core::Ordering::{Acquire};\na.compare_exchange_weak(0, 1, AcqRel, Acquire)"),
            [2]
        );
        assert_eq!(bare("AtomicBool::fetch_update(&a, AcqRel, Acquire, |x| Some(x))"), [1]);
    }

    #[test]
    fn test_modules_of_the_sources_count() {
        assert_eq!(bare("#[cfg(test)]\nmod tests {\n fn f() { a.load(Relaxed); }\n}"), [3]);
    }
}
