//! What Linux tells of threads, the courier's above all, in /proc.

use std::ffi::c_int;
use std::fs;

use crate::common::until;
use crate::system::Limit;

/// A set of signals: the lowest bit is signal 1.
type Signals = u32;

/// The highest signal before the real-time ones.
const LAST: c_int = 31;

pub(crate) fn signals_blocked_by_the_courier() -> Signals {
    let blocked = u64::from_str_radix(&ask_of_the_courier("SigBlk:"), 16).unwrap();
    (blocked & ((1 << LAST) - 1)) as Signals
}

/// Nor those that cannot be blocked.
pub(crate) fn all_but_faults() -> Signals {
    use libc::*;
    let open =
        [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGKILL, SIGSTOP].map(|it| it - 1);
    (0..LAST).filter(|it| !open.contains(it)).map(|it| 1 << it).sum()
}

/// How often the courier, asleep now, has gone to sleep.
pub(crate) fn naps_of_the_courier() -> u32 {
    until("the courier sleeps", || ask_of_the_courier("State:") == "S");
    ask_of_the_courier("voluntary_ctxt_switches:").parse().unwrap()
}

/// As much memory as there is, and a bit, but not enough for a thread's stack.
pub(crate) fn no_more_threads() -> Limit {
    // One that has just begun maps memory, and would find none, or give some back.
    until("all other threads sleep", || {
        let states = threads().filter_map(|status| ask(&status, "State:"));
        states.filter(|state| state != "S").count() == 1
    });
    let used: libc::rlim_t = ask("/proc/self/status", "VmSize:").unwrap().parse().unwrap();
    Limit::lower(libc::RLIMIT_AS, (used + 512) * 1024)
}

fn ask_of_the_courier(what: &str) -> String {
    let mut answers = threads().filter_map(|status| {
        // The system keeps 15 letters of a name.
        let is_courier = ask(&status, "Name:")? == "reveille-courie";
        is_courier.then(|| ask(&status, what))?
    });
    let answer = answers.next().expect("there is a courier");
    assert_eq!(answers.next(), None, "there is one");
    answer
}

/// The file of each thread.
fn threads() -> impl Iterator<Item = String> {
    let threads = fs::read_dir("/proc/self/task").unwrap();
    threads.map(|thread| format!("{}/status", thread.unwrap().path().display()))
}

/// The first word after `what`, at the beginning of a line.
fn ask(status: &str, what: &str) -> Option<String> {
    let status = fs::read_to_string(status).ok()?;
    let rest = status.lines().find_map(|line| line.strip_prefix(what))?;
    rest.split_whitespace().next().map(Into::into)
}
