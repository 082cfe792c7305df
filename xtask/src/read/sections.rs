//! What a program is made of, as `readelf` of binutils tells.

use crate::{
    run::Run,
    step::{Done, Stop},
};
use std::path::Path;

/// The sections of one program.
pub(crate) struct Sections {
    /// What `readelf --section-headers --wide` prints.
    text: String,
}

// === impl Sections ===

impl Sections {
    pub(crate) fn of(program: &Path) -> Result<Self, Stop> {
        let words = format!("--section-headers --wide {}", program.display());
        let output = Run::program("readelf", &words).unseen()?;
        let sections = Self { text: output.text };
        sections.has_code(program)?;
        Ok(sections)
    }

    /// How long these sections are together; none if one is missing.
    pub(crate) fn bytes(&self, names: &[&str]) -> Option<u64> {
        names.iter().map(|name| self.length(name)).sum()
    }

    fn length(&self, name: &str) -> Option<u64> {
        let line = self.text.lines().find(|line| line.contains(&format!(" {name} ")))?;
        // Name, type, address, offset, size.
        let mut words = line.split_whitespace().skip_while(|&word| word != name);
        u64::from_str_radix(words.nth(4)?, 16).ok()
    }

    fn has_code(&self, program: &Path) -> Done {
        let none = || Stop::Failed(format!("{} has no sections", program.display()));
        self.length(".text").map(drop).ok_or_else(none)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_those_of_all_sections_named() {
        let text = "
  [ 1] .vector_table     PROGBITS        00000000 000114 000400 00   A  0   0  4
  [ 2] .text             PROGBITS        00000400 000514 0004e0 00  AX  0   0  4
  [ 3] .rodata           PROGBITS        000008e0 0009f4 000010 00   A  0   0  4
  [ 6] .bss              NOBITS          20000004 000a20 000018 00  WA  0   0  4
";
        let sections = Sections { text: text.into() };
        assert_eq!(sections.bytes(&[".text", ".rodata"]), Some(0x4f0));
        assert_eq!(sections.bytes(&[".bss"]), Some(0x18));
        assert_eq!(sections.bytes(&[".text", ".data"]), None);
    }
}
