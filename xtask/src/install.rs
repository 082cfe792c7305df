//! Installs what a step needs: toolchains by rustup, packages by apt-get, tools by cargo or pip.
//!
//! Everything is looked for first, and every installation is printed. If one fails (no network, not
//! root, no Debian) the step is skipped with a sentence, if it is a step that may be skipped.
//!
//! **A file, not a name.** A Debian package is there if the file that its step opens is there. A
//! program's name on `PATH` proves less: `gcc-i686-linux-gnu` alone has a compiler that cannot link.
//! The step `fresh` installs each [`Kit`] where nothing is installed, and checks every file.

use crate::{
    run::{Run, target},
    step::{Done, Stop},
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The toolchain that has Miri, the sanitizers and what cargo-fuzz needs.
pub(crate) const NIGHTLY: &str = "nightly";

/// Something that rustup installs.
#[derive(Clone, Copy)]
pub(crate) enum Tool {
    /// A whole toolchain, by its name.
    Toolchain(&'static str),
    /// A component of a toolchain: the toolchain, then the component.
    Component(&'static str, &'static str),
    /// The standard library of another target, for the toolchain that runs us.
    Target(&'static str),
}

/// The Debian packages of one purpose, each with the file that is needed of it.
pub(crate) struct Kit {
    pub(crate) name: &'static str,
    pub(crate) packages: &'static [(&'static str, &'static str)],
    /// A shell command that succeeds only if the packages work together.
    pub(crate) probe: &'static str,
}

/// The disassembler, and `readelf`.
pub(crate) const BINUTILS: Kit = Kit {
    name: "binutils",
    packages: &[("binutils", "/usr/bin/objdump")],
    probe: "objdump --version && readelf --version",
};

pub(crate) const I686: Kit = Kit {
    name: "i686",
    packages: &[
        ("gcc-i686-linux-gnu", "/usr/bin/i686-linux-gnu-gcc"),
        // The files that every program begins and ends with.
        ("libc6-dev-i386-cross", "/usr/i686-linux-gnu/lib/Scrt1.o"),
        // The program's interpreter, and what it unwinds with.
        ("libc6-i386", "/lib/ld-linux.so.2"),
        ("lib32gcc-s1", "/usr/lib32/libgcc_s.so.1"),
    ],
    probe: "echo 'int main(){return 0;}' | i686-linux-gnu-gcc -pie -x c - -lgcc_s -o /tmp/probe && /tmp/probe",
};

pub(crate) const AARCH64: Kit = Kit {
    name: "aarch64",
    packages: &[
        ("gcc-aarch64-linux-gnu", "/usr/bin/aarch64-linux-gnu-gcc"),
        ("libc6-dev-arm64-cross", "/usr/aarch64-linux-gnu/lib/Scrt1.o"),
        ("qemu-user", "/usr/bin/qemu-aarch64"),
    ],
    probe: "echo 'int main(){return 0;}' | aarch64-linux-gnu-gcc -pie -x c - -lgcc_s -o /tmp/probe \
            && qemu-aarch64 -L /usr/aarch64-linux-gnu /tmp/probe",
};

pub(crate) const WINE: Kit = Kit {
    name: "wine",
    packages: &[
        ("gcc-mingw-w64-x86-64", "/usr/bin/x86_64-w64-mingw32-gcc"),
        ("wine", "/usr/bin/wine"),
        ("wine64", "/usr/lib/wine/wine64"),
    ],
    probe: "echo 'int main(){return 0;}' | x86_64-w64-mingw32-gcc -x c - -ladvapi32 -o /tmp/probe.exe \
            && WINEDEBUG=-all wine /tmp/probe.exe",
};

pub(crate) const QEMU_ARM: Kit = Kit {
    name: "qemu-system-arm",
    packages: &[("qemu-system-arm", "/usr/bin/qemu-system-arm")],
    probe: "qemu-system-arm -machine help | grep -q lm3s6965evb",
};

/// What cargo-fuzz compiles libFuzzer with.
pub(crate) const CXX: Kit = Kit {
    name: "c++",
    packages: &[("g++", "/usr/bin/g++")],
    probe: "echo 'int main(){return 0;}' | g++ -x c++ - -o /tmp/probe && /tmp/probe",
};

pub(crate) const VALGRIND: Kit = Kit {
    name: "valgrind",
    packages: &[
        ("valgrind", "/usr/bin/valgrind"),
        // valgrind redirects functions of the dynamic linker, by their names.
        ("libc6-dbg", "/usr/lib/debug/.build-id"),
    ],
    probe: "valgrind --tool=callgrind --callgrind-out-file=/dev/null true",
};

pub(crate) const CHROMIUM: Kit = Kit {
    name: "chromium",
    packages: &[("chromium", "/usr/bin/chromium"), ("chromium-driver", "/usr/bin/chromedriver")],
    probe: "chromedriver --version && chromium --version",
};

pub(crate) const PYTHON: Kit = Kit {
    name: "python",
    packages: &[("python3-venv", "/usr/share/doc/python3-venv/copyright")],
    probe: "python3 -m venv /tmp/probe && /tmp/probe/bin/python -m pip --version",
};

/// Every kit, for `fresh`.
pub(crate) const KITS: [&Kit; 9] =
    [&BINUTILS, &I686, &AARCH64, &WINE, &QEMU_ARM, &CXX, &VALGRIND, &CHROMIUM, &PYTHON];

/// Installs those of these tools that are missing.
pub(crate) fn rustup(tools: &[Tool]) -> Done {
    if ask("--version").is_none() {
        return Err(Stop::skipped("rustup is not on PATH"));
    }
    for tool in tools {
        if !tool.is_there() {
            let words = tool.words();
            println!("installing what is missing:");
            Run::program("rustup", &words)
                .go()
                .map_err(|_| Stop::skipped(format!("`rustup {words}` failed")))?;
        }
    }
    Ok(())
}

/// Installs those packages of the kit that are missing, and checks for their files.
pub(crate) fn debian(kit: &Kit) -> Done {
    let missing: Vec<&str> = kit.missing(Path::new("/")).map(|(package, _)| package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("installing what is missing:");
    let apt = |words: &str| Run::program("apt-get", words).env("DEBIAN_FRONTEND", "noninteractive");
    let install = || apt(&format!("{INSTALL} {}", missing.join(" "))).go();
    // The lists may be missing, or old.
    let installed = install().or_else(|_| apt("update").go().and_then(|()| install()));
    if installed.is_err() {
        return Err(Stop::skipped(format!("apt-get cannot install {}", missing.join(", "))));
    }
    match kit.missing(Path::new("/")).next() {
        None => Ok(()),
        Some((package, file)) => Err(Stop::failed(format!("{package} has no {file}"))),
    }
}

/// How apt-get is called, here and in `fresh`.
pub(crate) const INSTALL: &str = "install --yes --no-install-recommends";

/// cargo-hack, which lists sets of features and strips dev-dependencies; returns its path.
pub(crate) fn hack() -> Result<String, Stop> {
    cargo("cargo-hack", "0.6.46", "cargo-hack").map(|path| path.display().to_string())
}

/// Installs a program by cargo in this version, unless it is there; returns its path.
/// Unoptimized, which halves the time: these programs mostly wait for others.
pub(crate) fn cargo(package: &str, version: &str, program: &str) -> Result<PathBuf, Stop> {
    let place = target("tools").join(format!("{package}-{version}"));
    let path = place.join("bin").join(program);
    if !path.exists() {
        println!("installing what is missing:");
        let words =
            format!("install {package} --version ={version} --debug --root {}", place.display());
        let install = |words: &str| {
            Run::cargo(words).env("CARGO_PROFILE_DEV_DEBUG", "0").target("tools/build").go()
        };
        // A package's lock file may name a version that the registry does not have.
        install(&format!("{words} --locked"))
            .or_else(|_| install(&words))
            .map_err(|_| Stop::skipped(format!("`cargo {words}` failed")))?;
    }
    Ok(path)
}

/// A Python environment of this name with these packages; returns the path of its interpreter.
pub(crate) fn pip(name: &str, packages: &str) -> Result<PathBuf, Stop> {
    let folder = target(name);
    let python = folder.join("bin/python");
    let has_venv = || {
        let run = Run::program("python3", "-c").word("import ensurepip, venv");
        run.unseen().is_ok_and(|output| output.passed())
    };
    if !has_venv() {
        debian(&PYTHON)?;
    }
    let failed = |_| Stop::skipped(format!("pip cannot install {packages}"));
    if !python.exists() {
        println!("installing what is missing:");
        Run::program("python3", &format!("-m venv {}", folder.display())).go().map_err(failed)?;
    }
    let words = format!("-m pip install --quiet --disable-pip-version-check {packages}");
    Run::program(&python.display().to_string(), &words).go().map_err(failed)?;
    Ok(python)
}

/// What `rustup` answers to these words; `None` if it fails.
fn ask(words: &str) -> Option<String> {
    let mut rustup = Command::new("rustup");
    // A question must not install what it asks about.
    rustup.args(words.split_whitespace()).env("RUSTUP_AUTO_INSTALL", "0");
    let output = rustup.output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}

/// The components of a toolchain; `None` if it is not there.
fn components(toolchain: &str) -> Option<String> {
    ask(&format!("component list --installed --toolchain {toolchain}"))
}

/// Whether a list of `rustup component list --installed` has this one: `miri` is
/// listed with the host behind it, `rust-src` is not.
fn lists_component(list: &str, name: &str) -> bool {
    list.lines().any(|line| {
        line.strip_prefix(name).is_some_and(|rest| {
            let arch = rest.strip_prefix('-').and_then(|host| host.split('-').next());
            rest.is_empty() || arch.is_some_and(|arch| arch == std::env::consts::ARCH)
        })
    })
}

// === impl Kit ===

impl Kit {
    /// The packages whose file is not below `root`.
    pub(crate) fn missing(
        &self,
        root: &Path,
    ) -> impl Iterator<Item = (&'static str, &'static str)> {
        // Not where a link leads: one of another root leads into this one.
        let is_there =
            |file: &str| fs::symlink_metadata(root.join(file.trim_start_matches('/'))).is_ok();
        let is_missing = |&&(_, file): &&(&str, &str)| !is_there(file);
        self.packages.iter().filter(is_missing).copied().collect::<Vec<_>>().into_iter()
    }
}

// === impl Tool ===

impl Tool {
    fn is_there(self) -> bool {
        match self {
            Self::Toolchain(toolchain) => components(toolchain).is_some(),
            Self::Component(toolchain, name) => {
                components(toolchain).is_some_and(|list| lists_component(&list, name))
            }
            Self::Target(name) => ask("target list --installed")
                .is_some_and(|list| list.lines().any(|line| line.trim() == name)),
        }
    }

    /// The words that have rustup install it.
    fn words(self) -> String {
        match self {
            Self::Toolchain(name) => format!("toolchain install {name} --profile minimal"),
            Self::Component(toolchain, name) => {
                format!("component add {name} --toolchain {toolchain}")
            }
            Self::Target(name) => format!("target add {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn component_is_found_with_and_without_the_host_behind_it() {
        let list = format!("cargo-{0}-unknown-linux-gnu\nrust-src\n", std::env::consts::ARCH);
        assert!(lists_component(&list, "cargo"));
        assert!(lists_component(&list, "rust-src"));
        assert!(!lists_component(&list, "rust"));
        assert!(!lists_component(&list, "miri"));
    }

    #[test]
    fn package_is_missing_until_its_file_is_there() {
        let root = std::env::temp_dir().join(format!("xtask-kit-{}", std::process::id()));
        let missing = || QEMU_ARM.missing(&root).count();
        assert_eq!(missing(), 1);
        fs::create_dir_all(root.join("usr/bin")).unwrap();
        fs::write(root.join("usr/bin/qemu-system-arm"), "").unwrap();
        assert_eq!(missing(), 0);
        fs::remove_dir_all(root).unwrap();
    }
}
