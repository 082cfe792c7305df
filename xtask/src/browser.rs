//! The page of examples/browser: built, served, and used in Chromium as a person would.
//!
//! ```text
//! cargo ─► .wasm ─► wasm-bindgen ─► target/browser/site ─► Site ─► Chromium ◄─ chromedriver ◄─ Driver
//! ```
//! `wasm-bindgen` is installed in the version that the page's lock file has, since both speak a language
//! of their own. Debian's `chromium` and `chromium-driver` are installed if they are missing.

use crate::{
    install::{self, Tool, rustup},
    run::{Run, target},
    step::{Done, Stop},
};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

mod driver;
mod site;

use driver::Driver;

pub(crate) const WASM: &str = "wasm32-unknown-unknown";
pub(crate) const PAGE: &str = "examples/browser";

/// How long the page may take to show what it is to show.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who waits at the gate.
const WALKERS: [&str; 3] = ["walker-1", "walker-2", "walker-3"];

pub(crate) fn check() -> Done {
    rustup(&[Tool::Target(WASM)])?;
    install::debian(&install::CHROMIUM)?;
    let bindgen = bindgen()?;
    let site = build(&bindgen)?;
    println!("for your own browser: python3 -m http.server --directory {}", site.display());
    let port = site::serve(site)?;
    let page = Driver::start(&target("browser/profile"))?;
    page.open(&format!("http://127.0.0.1:{port}/"))?;
    use_page(&page)
}

/// Clicks all that there is to click, and reads what comes of it.
fn use_page(page: &Driver) -> Done {
    expect(page, "state", "running")?;
    println!("a pulse: each walker goes round once");
    page.click("pulse")?;
    for id in WALKERS {
        expect(page, id, "waiting after 1 round")?;
    }
    println!("an open gate: they go on");
    page.click("open")?;
    for id in WALKERS {
        until(page, id, "round 3 or later", |text| {
            has_begun(text).is_some_and(|round| round >= 3)
        })?;
    }
    println!("a closed one: they come to rest, and stay");
    page.click("close")?;
    let mut resting = Vec::new();
    for id in WALKERS {
        resting.push(until(page, id, "waiting", |text| text.starts_with("waiting after"))?);
    }
    page.click("ring")?;
    expect(page, "clerk-1", "1")?;
    for (id, text) in WALKERS.iter().zip(&resting) {
        expect(page, id, text)?;
    }

    println!("rings: the clerks take turns");
    page.click("ring")?;
    expect(page, "clerk-2", "1")?;
    println!("three rings at once: one clerk comes, once");
    page.click("ring-thrice")?;
    expect(page, "clerk-1", "2")?;
    println!("five rings of a timer: five more");
    page.click("timer")?;
    for (id, count) in [("rings", "10"), ("clerk-1", "4"), ("clerk-2", "4")] {
        expect(page, id, count)?;
    }
    Ok(())
}

/// The number of the round that a walker says it has begun.
fn has_begun(text: &str) -> Option<u32> {
    text.strip_prefix("round ")?.parse().ok()
}

fn expect(page: &Driver, id: &str, wanted: &str) -> Done {
    until(page, id, wanted, |text| text == wanted).map(drop)
}

/// Waits until the page shows it, and gives back what it shows.
fn until(
    page: &Driver,
    id: &str,
    wanted: &str,
    is_it: impl Fn(&str) -> bool,
) -> Result<String, Stop> {
    let start = Instant::now();
    loop {
        let text = page.text(id)?;
        if is_it(&text) {
            println!("  {id}: {text}");
            return Ok(text);
        }
        if start.elapsed() > PATIENCE {
            return Err(Stop::Failed(format!("`{id}` shows `{text}`, not `{wanted}`")));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Builds the page; gives back the folder that a server can serve.
fn build(bindgen: &Path) -> Result<PathBuf, Stop> {
    let words =
        format!("build --release --locked --target {WASM} --manifest-path {PAGE}/Cargo.toml");
    Run::cargo(&words).target("browser").go()?;
    let site = target("browser/site");
    fs::create_dir_all(&site)?;
    let built = target("browser").join(WASM).join("release/reveille_browser.wasm");
    let out = site.join("pkg");
    let words =
        format!("--target web --no-typescript --out-dir {} {}", out.display(), built.display());
    Run::program(&bindgen.to_string_lossy(), &words).go()?;
    fs::copy(format!("{PAGE}/index.html"), site.join("index.html"))?;
    Ok(site)
}

/// Where the `wasm-bindgen` of the right version is; installs it if need be.
fn bindgen() -> Result<PathBuf, Stop> {
    let lock = fs::read_to_string(format!("{PAGE}/Cargo.lock"))?;
    let version = locked(&lock, "wasm-bindgen").ok_or_else(|| Stop::failed("it is not locked"))?;
    let program = target("tools").join("bin/wasm-bindgen");
    let says = Run::program(&program.to_string_lossy(), "--version").unseen();
    if !says.is_ok_and(|says| says.text.trim() == format!("wasm-bindgen {version}")) {
        println!("installing what is missing:");
        let words = format!(
            "install wasm-bindgen-cli --version {version} --root {}",
            target("tools").display()
        );
        let no_luck = |_| Stop::Skipped(format!("`cargo {words}` failed"));
        Run::cargo(&words).target("tools/build").go().map_err(no_luck)?;
    }
    Ok(program)
}

/// The version of a package in a lock file.
fn locked<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let (_, entry) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    entry.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locked_version_is_that_of_the_package_of_this_very_name() {
        let lock = "name = \"a-b\"\nversion = \"1.0.0\"\n\nname = \"a\"\nversion = \"2.0.0\"\n";
        assert_eq!(locked(lock, "a"), Some("2.0.0"));
        assert_eq!(locked(lock, "b"), None);
    }

    #[test]
    fn walker_has_begun_a_round_only_if_it_says_so() {
        assert_eq!(has_begun("round 12"), Some(12));
        assert_eq!(has_begun("waiting after 12 rounds"), None);
    }

    #[test]
    fn page_has_all_that_is_clicked_and_read() {
        let page = fs::read_to_string(crate::root().join(PAGE).join("index.html")).unwrap();
        let others = ["state", "open", "close", "pulse", "ring", "ring-thrice", "timer", "rings"];
        for id in WALKERS.iter().chain(&others).chain(&["clerk-1", "clerk-2"]) {
            assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
        }
    }
}
