//! Makes the shared cases callable: `tests/cases/*.rs` of the crate, with their `#[test]` taken off and a
//! table of all of them put below. What is not a plain `#[test]` is refused: none is left out in silence.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

/// The files of `tests/cases` that hold cases; `waker` is what they share.
const CASES: [&str; 2] = ["event", "flag"];

/// The line above each case.
const TEST: &str = "#[test]";

fn main() -> Result<(), Box<dyn Error>> {
    let out = env::var("OUT_DIR")?;
    let out = Path::new(&out);
    let shared = Path::new("../tests/cases").canonicalize()?;
    println!("cargo:rerun-if-changed={}", shared.display());
    let mut modules = module("waker", &shared);
    for name in CASES {
        let text = fs::read_to_string(shared.join(name).with_extension("rs"))?;
        fs::write(out.join(name).with_extension("rs"), callable(name, &text)?)?;
        modules += &module(name, out);
    }
    fs::write(out.join("cases.rs"), modules)?;
    Ok(())
}

/// The line that makes a file of this folder a module.
fn module(name: &str, folder: &Path) -> String {
    format!("#[path = {:?}]\npub(crate) mod {name};\n", folder.join(name).with_extension("rs"))
}

/// The file without its `#[test]`, and with a table of what stood below them.
fn callable(module: &str, text: &str) -> Result<String, String> {
    let (mut code, mut table) = (String::new(), String::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() != TEST {
            if line.trim_start().starts_with("#[") {
                return Err(format!("{module}: what becomes of `{line}` without a test harness?"));
            }
            code = code + line + "\n";
            continue;
        }
        let head = lines.next().unwrap_or_default();
        let name = head.strip_prefix("fn ").and_then(|rest| rest.strip_suffix("() {"));
        let name = name.ok_or(format!("{module}: `{head}` below {TEST} is no case"))?;
        code = code + head + "\n";
        writeln!(table, "    (\"{module}::{name}\", {name}),")
            .map_err(|error| error.to_string())?;
    }
    if table.is_empty() {
        return Err(format!("{module}: there is no case"));
    }
    Ok(format!("{code}\npub(crate) const CASES: &[(&str, fn())] = &[\n{table}];\n"))
}
