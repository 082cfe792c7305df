//! What a child plays: a flag, those who wait for it, and what must hold when the operation is over.
//!
//! # The ledger
//! A set that finds the flag clear is *given*; a wait that ends with a set has *taken* it, a `clear` that
//! reports true has *cleared* it, and one may be *left*. Nothing is lost or doubled if and only if
//!
//! ```text
//! given = taken + cleared + left
//! ```
//!
//! The handler looks whether the flag is clear before it sets it, and nobody can come between: the thread
//! that it interrupts stands still, and the courier does not touch the flag's word. What an operation
//! sets itself counts as given unless the handler's set came first, or the flag was set before.
//!
//! # No wake-up, no poll
//! A waiter is polled by the operation, and after that only when its waker has been woken. So a set that
//! calls nobody is seen: the flag stays set, and somebody waits.

use std::ffi::c_int;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::mpsc::{Sender, channel};
use std::task::{Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use reveille::ThreadSafeFlag;

use crate::common::{Foreign, Task};
use crate::doors::{self, Wait};

/// The flag of every operation; the handler sets it.
pub(crate) static FLAG: ThreadSafeFlag = ThreadSafeFlag::new();

/// Another flag, for operations in which the handler sets two.
static OTHER: ThreadSafeFlag = ThreadSafeFlag::new();

/// Whether the handler sets that, too.
static SETS_OTHER: AtomicBool = AtomicBool::new(false);

/// How often the handler has run, and how often it found the flag clear.
static HANDLED: AtomicUsize = AtomicUsize::new(0);
static GIVEN_BY_HANDLER: AtomicUsize = AtomicUsize::new(0);

/// After this a wake-up counts as lost. The courier takes microseconds.
const PATIENCE: Duration = Duration::from_secs(5);

/// An operation, what comes before it, and who waits then.
#[derive(Clone, Copy)]
pub(crate) struct Operation {
    /// Its name in messages and reports.
    pub(crate) name: &'static str,
    /// Sets the scene. Nothing of it is stepped.
    pub(crate) before: fn(&mut Scene),
    /// Is stepped from its first instruction to its return.
    pub(crate) act: fn(&mut Scene),
    /// Whether it sets the flag, which is clear.
    pub(crate) is_a_set: bool,
    /// Whether the thread unwinds meanwhile.
    pub(crate) is_in_a_panic: bool,
}

/// The state of a play.
pub(crate) struct Scene {
    /// Those who wait, the first that came first.
    waiters: Vec<Waiter>,
    /// One who waits for the other flag, which the handler then sets as well.
    other: Option<Waiter>,
    /// A flag whose slot somebody may get.
    spare: Option<ThreadSafeFlag>,
    hold: Option<Hold>,
    given: usize,
    taken: usize,
    cleared: usize,
}

/// One who waits, or has waited.
struct Waiter {
    /// Gone once it is cancelled.
    wait: Option<Wait<'static>>,
    task: Arc<Task>,
    waker: Waker,
    /// How many wakes have been answered by a poll.
    answered: usize,
    polls: usize,
    is_done: bool,
}

/// Another waker of a task.
struct Again(Arc<Task>);

/// Keeps the courier in a waker: what is queued stays so until this is dropped.
struct Hold {
    _go_on: Sender<()>,
}

/// The handler under test.
pub(crate) extern "C" fn handle(_: c_int) {
    HANDLED.fetch_add(1, Relaxed);
    if SETS_OTHER.load(Relaxed) {
        doors::set(&OTHER);
    }
    GIVEN_BY_HANDLER.fetch_add(usize::from(!doors::is_set(&FLAG)), Relaxed);
    doors::set(&FLAG);
}

// === impl Scene: before the operation ===

impl Scene {
    pub(crate) fn new() -> Self {
        Self {
            waiters: Vec::with_capacity(8),
            other: None,
            spare: None,
            hold: None,
            given: 0,
            taken: 0,
            cleared: 0,
        }
    }

    /// Brings in one who has yet to poll.
    pub(crate) fn enter(&mut self) {
        self.waiters.push(Waiter::new(doors::wait(&FLAG)));
    }

    /// Brings in a stream that has yet to poll.
    pub(crate) fn open_stream(&mut self) {
        self.waiters.push(Waiter::new(doors::stream(&FLAG)));
    }

    /// Brings in one who is parked.
    pub(crate) fn park(&mut self) {
        self.enter();
        let last = self.waiters.len() - 1;
        self.poll(last);
        assert!(!self.waiters[last].is_done, "before the operation: a wait of a clear flag parks");
    }

    /// Has the flag go through a park and a cancel, so that it has a slot.
    pub(crate) fn move_in(&mut self) {
        self.park();
        self.leave();
    }

    /// Cancels the only wait, without a trace.
    pub(crate) fn leave(&mut self) {
        self.waiters.clear();
    }

    /// Sets the flag, which is clear.
    pub(crate) fn give(&mut self) {
        assert!(!doors::is_set(&FLAG), "before the operation: the flag is clear");
        doors::set(&FLAG);
        self.given += 1;
    }

    /// Brings in one who has taken a set, and could not say so: its waker has panicked.
    pub(crate) fn park_and_take_with_a_panic(&mut self) {
        self.park();
        let panicking = Arc::new(Foreign::default());
        self.waiters[0].waker = panicking.waker();
        self.poll(0);
        *panicking.on_drop.lock().unwrap() = Some(Box::new(|| panic!("a waker's drop")));
        self.hold_courier();
        self.give();
        let poll = panic::catch_unwind(AssertUnwindSafe(|| self.poll(0)));
        assert!(poll.is_err(), "before the operation: the waker panics");
        self.taken += 1;
        self.waiters[0].renew_waker();
    }

    /// Takes the entry of that back: the next poll will make it.
    pub(crate) fn untake(&mut self) {
        self.taken -= 1;
    }

    /// Sets the flag, and waits for the courier to have called the first waiter.
    pub(crate) fn give_and_call(&mut self) {
        self.give();
        let task = Arc::clone(&self.waiters[0].task);
        in_time("before the operation: the courier calls", || task.wakes() == 1);
    }

    /// Keeps the courier from its work.
    pub(crate) fn hold_courier(&mut self) {
        self.hold = Some(Hold::new());
    }

    /// Lets the courier go on.
    pub(crate) fn let_courier_go(&mut self) {
        self.hold = None;
    }

    /// Has the handler set another flag, too, for which somebody waits.
    pub(crate) fn park_other(&mut self) {
        let mut other = Waiter::new(doors::wait(&OTHER));
        assert!(!other.poll(), "before the operation: a wait of a clear flag parks");
        self.other = Some(other);
        SETS_OTHER.store(true, Relaxed);
    }

    /// Makes a flag that has a slot. If the courier is held up, that is left queued.
    pub(crate) fn make_spare(&mut self) {
        let spare = ThreadSafeFlag::new();
        let waker = Waker::from(Task::new());
        let mut wait = doors::wait(&spare);
        assert!(!doors::poll(&mut wait, &waker));
        if self.hold.is_some() {
            spare.set();
        }
        doors::drop_wait(Some(wait));
        self.spare = Some(spare);
    }

    /// Makes a flag that has no slot.
    pub(crate) fn bring_spare(&mut self) {
        self.spare = Some(ThreadSafeFlag::new());
    }

    /// Gives the spare's slot back to the pool.
    pub(crate) fn drop_spare(&mut self) {
        doors::drop_flag(self.spare.take());
    }
}

// === impl Scene: the operation ===

impl Scene {
    pub(crate) fn poll(&mut self, who: usize) {
        self.taken += usize::from(self.waiters[who].poll());
    }

    /// Gives a waiter another waker of its task.
    pub(crate) fn change_waker(&mut self, who: usize) {
        let again = Again(Arc::clone(&self.waiters[who].task));
        self.waiters[who].waker = Waker::from(Arc::new(again));
    }

    pub(crate) fn cancel(&mut self, who: usize) {
        doors::drop_wait(self.waiters[who].wait.take());
    }

    pub(crate) fn clear(&mut self) {
        self.cleared += usize::from(doors::clear(&FLAG));
    }
}

// === impl Scene: after the operation ===

impl Scene {
    /// Tells how often the handler has run.
    ///
    /// # Panics
    /// With what is wrong, if anything is.
    pub(crate) fn check(mut self, operation: &Operation) -> usize {
        let by_handler = GIVEN_BY_HANDLER.load(Relaxed);
        // Its set and the handler's are one, since nobody takes in between.
        self.given += if operation.is_a_set { 1 } else { by_handler };
        self.let_courier_go();
        self.serve();
        let in_the_queue = || self.waiters.iter().filter(|waiter| waiter.wait.is_some());
        assert!(in_the_queue().is_sorted_by_key(|waiter| !waiter.is_done), "one was overtaken");
        let left = usize::from(doors::is_set(&FLAG));
        let Self { given, taken, cleared, .. } = self;
        let account =
            format!("{given} given, {taken} taken, {cleared} cleared, {left} left in the flag");
        assert!(given <= taken + cleared + left, "LOST: {account}");
        assert!(given >= taken + cleared + left, "DOUBLED: {account}");
        self.encore(left);
        let handled = HANDLED.load(Relaxed);
        if let (Some(other), 1..) = (&mut self.other, handled) {
            in_time("LOST: nobody is woken who waits for the other flag", || other.is_called());
            assert!(other.poll(), "LOST: the other flag is not set");
        }
        handled
    }

    /// What is left is there for the next wait, and nothing else is; and then each waiter is served by a
    /// set of its own, in the order in which they came: neither flag nor slot has gone deaf.
    fn encore(&mut self, left: usize) {
        if left > 0 {
            self.enter();
            let last = self.waiters.len() - 1;
            self.poll(last);
            assert!(
                self.waiters[last].is_done,
                "LOST: the set that was left is not for the next wait"
            );
        }
        self.enter();
        let last = self.waiters.len() - 1;
        self.poll(last);
        assert!(!self.waiters[last].is_done, "DOUBLED: a wait of a clear flag is ready");
        for who in 0..self.waiters.len() {
            if !self.waiters[who].is_waiting() {
                continue;
            }
            let before = self.taken;
            doors::set(&FLAG);
            self.serve();
            assert_eq!(self.taken - before, 1, "one set afterwards, and so many waits end");
            assert!(self.waiters[who].is_done, "a waiter was overtaken");
        }
        assert!(!doors::is_set(&FLAG), "DOUBLED: the flag is set when all have been served");
        for Waiter { task, polls, .. } in &self.waiters {
            assert!(task.wakes() <= *polls, "a waker was woken twice");
        }
    }

    /// Polls whoever is woken, until the flag is clear or nobody waits.
    fn serve(&mut self) {
        in_time("LOST: the flag is set, somebody waits, and nobody is woken", || {
            for who in 0..self.waiters.len() {
                if self.waiters[who].is_called() {
                    self.poll(who);
                }
            }
            let somebody_waits = self.waiters.iter().any(Waiter::is_waiting);
            !somebody_waits || !doors::is_set(&FLAG)
        });
    }
}

/// # Panics
/// With `what`, if it does not come to hold.
fn in_time(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "{what}");
        thread::yield_now();
    }
}

