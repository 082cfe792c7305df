//! The comparison of wakers of a loop that sleeps in the kernel:
//! `cargo bench -p reveille-benches --bench compare_waitable`
//!
//! Our event has a column for each poller. A report of mio's `Waker` needs no reset; ours is
//! cleared by a system call, which is part of the turn, except in the column that is not cleared.
//!
//! Arguments: see the module `rounds`.

#[cfg(target_os = "linux")]
fn main() {
    use reveille_benches::waitable::{rows::CASES, subjects::SUBJECTS};
    reveille_benches::compare::compare("waitable", "`WaitableEvent`", &CASES, &SUBJECTS, "");
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("measured on Linux alone: the floor is an eventfd");
}
