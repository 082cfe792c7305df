//! Walks through machine code, as objdump shows it: what can a function reach?
//!
//! **What Is Not Allowed Is Forbidden.** The walk goes on in the functions `ours`, stops at those of
//! `others`, and takes offence at all else: a call of any other function, a call through a
//! register or through memory, and a trap, with which the compiler ends what must not be. (`int3` is
//! what it fills gaps with.)
//!
//! A call through the table that the dynamic linker fills is what it says there, before the program
//! begins. A jump out of a function is a call.

use std::collections::{BTreeMap, BTreeSet};

/// The functions of a program.
pub(super) struct Program<'a> {
    /// By the address at which each begins.
    functions: BTreeMap<u64, Function<'a>>,
    /// What the dynamic linker writes where.
    linked: BTreeMap<u64, Target<'a>>,
}

/// The functions that a walk may reach.
#[derive(Clone, Copy)]
pub(super) struct Allowed {
    /// Where the walk goes on.
    pub(super) ours: &'static [&'static str],
    /// Where it stops.
    pub(super) others: &'static [&'static str],
}

struct Function<'a> {
    name: &'a str,
    lines: Vec<&'a str>,
}

/// Where a call goes.
#[derive(Clone, Copy)]
pub(crate) enum Target<'a> {
    /// To an address of this program.
    Here(u64),
    /// To a function of a library.
    There(&'a str),
}

/// What a walk has found.
#[derive(Debug, Default)]
pub(super) struct Walk {
    pub(super) reached: BTreeSet<String>,
    pub(super) offences: BTreeSet<String>,
}

// === impl Program ===

impl<'a> Program<'a> {
    /// Reads `objdump --disassemble --demangle --no-show-raw-insn`, and `objdump --dynamic-reloc`.
    pub(super) fn new(dump: &'a str, relocations: &'a str) -> Self {
        let mut functions = BTreeMap::new();
        let mut last = None;
        for line in dump.lines() {
            if let Some((address, name)) = header(line) {
                let fresh = Function { name, lines: Vec::new() };
                last = Some(functions.entry(address).or_insert(fresh));
            } else if let Some(function) = &mut last
                && line.starts_with(' ')
            {
                function.lines.push(line);
            }
        }
        Self { functions, linked: relocations.lines().filter_map(relocation).collect() }
    }

    /// What the function `root` can reach.
    pub(super) fn walk(&self, root: &str, allowed: Allowed) -> Result<Walk, String> {
        let begins = |(&address, function): (&u64, &Function<'_>)| {
            (function.name == root).then_some(address)
        };
        let root = self.functions.iter().find_map(begins);
        let mut open = vec![root.ok_or("the probe does not have the function to begin with")?];
        let mut walk = Walk::default();
        let mut seen = BTreeSet::from_iter(open.clone());
        while let Some(address) = open.pop() {
            let function = &self.functions[&address];
            walk.reached.insert(function.name.into());
            for line in &function.lines {
                match self.leaves_for(address, line) {
                    Ok(None) => {}
                    Ok(Some(Target::There(name))) if allowed.others.contains(&name) => {
                        walk.reached.insert(name.into());
                    }
                    Ok(Some(Target::Here(next))) if self.is_one_of(next, allowed.ours) => {
                        if seen.insert(next) {
                            open.push(next);
                        }
                    }
                    Ok(Some(target)) => walk.offend(function.name, self.name(target)),
                    Err(what) => walk.offend(function.name, what),
                }
            }
        }
        Ok(walk)
    }

    /// Where a line of the function at `from` leaves it for, if it does; or what is wrong with it.
    fn leaves_for(&self, from: u64, line: &'a str) -> Result<Option<Target<'a>>, &'a str> {
        let Some((word, operand)) = instruction(line) else { return Ok(None) };
        let is_jump = word.starts_with('j') || word.starts_with("loop");
        let is_call = word.starts_with("call");
        if matches!(word, "ud2" | "hlt") {
            return Err(word);
        }
        if !is_jump && !is_call {
            return Ok(None);
        }
        if operand.starts_with('*') {
            // `*0x1234(%rip)        # 5678 <name+0x9>`: a place that objdump has worked out.
            let place = operand.split_once("(%rip)").and_then(|(_, rest)| rest.split_once("# "));
            let target = place.and_then(|(_, place)| self.linked.get(&hex(first(place))?));
            return target.map(|&target| Some(target)).ok_or(line.trim());
        }
        let to = hex(first(operand)).ok_or(line.trim())?;
        let begin = self.functions.range(..=to).next_back().map(|(&begin, _)| begin);
        match begin {
            Some(begin) if begin == from => Ok(None),
            // Into another function, perhaps not at its beginning: all of it counts.
            Some(begin) => Ok(Some(Target::Here(begin))),
            None => Err(line.trim()),
        }
    }

    fn is_one_of(&self, address: u64, names: &[&str]) -> bool {
        self.functions.get(&address).is_some_and(|function| {
            // The cold part of a function is a function of its own.
            let name = function.name.split(" [clone").next().unwrap_or_default();
            names.contains(&&*plain(name.trim_end_matches(".cold")))
        })
    }

