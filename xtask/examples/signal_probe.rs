//! What the step `signal-safety` walks through: a function that sets a flag and does nothing else, and one
//! that does the same with a waitable event.

use reveille::ThreadSafeFlag;

/// Where the walk through the machine code begins: a name that is found there.
#[inline(never)]
// SAFETY: no other function has this name.
#[unsafe(no_mangle)]
fn reveille_probe_set(flag: &ThreadSafeFlag) {
    flag.set();
}

/// The same for an event.
#[cfg(unix)]
#[inline(never)]
// SAFETY: no other function has this name.
#[unsafe(no_mangle)]
fn reveille_probe_set_event(event: &reveille::WaitableEvent) {
    event.set();
}

fn main() {
    let flag = ThreadSafeFlag::new();
    reveille_probe_set(&flag);
    assert!(flag.is_set());
    #[cfg(unix)]
    {
        let event = reveille::WaitableEvent::new().expect("a descriptor");
        reveille_probe_set_event(&event);
        assert!(event.is_set());
    }
}
