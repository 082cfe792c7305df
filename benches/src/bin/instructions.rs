//! For `cargo xtask instructions`, which runs it under callgrind: all that is counted is done in
//! [`reveille_benches_counted`], once for each line that is printed.
//!
//! A line: the type, the column, the row, `ours` or `peer`, and by how many the count is to be divided.

use std::hint::black_box;

use reveille_benches::counted;

/// What callgrind looks for: it counts in here, and writes down what it has counted at the end.
// SAFETY: no other function has this name.
#[unsafe(no_mangle)]
#[inline(never)]
pub fn reveille_benches_counted(deed: &mut dyn FnMut()) {
    black_box(deed)();
}

fn main() {
    counted::all(|[of, column, row], is_ours, times, deed| {
        let whose = if is_ours { "ours" } else { "peer" };
        println!("{of}\t{column}\t{row}\t{whose}\t{times}");
        reveille_benches_counted(deed);
    });
}
