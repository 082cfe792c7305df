//! A child under ptrace: plays an operation, is stepped through it, and gets its signal on the way.
//!
//! ```text
//! tracer                                   child, a fork of this process
//! fork ──────────────────────────────────► start the courier, set the scene
//!                                          PTRACE_TRACEME, int3
//! step to the first instruction of `act` ◄─┘
//! step, step, …: instruction 0, 1, 2, …    one thread; the courier is not traced
//! PTRACE_CONT or PTRACE_SINGLESTEP, with
//!   SIGUSR1 ─────────────────────────────► handler, and the rest of the operation
//!                                          check; _exit
//! read what it said ◄──────────────────────┘
//! ```
//!
//! A child of `fork` has our addresses, so the tracer knows where `act` is, and a place means the same
//! in all children. The operation is over where `act` returns to.
//!
//! # Nothing hangs
//! Each child has set itself an alarm. The signal stops it, which is how the tracer hears of it; the
//! tracer names the point, and kills the child.

use std::arch::asm;
use std::ffi::{c_int, c_void};
use std::hint::black_box;
use std::io::{self, Read, Write};
use std::mem::MaybeUninit;
use std::os::unix::net::UnixStream;
use std::panic::{self, AssertUnwindSafe};
use std::ptr;

use crate::scene::{self, Operation, Scene};
use crate::system;

/// How a child goes on after its signal. The courier comes late, or early.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Pace {
    /// Freely.
    Running,
    /// Step by step to the end of the operation.
    Stepping,
}

/// Where and how a child gets its signal.
#[derive(Clone, Copy)]
pub(crate) struct Signal {
    /// Before this instruction of the operation, counted from zero.
    pub(crate) point: usize,
    pub(crate) pace: Pace,
}

/// What became of a child.
pub(crate) struct Played {
    /// How many instructions of the operation were stepped.
    pub(crate) steps: usize,
    /// Where the signal was sent; an operation may end before its point.
    pub(crate) signalled_at: Option<u64>,
    /// What is wrong, if anything is.
    pub(crate) verdict: Result<(), String>,
}

/// A child that is stopped, or running. Killed and reaped when dropped.
struct Child {
    pid: libc::pid_t,
    ended: bool,
    said: UnixStream,
}

/// How a child has stopped.
enum Stop {
    /// By a signal.
    Signal(c_int),
    Exit(c_int),
    Death(c_int),
}

/// How long a child may take, in seconds. It takes milliseconds.
const LIMIT: libc::c_uint = 10;

/// How a child exits that has found something wrong.
const FAILED: c_int = 101;

/// No operation is that long: the tracer has missed its end.
const LONGEST: usize = 200_000;

/// Has a child play an operation, with a signal or without.
pub(crate) fn play(operation: &Operation, signal: Option<Signal>) -> Played {
    let mut played = Played { steps: 0, signalled_at: None, verdict: Ok(()) };
    let handled = Child::fork(operation).trace(operation, signal, &mut played);
    played.verdict = match (handled, played.signalled_at) {
        (Ok(0), None) | (Ok(1), Some(_)) => Ok(()),
        (Ok(handled), _) => Err(format!("the handler has run {handled} times")),
        (Err(what), _) => Err(what),
    };
    played
}

// === the child ===

/// Plays in the child, and does not come back. The exit status is the number of signals handled, or
/// [`FAILED`].
fn perform(operation: &Operation, mut say: UnixStream) -> ! {
    // Whoever held the lock of the streams at the fork is not here to release it.
    panic::set_hook(Box::new(|_| {}));
    // SAFETY: asks for nothing.
    unsafe { libc::alarm(LIMIT) };
    let played = panic::catch_unwind(AssertUnwindSafe(|| {
        reveille::Courier::start().unwrap();
        system::install(libc::SIGUSR1, scene::handle);
        let mut scene = Scene::new();
        (operation.before)(&mut scene);
        let mut act = || {
            submit();
            black_box(operation.act)(&mut scene);
        };
        if operation.is_in_a_panic {
            in_a_panic(act)
        } else {
            act()
        }
        scene.check(operation)
    }));
    let status = played.map_or_else(
        |payload| {
            let text = payload.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
            let _ = say.write_all(text.unwrap_or("a panic without words").as_bytes());
            FAILED
        },
        |handled| handled as c_int,
    );
    // SAFETY: asks for nothing.
    unsafe { libc::_exit(status) }
}

/// Runs `act` in a thread that unwinds.
fn in_a_panic(act: impl FnOnce()) {
    struct OnDrop<F: FnOnce()>(Option<F>);

    impl<F: FnOnce()> Drop for OnDrop<F> {
        fn drop(&mut self) {
            if let Some(act) = self.0.take() {
                act();
            }
        }
    }

    let unwound = panic::catch_unwind(AssertUnwindSafe(|| {
        let _on_drop = OnDrop(Some(act));
        panic!("on purpose");
    }));
    assert!(unwound.is_err());
}

/// Becomes our parent's tracee, and stops.
#[inline(always)]
fn submit() {
    // SAFETY: this request takes no pointers.
    let result = unsafe { libc::ptrace(libc::PTRACE_TRACEME) };
    assert_ne!(result, -1, "ptrace: {}", io::Error::last_os_error());
    // SAFETY: it stops the thread, and the tracer continues it.
    unsafe { asm!("int3") };
}

// === impl Child ===