// === impl Waiter ===

impl Waiter {
    fn new(wait: Wait<'static>) -> Self {
        let task = Task::new();
        let waker = Waker::from(Arc::clone(&task));
        Self { wait: Some(wait), task, waker, answered: 0, polls: 0, is_done: false }
    }

    fn renew_waker(&mut self) {
        self.waker = Waker::from(Arc::clone(&self.task));
    }

    /// Tells whether it has taken a set.
    fn poll(&mut self) -> bool {
        self.answered = self.task.wakes();
        self.polls += 1;
        self.is_done = self.wait.as_mut().is_some_and(|wait| doors::poll(wait, &self.waker));
        self.is_done
    }

    fn is_waiting(&self) -> bool {
        self.wait.is_some() && !self.is_done
    }

    fn is_called(&self) -> bool {
        self.is_waiting() && self.task.wakes() > self.answered
    }
}

// === impl Again ===

impl Wake for Again {
    fn wake(self: Arc<Self>) {
        Waker::from(Arc::clone(&self.0)).wake();
    }
}

// === impl Hold ===

impl Hold {
    fn new() -> Self {
        static HELD: ThreadSafeFlag = ThreadSafeFlag::new();

        let (come, came) = channel();
        let (go_on, gone) = channel::<()>();
        let foreign = Arc::new(Foreign::default());
        *foreign.on_wake.lock().unwrap() = Some(Box::new(move || {
            let _ = come.send(());
            // Until the other end is dropped.
            let _ = gone.recv();
        }));
        let mut wait = doors::wait(&HELD);
        assert!(!doors::poll(&mut wait, &foreign.waker()));
        HELD.set();
        assert!(came.recv_timeout(PATIENCE).is_ok(), "before the operation: the courier comes");
        assert!(doors::poll(&mut wait, Waker::noop()));
        doors::drop_wait(Some(wait));
        Self { _go_on: go_on }
    }
}
