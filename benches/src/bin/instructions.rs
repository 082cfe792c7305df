//! For `cargo xtask instructions`, which runs it under callgrind: everything that is counted runs
//! in [`reveille_benches_counted`], once for each line that is printed.
//!
//! A line: the type, the column, the row, `ours` or `peer`, and the iterations by which to divide.

use std::hint::black_box;

use reveille_benches::instructions;

/// Callgrind counts in this function, and writes a dump when it returns.
// SAFETY: no other function has this name.
#[unsafe(no_mangle)]
#[inline(never)]
pub fn reveille_benches_counted(run: &mut dyn FnMut()) {
    black_box(run)();
}

fn main() {
    instructions::all(|[of, column, row], is_ours, times, run| {
        let whose = if is_ours { "ours" } else { "peer" };
        println!("{of}\t{column}\t{row}\t{whose}\t{times}");
        reveille_benches_counted(run);
    });
}
