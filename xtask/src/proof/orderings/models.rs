//! A loom model must be able to fail.
//!
//! One that spawns no thread passes with every ordering relaxed, and one that
//! does not say what it catches cannot be checked by breaking that. So each
//! `#[test]` spawns a thread, itself or through functions of the same file that
//! it calls, and has a documentation line with the word `Catches`.

use crate::read::source::{Function, Source, is_doc, words};

/// What spawns a thread.
const SPAWN: [&str; 2] = ["thread::spawn", "thread::scope"];

/// What the documentation of a model says.
const CATCHES: &str = "Catches";

/// How many models there are.
pub(super) fn count(source: &Source) -> usize {
    tests(source).count()
}

/// The lines of the models that break the rules, and how.
pub(super) fn offences(source: &Source) -> Vec<(usize, String)> {
    let spawners = spawners(&source.functions());
    let mut offences = Vec::new();
    for model in tests(source) {
        let line = source.line(model.at);
        let mut offend = |what| offences.push((line, format!("model `{}` {what}", model.name)));
        if !spawns(&model, &spawners) {
            offend("spawns no thread");
        }
        if !heads(source, line).any(|head| head.starts_with("///") && head.contains(CATCHES)) {
            offend("has no doc line that says what it catches");
        }
    }
    offences
}

/// The names of the functions that spawn a thread, and of those that call them, and so on.
fn spawners<'a>(functions: &[Function<'a>]) -> Vec<&'a str> {
    let mut names = Vec::new();
    loop {
        let more = functions.iter().filter(|found| spawns(found, &names)).map(|found| found.name);
        let more: Vec<&str> = more.collect();
        if more.len() == names.len() {
            return names;
        }
        names = more;
    }
}

/// Whether a function spawns a thread, or calls one of those that do.
fn spawns(function: &Function<'_>, spawners: &[&str]) -> bool {
    let body = function.body;
    let is_call = |(at, word): (usize, &str)| {
        spawners.contains(&word) && body[at + word.len()..].starts_with('(')
    };
    SPAWN.iter().any(|spawn| body.contains(spawn)) || words(body).any(is_call)
}

/// The functions that `#[test]` stands above.
fn tests(source: &Source) -> impl Iterator<Item = Function<'_>> {
    let is_test = |found: &Function<'_>| heads(source, source.line(found.at)).any(is_attribute);
    source.functions().into_iter().filter(is_test)
}

fn is_attribute(head: &str) -> bool {
    head == "#[test]"
}

/// The attributes and documentation lines above this line, from the lowest up.
fn heads(source: &Source, line: usize) -> impl Iterator<Item = &str> {
    let head = |line| {
        let code = source.code_of(line);
        let comment = source.above(line + 1).next().unwrap_or_default();
        if code.is_empty() { comment } else { code }
    };
    let is_head = |head: &&str| head.starts_with("#[") || is_doc(head);
    (0..line).rev().map(head).take_while(is_head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<String> {
        offences(&Source::new(text))
            .into_iter()
            .map(|(line, what)| format!("{line} {what}"))
            .collect()
    }

    #[test]
    fn model_that_spawns_and_says_what_it_catches_is_fine() {
        assert!(said("/// Catches a.\n#[test]\nfn m() { loom::thread::spawn(f); }").is_empty());
        assert!(
            said("#[test]\n/// Catches a.\n/// And b.\n#[ignore]\nfn m() { thread::spawn(f); }")
                .is_empty()
        );
    }

    #[test]
    fn thread_may_be_spawned_by_a_function_of_the_file() {
        let helper = "fn race() { thread::spawn(f); }\n";
        assert!(said(&format!("{helper}/// Catches a.\n#[test]\nfn m() {{ race(); }}")).is_empty());
        let far = "fn far() { self.race(); }\n";
        let model = "/// Catches a.\n#[test]\nfn m() { far(); }";
        assert!(said(&format!("{far}{helper}{model}")).is_empty());
        let other = said(&format!("{helper}/// Catches a.\n#[test]\nfn m() {{ trace(); }}"));
        assert_eq!(other, ["3 model `m` spawns no thread"]);
    }

    #[test]
    fn model_without_either_offends_twice() {
        let text = "/// Catches: of another.\nfn a() {}\n\n// Catches\n#[test]\nfn m() { \"thread::spawn\"; }";
        assert_eq!(said(text).len(), 2);
    }

    #[test]
    fn function_that_is_no_test_is_no_model() {
        let source = Source::new("#[test]\nfn a() {}\nfn b() {}\n#[inline]\nfn c() {}");
        assert_eq!(count(&source), 1);
    }
}
