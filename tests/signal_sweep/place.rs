//! Where an address is: in which function, instruction and line of this program.
//!
//! Only messages tell it, so `objdump` and `addr2line` may be missing: then there is an address alone.

use std::ffi::{c_int, c_void};
use std::fmt;
use std::process::Command;
use std::{env, ptr};

/// In bytes.
const LONGEST_INSTRUCTION: u64 = 15;

/// An address of this process or of a fork of it.
pub(crate) struct Place(pub(crate) u64);

/// The address at which the linker has put what is at `address` now.
fn linked(address: u64) -> u64 {
    address.wrapping_sub(bias())
}

/// How far from its linked address this program was loaded.
fn bias() -> u64 {
    /// The program itself comes first.
    unsafe extern "C" fn first(
        info: *mut libc::dl_phdr_info,
        _size: usize,
        found: *mut c_void,
    ) -> c_int {
        // SAFETY: the C library gives us one.
        let address = unsafe { (*info).dlpi_addr };
        // SAFETY: it is what `bias` has given.
        unsafe { *found.cast::<u64>() = address };
        1
    }

    let mut found = 0_u64;
    // SAFETY: `first` takes `found` for what it is.
    unsafe { libc::dl_iterate_phdr(Some(first), ptr::from_mut(&mut found).cast()) };
    found
}

/// What a program of binutils says of this one; nothing if it is not there.
fn ask(program: &str, words: &[&str]) -> Option<String> {
    let output = Command::new(program).args(words).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

// === impl Place ===

impl Place {
    /// `function+0x1d: the instruction`
    fn instruction(&self, program: &str) -> Option<String> {
        let begin = format!("--start-address={:#x}", linked(self.0));
        let end = format!("--stop-address={:#x}", linked(self.0) + LONGEST_INSTRUCTION);
        let words = ["--disassemble", "--demangle", "--no-show-raw-insn", &begin, &end, program];
        let text = ask("objdump", &words)?;
        // `0000000000012345 <function+0x1d>:`, and the instructions below it.
        let (_, text) = text.split_once(" <")?;
        let (function, text) = text.split_once(">:\n")?;
        let instruction = text.lines().next()?.split('\t').nth(1)?;
        Some(format!("{function}: {instruction}"))
    }

    /// The innermost line of this project that it was compiled from.
    fn line(&self, program: &str) -> Option<String> {
        let at = format!("{:#x}", linked(self.0));
        let text = ask("addr2line", &["--inlines", "--exe", program, &at])?;
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/");
        text.lines().find_map(|line| Some(line.strip_prefix(root)?.to_string()))
    }
}

/// `0x12345 function+0x1d: the instruction (src/file.rs:6)`, the address as it is in the program's file.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = env::current_exe().map_err(|_| fmt::Error)?;
        let program = program.to_string_lossy();
        match self.instruction(&program) {
            Some(instruction) => write!(f, "{:#x} {instruction}", linked(self.0))?,
            None => write!(f, "{:#x}, in a library", self.0)?,
        }
        if let Some(line) = self.line(&program) {
            write!(f, " ({line})")?;
        }
        Ok(())
    }
}
