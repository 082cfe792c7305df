//! The layers of src/: a file imports only from files that stand above it in the tree of docs/design.md.

use crate::{
    read::{files, source::Source},
    step::{Done, Stop},
};
use std::fs;

/// The page with the tree.
const PAGE: &str = "docs/design.md";

/// What no layer is: documentation, the root with its re-exports, and tests.
const NO_LAYERS: [&str; 4] = ["lib", "raw/mod", "guide/", "tests/"];

/// Checks that no file imports from its own row of the tree or from below, and that each has a row.
pub(crate) fn check() -> Done {
    let page = fs::read_to_string(PAGE)?;
    let order = order(&page);
    let mut offences = Vec::new();
    for path in files::ending("src", "rs")? {
        let name = path.strip_prefix("src").unwrap_or(&path).with_extension("");
        let name = name.to_string_lossy().replace('\\', "/");
        if !NO_LAYERS.iter().any(|other| name.starts_with(other)) {
            offences.extend(upward(&name, &fs::read_to_string(&path)?, &order));
        }
    }
    if offences.is_empty() { Ok(()) } else { Err(Stop::Failed(offences.join("\n"))) }
}

/// The rows of the first block of the tree, lowest layer first: `sync`, `raw/state`, `raw/fd`, …
fn order(page: &str) -> Vec<&str> {
    let tree = page.split("## 6.").nth(1).and_then(|section| section.split("```text\n").nth(1));
    let rows = tree.unwrap_or_default().lines().take_while(|line| !line.is_empty());
    let names = rows.filter(|row| !row.starts_with(' ')).filter_map(|row| row.split(' ').next());
    names.map(|name| name.trim_end_matches(".rs").trim_end_matches('/')).collect()
}

/// The row of a file, or of what a path in its code names.
fn row(name: &str, order: &[&str]) -> Option<usize> {
    let is_in =
        |row: &str| name == row || name.strip_prefix(row).is_some_and(|rest| rest.starts_with('/'));
    order.iter().position(|row| is_in(row))
}

/// What the file imports that is not below it. Its tests, at its end, may import anything.
fn upward(name: &str, text: &str, order: &[&str]) -> Vec<String> {
    let Some(own) = row(name, order) else {
        return vec![format!("src/{name}.rs: has no row in the tree of {PAGE}")];
    };
    let source = Source::new(text);
    let code = source.code.split("mod tests {").next().unwrap_or_default();
    let mut offences = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let path = &code[at + "crate::".len()..];
        let path = path.split(|byte: char| !byte.is_alphanumeric() && !"_:".contains(byte)).next();
        let path = path.unwrap_or_default().replace("::", "/");
        let is_below = match row(&path, order) {
            // In a folder, from file to file.
            Some(imported) if imported == own => path.starts_with(&format!("{}/", order[own])),
            Some(imported) => imported < own,
            // A name of the root, or a group of names, hides the file. The mocks stand for layers.
            None => path.starts_with("tests/"),
        };
        if !is_below {
            let line = source.line(at) + 1;
            offences.push(format!("src/{name}.rs:{line}: imports `{path}`, which is not below it"));
        }
    }
    offences
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "## 6. The tree\n```text\nsync.rs  atomics\n         and the lock\nraw/list.rs  the list\n\
                        raw/fd/  descriptors\nevent.rs  Event\n\nlib.rs  root\n```\n";

    #[test]
    fn rows_of_the_first_block_are_the_order() {
        assert_eq!(order(PAGE), ["sync", "raw/list", "raw/fd", "event"]);
    }

    #[test]
    fn import_from_below_is_allowed() {
        let text = "use crate::raw::list::Node;\n/// [`crate::event::Event`]\nuse crate::sync::{Cell, Lock};";
        assert_eq!(upward("event", text, &order(PAGE)), [""; 0]);
        assert_eq!(upward("raw/fd/pipe", "use crate::raw::fd::errno;", &order(PAGE)), [""; 0]);
    }

    #[test]
    fn import_from_above_is_named_with_its_line() {
        let text = "use core::fmt;\nuse crate::event::Event;\nfn f() { crate::raw::fd::g() }";
        let found = upward("raw/list", text, &order(PAGE));
        let at =
            |line, path| format!("src/raw/list.rs:{line}: imports `{path}`, which is not below it");
        assert_eq!(found, [at(2, "event/Event"), at(3, "raw/fd/g")]);
    }

    #[test]
    fn name_of_the_root_hides_its_file() {
        assert_eq!(upward("event", "use crate::Event;", &order(PAGE)).len(), 1);
        assert_eq!(upward("event", "use crate::{sync::Lock};", &order(PAGE)).len(), 1);
    }

    #[test]
    fn tests_of_a_file_may_import_anything() {
        let text = "#[cfg(test)]\nmod tests {\n    use crate::event::Event;\n}";
        assert_eq!(upward("raw/list", text, &order(PAGE)), [""; 0]);
    }

    #[test]
    fn file_without_a_row_is_an_offence() {
        assert_eq!(upward("raw/new", "", &order(PAGE)).len(), 1);
    }
}
