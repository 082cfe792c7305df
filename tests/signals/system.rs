//! The system calls of the scenes, with their errors seen to.

use std::mem::MaybeUninit;
use std::os::unix::process::ExitStatusExt;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitStatus;
use std::{io, ptr};

use libc::c_int;

pub(crate) type Handler = extern "C" fn(c_int);

/// How long a child of a fork may take, in seconds.
const CHILD: libc::c_uint = 10;

/// This thread's signal mask is another one until this is dropped. Threads inherit it.
pub(crate) struct Mask {
    before: libc::sigset_t,
}

/// A limit of this process's is lowered until this is dropped.
pub(crate) struct Limit {
    which: Resource,
    before: libc::rlimit,
}

/// A timer that sends SIGALRM to the thread that made it. (Elsewhere than on Linux there is one for all
/// threads, and the system picks one that does not block the signal.)
pub(crate) struct Timer {
    #[cfg(target_os = "linux")]
    timer: libc::timer_t,
}

// SAFETY: it names a timer of this process, which any thread may set.
unsafe impl Send for Timer {}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) type Resource = libc::__rlimit_resource_t;
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) type Resource = c_int;

/// Has `handler` run for a signal.
pub(crate) fn install(signal: c_int, handler: Handler) {
    // SAFETY: all zeroes is a good `sigaction`: no flags, an empty mask.
    let mut action: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    action.sa_sigaction = handler as *const () as libc::sighandler_t;
    // Without SA_RESTART: whatever sleeps is interrupted, and looks round.
    action.sa_flags = 0;
    // SAFETY: the handlers of these tests do what a handler may do, as the tests are to show.
    check(unsafe { libc::sigaction(signal, &action, ptr::null_mut()) });
}

/// Sends a signal to this process: to whichever of its threads does not block it.
pub(crate) fn kill_process(signal: c_int) {
    // SAFETY: asks for nothing.
    let own = unsafe { libc::getpid() };
    // SAFETY: asks for nothing.
    check(unsafe { libc::kill(own, signal) });
}

/// Sends a signal to a thread that has not ended.
pub(crate) fn kill_thread(thread: usize, signal: c_int) {
    // SAFETY: the thread is there.
    let error = unsafe { libc::pthread_kill(thread as libc::pthread_t, signal) };
    assert_eq!(error, 0, "pthread_kill");
}

pub(crate) fn this_thread() -> usize {
    // SAFETY: asks for nothing.
    unsafe { libc::pthread_self() as usize }
}

/// Has SIGALRM sent to this process once, after so many microseconds; with zero, not at all.
pub(crate) fn alarm_in(microseconds: u16) {
    set_alarm(microseconds, 0);
}

/// Has SIGALRM sent to this process every so many microseconds; with zero, no more.
#[cfg(not(target_os = "linux"))]
pub(crate) fn alarm_every(microseconds: u16) {
    set_alarm(microseconds, microseconds);
}

fn set_alarm(first: u16, interval: u16) {
    let time = |microseconds: u16| libc::timeval { tv_sec: 0, tv_usec: microseconds.into() };
    let timer = libc::itimerval { it_interval: time(interval), it_value: time(first) };
    // SAFETY: the timer is initialised, and nobody asks for the old one.
    check(unsafe { libc::setitimer(libc::ITIMER_REAL, &timer, ptr::null_mut()) });
}

/// Waits for a signal that this thread blocks.
pub(crate) fn sigwait(signal: c_int) {
    let (set, mut which) = (signals(&[signal]), 0);
    // SAFETY: the set is initialised.
    let error = unsafe { libc::sigwait(&set, &mut which) };
    assert_eq!((error, which), (0, signal));
}

/// Runs `scene` in a child of `fork`, and tells how that ended.
pub(crate) fn in_a_child(scene: impl FnOnce()) -> ExitStatus {
    // SAFETY: the child does what the scene is there to show, and ends by `_exit`.
    match check(unsafe { libc::fork() }) {
        0 => {
            // SAFETY: asks for nothing. A child that hangs dies of it.
            unsafe { libc::alarm(CHILD) };
            let failed = panic::catch_unwind(AssertUnwindSafe(scene)).is_err();
            // SAFETY: asks for nothing.
            unsafe { libc::_exit(failed.into()) }
        }
        child => {
            let mut status = 0;
            // SAFETY: `status` is ours.
            while unsafe { libc::waitpid(child, &mut status, 0) } != child {
                assert_eq!(io::Error::last_os_error().kind(), io::ErrorKind::Interrupted);
            }
            ExitStatus::from_raw(status)
        }
    }
}

/// For good, if this process is root's.
#[cfg(target_os = "linux")]
pub(crate) fn become_the_nobody_user() {
    const NOBODY: libc::uid_t = 65_534;
    // SAFETY: asks for nothing.
    if unsafe { libc::geteuid() } == 0 {
        // SAFETY: an empty list.
        check(unsafe { libc::setgroups(0, ptr::null()) });
        // SAFETY: asks for nothing.
        check(unsafe { libc::setgid(NOBODY) });
        // SAFETY: asks for nothing.
        check(unsafe { libc::setuid(NOBODY) });
    }
}

