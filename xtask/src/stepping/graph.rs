//! The instructions of a program, and where each may lead: which of them can run without a panic?
//!
//! **A Way Back.** An instruction is alive if a path leads from it to the end of its function: a `ret`,
//! or a jump to a function that comes back. A call of one that does not (`panic_fmt`, and all that
//! ends in it) leads nowhere, and so does a trap. So what only prepares a panic is not alive, and
//! neither is what cleans up after one and resumes it.
//!
//! What can run is what is alive and is reached from the beginning on ways that are. A handler that
//! catches a panic is reached by none.

use crate::signal_safety::code::{self, Target};
use std::collections::{BTreeMap, BTreeSet};

/// The program.
pub(super) struct Graph<'a> {
    /// By address.
    instructions: BTreeMap<u64, Instruction<'a>>,
    /// By the address at which each begins.
    functions: BTreeMap<u64, &'a str>,
    alive: BTreeSet<u64>,
}

/// An instruction, and where it leads.
struct Instruction<'a> {
    function: u64,
    /// The one that stands behind it, in the same function.
    next: Option<u64>,
    flow: Flow<'a>,
}

/// Where an instruction leads. None: nobody knows.
#[derive(Clone, Copy)]
enum Flow<'a> {
    Next,
    Call(Option<Target<'a>>),
    Jump(Option<Target<'a>>),
    /// There, or to the next.
    Branch(Option<Target<'a>>),
    Return,
    Trap,
}

/// What of other libraries does not come back.
const FINAL: [&str; 6] =
    ["_Unwind_Resume", "abort", "exit", "_exit", "__stack_chk_fail", "__assert_fail"];

// === impl Graph ===

impl<'a> Graph<'a> {
    /// Reads `objdump --disassemble --demangle --no-show-raw-insn`, and `objdump --dynamic-reloc`.
    pub(super) fn new(dump: &'a str, relocations: &'a str) -> Self {
        let linked: BTreeMap<_, _> = relocations.lines().filter_map(code::relocation).collect();
        let (mut functions, mut instructions) = (BTreeMap::new(), BTreeMap::new());
        let mut function = 0;
        for line in dump.lines() {
            if let Some((address, name)) = code::header(line) {
                function = address;
                functions.insert(address, name);
            } else if let Some((address, flow)) = flow(line, &linked) {
                instructions.insert(address, Instruction { function, next: None, flow });
            }
        }
        let addresses: Vec<u64> = instructions.keys().copied().collect();
        for pair in addresses.windows(2) {
            let function = instructions[&pair[1]].function;
            if let Some(it) = instructions.get_mut(&pair[0]) {
                it.next = (it.function == function).then_some(pair[1]);
            }
        }
        let mut graph = Self { instructions, functions, alive: BTreeSet::new() };
        graph.find_alive();
        graph
    }

    /// The functions whose name begins so.
    pub(super) fn named<'s>(&'s self, prefix: &'s str) -> impl Iterator<Item = u64> + 's {
        let named = move |(&at, name): (&u64, &&str)| name.starts_with(prefix).then_some(at);
        self.functions.iter().filter_map(named)
    }

    /// The name of the function in which an instruction stands.
    pub(super) fn function(&self, address: u64) -> &'a str {
        let begin = self.instructions.get(&address).map(|it| it.function);
        begin.and_then(|begin| self.functions.get(&begin)).copied().unwrap_or_default()
    }

    /// All instructions, in order.
    pub(super) fn addresses(&self) -> impl Iterator<Item = u64> {
        self.instructions.keys().copied()
    }

    /// Whether a path leads from there to the end of its function.
    pub(super) fn is_alive(&self, address: u64) -> bool {
        self.alive.contains(&address)
    }

    /// What can run, without a panic, from these beginnings on.
    pub(super) fn reach(&self, from: impl IntoIterator<Item = u64>) -> BTreeSet<u64> {
        let mut open: Vec<u64> = from.into_iter().collect();
        let mut reached = BTreeSet::new();
        while let Some(at) = open.pop() {
            if !self.is_alive(at) || !reached.insert(at) {
                continue;
            }
            open.extend(self.successors(at));
            match self.instructions[&at].flow {
                Flow::Call(Some(Target::Here(to))) => open.push(to),
                // A table of jumps: it may lead to all of the function.
                Flow::Jump(None) => open.extend(self.siblings(at)),
                _ => {}
            }
        }
        reached
    }

    /// Goes round until nothing is found to come back any more.
    fn find_alive(&mut self) {
        loop {
            let before = self.alive.len();
            // From the end: most ways lead forward.
            let addresses: Vec<u64> = self.instructions.keys().rev().copied().collect();
            for at in addresses {
                if !self.is_alive(at) && self.leads_back(at) {
                    self.alive.insert(at);
                }
            }
            if self.alive.len() == before {
                return;
            }
        }
    }

    fn leads_back(&self, at: u64) -> bool {
        match self.instructions[&at].flow {
            Flow::Return | Flow::Jump(None) | Flow::Branch(None) => true,
            Flow::Jump(Some(to @ Target::There(_))) => self.comes_back(to),
            _ => self.successors(at).any(|next| self.is_alive(next)),
        }
    }

    /// Where an instruction leads within the program, but for what it calls.
    fn successors(&self, at: u64) -> impl Iterator<Item = u64> + use<> {
        let Instruction { next, flow, .. } = &self.instructions[&at];
        let here = |target: Option<Target<'_>>| match target {
            Some(Target::Here(to)) => Some(to),
            _ => None,
        };
        let (near, far) = match *flow {
            Flow::Next => (*next, None),
            Flow::Call(to) if to.is_none_or(|to| self.comes_back(to)) => (*next, None),
            Flow::Jump(to) => (None, here(to)),
            Flow::Branch(to) => (*next, here(to)),
            Flow::Call(_) | Flow::Return | Flow::Trap => (None, None),
        };
        near.into_iter().chain(far)
    }

    fn comes_back(&self, target: Target<'_>) -> bool {
        match target {
            Target::Here(to) => self.is_alive(to),
            Target::There(name) => !FINAL.contains(&name),
        }
    }

    fn siblings(&self, at: u64) -> impl Iterator<Item = u64> {
        let function = self.instructions[&at].function;
        let rest = self.instructions.range(function..);
        rest.take_while(move |(_, it)| it.function == function).map(|(&at, _)| at)
    }
}