    fn name(&self, target: Target<'a>) -> &'a str {
        match target {
            Target::There(name) => name,
            Target::Here(address) => {
                self.functions.get(&address).map_or("an unknown function", |function| function.name)
            }
        }
    }
}

// === impl Walk ===

impl Walk {
    fn offend(&mut self, function: &str, what: &str) {
        self.offences.insert(format!("{function}: {what}"));
    }
}

/// `0000000000001234 <name>:`
pub(crate) fn header(line: &str) -> Option<(u64, &str)> {
    let (address, name) = line.strip_suffix(">:")?.split_once(" <")?;
    Some((hex(address)?, name))
}

/// `    1234:`, a tab, and `lock cmpxchg %rcx,(%rdi)`, without the prefixes.
pub(crate) fn instruction(line: &str) -> Option<(&str, &str)> {
    const PREFIXES: [&str; 10] =
        ["lock", "rep", "repz", "repnz", "notrack", "bnd", "addr32", "data16", "cs", "ds"];
    let mut rest = line.split_once(":\t")?.1.trim();
    loop {
        let word = first(rest);
        rest = rest[word.len()..].trim_start();
        if !PREFIXES.contains(&word) {
            return Some((word, rest));
        }
    }
}

/// `0000000000001234 R_X86_64_GLOB_DAT  name@VERSION`, or `… R_X86_64_RELATIVE  *ABS*+0x5678`.
pub(crate) fn relocation(line: &str) -> Option<(u64, Target<'_>)> {
    let mut words = line.split_whitespace();
    let (place, kind, value) = (hex(words.next()?)?, words.next()?, words.next()?);
    let target = match value.strip_prefix("*ABS*+0x") {
        Some(address) if kind == "R_X86_64_RELATIVE" => Target::Here(hex(address)?),
        _ => Target::There(value.split('@').next()?),
    };
    Some((place, target))
}

/// `<a::B>::c`, as some compilers name it, is `a::B::c`; `<a::B as C>::d` stays.
fn plain(name: &str) -> String {
    match name.strip_prefix('<').and_then(|rest| rest.split_once(">::")) {
        Some((of, name)) if !of.contains(" as ") => format!("{of}::{name}"),
        _ => name.into(),
    }
}

pub(crate) fn first(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

pub(crate) fn hex(text: &str) -> Option<u64> {
    u64::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: Allowed = Allowed {
        ours: &[
            "reveille_probe_set",
            "reveille::flag::ThreadSafeFlag::set",
            "reveille::raw::slot::Stack::push",
        ],
        others: &["__errno_location"],
    };

    const RELOCATIONS: &str = "\
OFFSET           TYPE              VALUE
0000000000000900 R_X86_64_RELATIVE  *ABS*+0x0000000000000200
0000000000000908 R_X86_64_GLOB_DAT  __errno_location@GLIBC_2.2.5
0000000000000910 R_X86_64_GLOB_DAT  malloc@GLIBC_2.2.5
";

    /// The probe, which goes on to `set`, and that to all these lines.
    fn walk(lines: &[&str]) -> Walk {
        let mut dump = String::from(
            "\n0000000000000100 <reveille_probe_set>:\n     100:\tjmp    *0x7fa(%rip)        # 900 <GOT+0x10>\n\
             \n0000000000000200 <reveille::flag::ThreadSafeFlag::set>:\n",
        );
        for line in lines {
            dump += &format!("     200:\t{line}\n");
        }
        dump += "\n0000000000000300 <reveille::raw::slot::Stack::push>:\n     300:\tret\n";
        dump += "\n0000000000000400 <core::panicking::panic>:\n     400:\tud2\n";
        Program::new(&dump, RELOCATIONS).walk("reveille_probe_set", ALLOWED).unwrap()
    }

    fn offences(lines: &[&str]) -> Vec<String> {
        let prefix = "reveille::flag::ThreadSafeFlag::set: ";
        walk(lines).offences.iter().map(|it| it.strip_prefix(prefix).unwrap().into()).collect()
    }

    #[test]
    fn walk_goes_on_in_what_is_ours_and_stops_at_what_is_allowed() {
        let walk = walk(&[
            "lock cmpxchg %rcx,(%rdi)",
            "jne    200 <reveille::flag::ThreadSafeFlag::set>",
            "jmp    208 <reveille::flag::ThreadSafeFlag::set+0x8>",
            "call   300 <reveille::raw::slot::Stack::push>",
            "call   *0x47b5e(%rip)        # 908 <__errno_location@GLIBC_2.2.5>",
            "syscall",
        ]);
        assert_eq!(walk.offences, BTreeSet::new());
        let reached: Vec<_> = walk.reached.iter().map(|name| &**name).collect();
        assert_eq!(
            reached,
            [
                "__errno_location",
                "reveille::flag::ThreadSafeFlag::set",
                "reveille::raw::slot::Stack::push",
                "reveille_probe_set",
            ]
        );
    }

    #[test]
    fn forbidden_functions_are_offences_called_or_jumped_to() {
        assert_eq!(offences(&["call   400 <core::panicking::panic>"]), ["core::panicking::panic"]);
        assert_eq!(offences(&["jne    408 <x+0x8>"]), ["core::panicking::panic"]);
        assert_eq!(offences(&["jmp    *0x1(%rip)        # 910 <GOT+0x20>"]), ["malloc"]);
    }

    #[test]
    fn calls_to_who_knows_where_are_offences() {
        for line in ["call   *%rax", "jmp    *0x18(%rdx)", "notrack jmp *%rax", "ud2"] {
            assert_eq!(offences(&[line]).len(), 1, "{line}");
        }
        assert_eq!(offences(&["call   *0x1(%rip)        # 918 <GOT+0x28>"]).len(), 1);
    }

    #[test]
    fn methods_have_one_name() {
        assert_eq!(plain("<a::B>::c"), plain("a::B::c"));
        assert_eq!(plain("<a::B as C>::d"), "<a::B as C>::d");
    }

    #[test]
    fn probe_without_its_function_is_an_error() {
        assert!(Program::new("", "").walk("reveille_probe_set", ALLOWED).is_err());
    }
}
