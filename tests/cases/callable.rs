//! For build scripts of those that have no test harness: makes the cases of this folder callable. Each file is copied
//! with its `#[test]` taken off, and with a table below of all that had one. What is not a plain `#[test]` is
//! refused: none is left out in silence.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

/// The files that hold cases; `waker` is what they share.
const CASES: [&str; 2] = ["event", "flag"];

/// The line above each case.
const TEST: &str = "#[test]";

/// Writes `cases.rs`, a module for each file with its table `CASES`, for `include!`. `folder` is this one; `case` is the
/// type of an entry, made by `entry` of the case's name with its module, and of the function.
pub(crate) fn write(
    folder: &str,
    case: &str,
    entry: fn(&str, &str) -> String,
) -> Result<(), Box<dyn Error>> {
    let out = env::var("OUT_DIR")?;
    let out = Path::new(&out);
    let shared = Path::new(folder).canonicalize()?;
    println!("cargo:rerun-if-changed={}", shared.display());
    let mut modules = module("waker", &shared);
    for name in CASES {
        let text = fs::read_to_string(shared.join(name).with_extension("rs"))?;
        let (code, table) = callable(name, &text, entry)?;
        let code = format!("{code}\npub(crate) const CASES: &[{case}] = &[\n{table}];\n");
        fs::write(out.join(name).with_extension("rs"), code)?;
        modules += &module(name, out);
    }
    fs::write(out.join("cases.rs"), modules)?;
    Ok(())
}

/// The line that makes a file of this folder a module.
fn module(name: &str, folder: &Path) -> String {
    format!("#[path = {:?}]\npub(crate) mod {name};\n", folder.join(name).with_extension("rs"))
}

/// The file without its `#[test]`, and the entries of what stood below them.
fn callable(
    module: &str,
    text: &str,
    entry: fn(&str, &str) -> String,
) -> Result<(String, String), Box<dyn Error>> {
    let (mut code, mut table) = (String::new(), String::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() != TEST {
            if line.trim_start().starts_with("#[") {
                return Err(format!("{module}: what becomes of `{line}` without a harness?").into());
            }
            code = code + line + "\n";
            continue;
        }
        let head = lines.next().unwrap_or_default();
        let name = head.strip_prefix("fn ").and_then(|rest| rest.strip_suffix("() {"));
        let name = name.ok_or(format!("{module}: `{head}` below {TEST} is no case"))?;
        code = code + head + "\n";
        writeln!(table, "    {},", entry(&format!("{module}::{name}"), name))?;
    }
    if table.is_empty() {
        return Err(format!("{module}: there is no case").into());
    }
    Ok((code, table))
}