fn check(result: c_int) -> c_int {
    assert_ne!(result, -1, "{}", io::Error::last_os_error());
    result
}

fn signals(numbers: &[c_int]) -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: it initialises the set.
    unsafe { libc::sigemptyset(set.as_mut_ptr()) };
    for &number in numbers {
        // SAFETY: the set is initialised.
        check(unsafe { libc::sigaddset(set.as_mut_ptr(), number) });
    }
    // SAFETY: it is initialised.
    unsafe { set.assume_init() }
}

// === impl Mask ===

impl Mask {
    /// Closed to these signals, too.
    pub(crate) fn with(numbers: &[c_int]) -> Self {
        Self::change(libc::SIG_BLOCK, &signals(numbers))
    }

    /// Open to all signals.
    pub(crate) fn open() -> Self {
        Self::change(libc::SIG_SETMASK, &signals(&[]))
    }

    /// Closed to all signals.
    pub(crate) fn closed() -> Self {
        let mut all = MaybeUninit::uninit();
        // SAFETY: it initialises the set.
        unsafe { libc::sigfillset(all.as_mut_ptr()) };
        // SAFETY: it is initialised.
        Self::change(libc::SIG_SETMASK, unsafe { all.assume_init_ref() })
    }

    /// Whether this thread's mask is closed to a signal.
    pub(crate) fn is_closed_to(signal: c_int) -> bool {
        let now = Self::with(&[]);
        // SAFETY: the set is initialised.
        unsafe { libc::sigismember(&now.before, signal) == 1 }
    }

    fn change(how: c_int, set: &libc::sigset_t) -> Self {
        let mut before = MaybeUninit::uninit();
        // SAFETY: both sets are ours, and the first is initialised.
        let error = unsafe { libc::pthread_sigmask(how, set, before.as_mut_ptr()) };
        assert_eq!(error, 0, "pthread_sigmask");
        // SAFETY: `pthread_sigmask` has written it.
        Self { before: unsafe { before.assume_init() } }
    }
}

impl Drop for Mask {
    fn drop(&mut self) {
        // SAFETY: the set is initialised, and nobody asks for the old one.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.before, ptr::null_mut()) };
    }
}

// === impl Limit ===

impl Limit {
    pub(crate) fn lower(which: Resource, to: libc::rlim_t) -> Self {
        let mut before = MaybeUninit::uninit();
        // SAFETY: `before` is ours.
        check(unsafe { libc::getrlimit(which, before.as_mut_ptr()) });
        // SAFETY: `getrlimit` has written it.
        let before = unsafe { before.assume_init() };
        let lower = libc::rlimit { rlim_cur: to, ..before };
        // SAFETY: the limit is initialised.
        check(unsafe { libc::setrlimit(which, &lower) });
        Self { which, before }
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        // SAFETY: the limit is initialised.
        unsafe { libc::setrlimit(self.which, &self.before) };
    }
}

// === impl Timer ===

#[cfg(target_os = "linux")]
impl Timer {
    pub(crate) fn of_this_thread() -> Self {
        // SAFETY: all zeroes is a good `sigevent`.
        let mut event: libc::sigevent = unsafe { MaybeUninit::zeroed().assume_init() };
        event.sigev_notify = libc::SIGEV_THREAD_ID;
        event.sigev_signo = libc::SIGALRM;
        // SAFETY: asks for nothing.
        event.sigev_notify_thread_id = unsafe { libc::gettid() };
        let mut timer = MaybeUninit::uninit();
        // SAFETY: the event is initialised, and there is room for the timer.
        check(unsafe { libc::timer_create(libc::CLOCK_MONOTONIC, &mut event, timer.as_mut_ptr()) });
        // SAFETY: `timer_create` has written it.
        Self { timer: unsafe { timer.assume_init() } }
    }

    /// Strikes every so many microseconds; with zero, no more.
    pub(crate) fn strike_every(&self, microseconds: u16) {
        let interval =
            libc::timespec { tv_sec: 0, tv_nsec: libc::c_long::from(microseconds) * 1_000 };
        let timing = libc::itimerspec { it_interval: interval, it_value: interval };
        // SAFETY: the timer is there until `self` is dropped, and nobody asks for the old timing.
        check(unsafe { libc::timer_settime(self.timer, 0, &timing, ptr::null_mut()) });
    }
}

#[cfg(not(target_os = "linux"))]
impl Timer {
    pub(crate) fn of_this_thread() -> Self {
        Self {}
    }

    /// Strikes every so many microseconds; with zero, no more.
    pub(crate) fn strike_every(&self, microseconds: u16) {
        alarm_every(microseconds);
    }
}

#[cfg(target_os = "linux")]
impl Drop for Timer {
    fn drop(&mut self) {
        // SAFETY: it is there, and nobody else names it.
        unsafe { libc::timer_delete(self.timer) };
    }
}
