//! Whether each public item has an example, which `cargo test` then runs.
//!
//! rustdoc's own lint for this is nightly's, and does not look at methods. What is looked at is a line that
//! begins with `pub fn`, `pub struct` and so on in the files of the contract, those that lie in `src/` itself, and
//! the documentation above it.

use crate::{
    read::files,
    step::{self, Done, Stop},
};
use std::{fs, path::Path};

/// What may stand between `pub` and the kind of an item.
const QUALIFIERS: [&str; 3] = ["const", "async", "unsafe"];

/// The kinds of items that have an example. A module has its chapters.
const KINDS: [&str; 5] = ["fn", "struct", "enum", "trait", "macro"];

/// Items that are for rustdoc alone.
const ASIDE: [&str; 1] = ["Readme"];

pub(crate) fn check() -> Done {
    let src = Path::new("src");
    let (mut all, mut bare) = (0, Vec::new());
    for path in files::ending(src, "rs")? {
        if path.parent() != Some(src) {
            continue;
        }
        for item in items(&fs::read_to_string(&path)?) {
            all += 1;
            if !item.has_example {
                bare.push(format!("{}:{}: `{}`", path.display(), item.line, item.name));
            }
        }
    }
    bare.iter().for_each(|item| println!("{item} has no example"));
    if !bare.is_empty() {
        return Err(Stop::Failed(format!("{} public items have no example", bare.len())));
    }
    if all == 0 {
        return Err(Stop::failed("there is no public item in src/*.rs"));
    }
    step::note(format!("{all} public items"));
    Ok(())
}

/// A public item.
#[derive(Debug, PartialEq, Eq)]
struct Item<'a> {
    name: &'a str,
    line: usize,
    has_example: bool,
}

fn items(text: &str) -> Vec<Item<'_>> {
    let mut found = Vec::new();
    let (mut has_example, mut in_block) = (false, false);
    for (number, line) in text.lines().map(str::trim).enumerate() {
        if let Some(words) = line.strip_prefix("///") {
            if let Some(kind) = words.trim().strip_prefix("```") {
                // With another word behind it, it is no Rust, or does not run.
                has_example |= !in_block && matches!(kind, "" | "should_panic");
                in_block = !in_block;
            }
        } else if !line.starts_with("#[") && !line.starts_with("//") {
            if let Some(name) = public(line).filter(|name| !ASIDE.contains(name)) {
                found.push(Item { name, line: number + 1, has_example });
            }
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
    fn item_without_an_example_is_told_by_name_and_line() {
        let text = "/// Doc.\n///\n/// ```\n/// x();\n/// ```\n#[inline]\npub const fn one() {}\n\n    \
                    /// Doc.\n    pub struct Two<'a> {\n";
        let both = items(text);
        assert_eq!(both[0], Item { name: "one", line: 7, has_example: true });
        assert_eq!(both[1], Item { name: "Two", line: 10, has_example: false });
    }

    #[test]
    fn picture_is_no_example() {
        assert!(!items("/// ```text\n/// a ─► b\n/// ```\npub fn three() {}\n")[0].has_example);
    }

    #[test]
    fn what_is_not_public_needs_none() {
        assert_eq!(items("pub(crate) fn four() {}\nfn five() {}\npub use six::Seven;\n"), []);
    }
}