impl Child {
    fn fork(operation: &Operation) -> Self {
        let (said, say) = UnixStream::pair().unwrap();
        // SAFETY: the child ends by `_exit`, and uses nothing that another thread may have locked: the
        // C library sees to the heap, and all else is its own.
        match unsafe { libc::fork() } {
            -1 => panic!("fork: {}", io::Error::last_os_error()),
            0 => perform(operation, say),
            pid => Self { pid, ended: false, said },
        }
    }

    fn trace(
        &mut self,
        operation: &Operation,
        signal: Option<Signal>,
        played: &mut Played,
    ) -> Result<c_int, String> {
        self.expect_trap("before the operation")?;
        // A test that dies takes its children along.
        self.request(libc::PTRACE_SETOPTIONS, libc::PTRACE_O_EXITKILL);
        let begin = operation.act as usize as u64;
        for _ in 0..LONGEST {
            if self.registers().rip == begin {
                break;
            }
            self.step(0, "before the operation")?;
        }
        let back = self.peek(self.registers().rsp);
        loop {
            let at = self.registers().rip;
            if at == back {
                break;
            }
            assert!(played.steps < LONGEST, "{}: the operation does not end", operation.name);
            match signal {
                Some(signal) if signal.point == played.steps => {
                    played.signalled_at = Some(at);
                    if signal.pace == Pace::Running {
                        return self.run(libc::SIGUSR1);
                    }
                    played.steps += 1;
                    self.step(libc::SIGUSR1, "after the signal")?;
                }
                _ => {
                    played.steps += 1;
                    self.step(0, "in the operation")?;
                }
            }
        }
        self.run(0)
    }

    /// One instruction, or with a signal the way into its handler.
    fn step(&mut self, signal: c_int, when: &str) -> Result<(), String> {
        self.request(libc::PTRACE_SINGLESTEP, signal);
        self.expect_trap(when)
    }

    /// To the end; how often the handler has run.
    fn run(&mut self, signal: c_int) -> Result<c_int, String> {
        self.request(libc::PTRACE_CONT, signal);
        match self.wait() {
            Stop::Exit(handled) if handled < FAILED => Ok(handled),
            stop => Err(self.explain(stop, "when it ran on")),
        }
    }

    fn expect_trap(&mut self, when: &str) -> Result<(), String> {
        match self.wait() {
            Stop::Signal(libc::SIGTRAP) => Ok(()),
            stop => Err(self.explain(stop, when)),
        }
    }

    fn explain(&mut self, stop: Stop, when: &str) -> String {
        match stop {
            Stop::Signal(libc::SIGALRM) => {
                let at = self.registers().rip;
                format!("DEADLOCKED: {when} it hangs at {}", crate::place::Place(at))
            }
            Stop::Signal(signal) => {
                let at = self.registers().rip;
                format!("{when} signal {signal} at {}", crate::place::Place(at))
            }
            Stop::Death(signal) => format!("{when} it died of signal {signal}"),
            Stop::Exit(status) => {
                // It is all there; but another child may have the other end, so there may be no end.
                let mut text = [0; 1024];
                let read = self.said.set_nonblocking(true).and_then(|()| self.said.read(&mut text));
                let text = String::from_utf8_lossy(&text[..read.unwrap_or(0)]);
                if text.is_empty() { format!("{when} it exited: {status}") } else { text.into() }
            }
        }
    }

    fn wait(&mut self) -> Stop {
        let mut status = 0;
        // SAFETY: `status` is ours.
        while unsafe { libc::waitpid(self.pid, &mut status, 0) } != self.pid {
            assert_eq!(io::Error::last_os_error().kind(), io::ErrorKind::Interrupted, "waitpid");
        }
        if libc::WIFSTOPPED(status) {
            return Stop::Signal(libc::WSTOPSIG(status));
        }
        self.ended = true;
        if libc::WIFEXITED(status) {
            Stop::Exit(libc::WEXITSTATUS(status))
        } else {
            Stop::Death(libc::WTERMSIG(status))
        }
    }

    fn registers(&self) -> libc::user_regs_struct {
        let mut registers = MaybeUninit::<libc::user_regs_struct>::uninit();
        let to = registers.as_mut_ptr();
        // SAFETY: the request writes as much as there is.
        let result =
            unsafe { libc::ptrace(libc::PTRACE_GETREGS, self.pid, ptr::null_mut::<c_void>(), to) };
        assert_ne!(result, -1, "PTRACE_GETREGS: {}", io::Error::last_os_error());
        // SAFETY: they were written.
        unsafe { registers.assume_init() }
    }

    /// A word of the child's memory.
    fn peek(&self, address: u64) -> u64 {
        let address = address as usize as *mut c_void;
        // SAFETY: it reads the child's memory. The C library returns the word.
        let word = unsafe {
            libc::ptrace(libc::PTRACE_PEEKDATA, self.pid, address, ptr::null_mut::<c_void>())
        };
        word as u64
    }

    fn request(&self, request: libc::c_uint, data: c_int) {
        let data = data as usize as *mut c_void;
        // SAFETY: these requests take a number for data, and no address.
        let result = unsafe { libc::ptrace(request, self.pid, ptr::null_mut::<c_void>(), data) };
        assert_ne!(result, -1, "ptrace({request}): {}", io::Error::last_os_error());
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if !self.ended {
            // SAFETY: it is our child, and not reaped yet.
            unsafe { libc::kill(self.pid, libc::SIGKILL) };
            while !matches!(self.wait(), Stop::Exit(_) | Stop::Death(_)) {}
        }
    }
}
