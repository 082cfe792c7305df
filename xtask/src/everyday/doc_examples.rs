//! Whether each public item of `src/*.rs`, methods included, has an example that `cargo test` runs.
//!
//! rustdoc counts examples, too (`--show-coverage`, nightly), but not those of methods.

use crate::{
    read::files,
    step::{self, Done, Stop},
};
use std::{fs, path::Path};

/// What may stand between `pub` and the kind of an item.
const QUALIFIERS: [&str; 3] = ["const", "async", "unsafe"];

/// The kinds of items that have an example. A module has its chapters.
const KINDS: [&str; 5] = ["fn", "struct", "enum", "trait", "macro"];

/// Items that have no example: one for rustdoc alone, and a bound that cannot be named.
const EXEMPT: [&str; 2] = ["Readme", "HasRounds"];

pub(crate) fn check() -> Done {
    let (mut all, mut bare) = (0, Vec::new());
    for path in
        files::ending("src", "rs")?.iter().filter(|path| path.parent() == Some(Path::new("src")))
    {
        for (name, has_example) in items(&fs::read_to_string(path)?) {
            all += 1;
            if !has_example {
                bare.push(format!("{}: `{name}`", path.display()));
            }
        }
    }
    if !bare.is_empty() || all == 0 {
        return Err(Stop::Failed(format!("of {all} items these have no example: {bare:#?}")));
    }
    step::note(format!("{all} public items"));
    Ok(())
}

/// The public items of a file, with whether each has an example.
fn items(text: &str) -> Vec<(&str, bool)> {
    let mut found = Vec::new();
    let (mut has_example, mut in_block) = (false, false);
    for line in text.lines().map(str::trim) {
        if let Some(words) = line.strip_prefix("///") {
            if let Some(kind) = words.trim().strip_prefix("```") {
                // With another word behind it, it is not Rust, or does not run.
                has_example |= !in_block && matches!(kind, "" | "should_panic");
                in_block = !in_block;
            }
        } else if !line.starts_with("#[") && !line.starts_with("//") {
            let name = public(line).filter(|name| !EXEMPT.contains(name));
            found.extend(name.map(|name| (name, has_example)));
            has_example = false;
        }
    }
    found
}

/// The name of the item that begins on this line, if it is public.
fn public(line: &str) -> Option<&str> {
    let mut words = line.strip_prefix("pub ")?.split_whitespace();
    let kind = words.find(|word| !QUALIFIERS.contains(word))?;
    let name = words.next().filter(|_| KINDS.contains(&kind))?;
    name.split(|sign: char| !sign.is_alphanumeric() && sign != '_').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn item_has_an_example_if_rust_stands_above_it() {
        let text = "/// Doc.\n/// ```\n/// x();\n/// ```\n#[inline]\npub const fn one() {}\n\
                    /// Doc.\npub struct Two<'a> {\n/// ```text\n/// a\n/// ```\npub fn three() {}\n\
                    pub(crate) fn four() {}\npub use six::Seven;\n";
        assert_eq!(items(text), [("one", true), ("Two", false), ("three", false)]);
    }
}