/// The address of an instruction, and where it leads.
fn flow<'a>(line: &'a str, linked: &BTreeMap<u64, Target<'a>>) -> Option<(u64, Flow<'a>)> {
    let (address, _) = line.split_once(":\t")?;
    let address = code::hex(address.trim())?;
    let (word, operand) = code::instruction(line)?;
    let target = || {
        if operand.starts_with('*') {
            let place = operand.split_once("(%rip)").and_then(|(_, rest)| rest.split_once("# "));
            return linked.get(&code::hex(code::first(place?.1))?).copied();
        }
        code::hex(code::first(operand)).map(Target::Here)
    };
    let flow = match word {
        "ret" => Flow::Return,
        "ud2" | "int3" | "hlt" => Flow::Trap,
        "jmp" => Flow::Jump(target()),
        _ if word.starts_with("call") => Flow::Call(target()),
        _ if word.starts_with('j') || word.starts_with("loop") => Flow::Branch(target()),
        _ => Flow::Next,
    };
    Some((address, flow))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RELOCATIONS: &str = "\
0000000000000900 R_X86_64_RELATIVE  *ABS*+0x0000000000000300
0000000000000908 R_X86_64_GLOB_DAT  _Unwind_Resume@GCC_3.0
";

    const DUMP: &str = "
0000000000000100 <door>:
     100:\ttest   %al,%al
     101:\tje     104 <door+0x4>
     102:\tcall   200 <leaf>
     103:\tret
     104:\tlea    0x0(%rip),%rdi        # 1000 <text>
     105:\tcall   *0x7f5(%rip)        # 900 <GOT>
     106:\tmov    %rax,%rdi
     107:\tcall   *0x7fb(%rip)        # 908 <_Unwind_Resume@GCC_3.0>

0000000000000200 <leaf>:
     200:\tjmp    *%rax
     201:\tret

0000000000000300 <core::panicking::panic_fmt>:
     300:\tcall   400 <rust_begin_unwind>
     301:\tint3

0000000000000400 <rust_begin_unwind>:
     400:\tud2
     401:\tret
";

    #[test]
    fn what_only_leads_to_a_panic_is_not_reached() {
        let graph = Graph::new(DUMP, RELOCATIONS);
        let doors: Vec<u64> = graph.named("do").collect();
        assert_eq!(doors, [0x100]);
        let reached = graph.reach(doors);
        assert_eq!(reached, [0x100, 0x101, 0x102, 0x103, 0x200, 0x201].into());
    }

    #[test]
    fn cleaning_up_after_a_panic_is_not_alive() {
        let graph = Graph::new(DUMP, RELOCATIONS);
        let dead: Vec<u64> = graph.addresses().filter(|&at| !graph.is_alive(at)).collect();
        assert_eq!(dead, [0x104, 0x105, 0x106, 0x107, 0x300, 0x301, 0x400]);
        assert_eq!(graph.function(0x301), "core::panicking::panic_fmt");
    }
}
