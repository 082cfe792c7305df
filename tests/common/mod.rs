//! What the tests share: wakers that count or do as they are told, and a bound on waiting.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use reveille::{Event, EventWait};

/// How long anything here may take before it counts as lost. Miri and valgrind are slow, and so are wine
/// and qemu, as which Windows and aarch64 are met. (A mutant has 120 s.)
pub(crate) const PATIENCE: Duration = Duration::from_secs(match () {
    () if cfg!(miri) => 300,
    () if cfg!(any(windows, target_arch = "aarch64")) => 100,
    () => 20,
});

/// As many waiters as a `set` takes at a time, and some more.
pub(crate) const MORE_THAN_A_BATCH: usize = if cfg!(miri) { 40 } else { 150 };

/// A waker that counts its wakes; its clones are counted by the `Arc`.
#[derive(Default)]
pub(crate) struct Task {
    wakes: AtomicUsize,
}

impl Task {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn wakes(&self) -> usize {
        self.wakes.load(SeqCst)
    }

    /// How many wakers somebody else holds.
    pub(crate) fn live(self: &Arc<Self>) -> usize {
        Arc::strong_count(self) - 1
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.wakes.fetch_add(1, SeqCst);
    }
}

pub(crate) fn poll<F: Future + ?Sized>(future: Pin<&mut F>, task: &Arc<Task>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(&Waker::from(Arc::clone(task))))
}

/// Parks a new wait, of whatever handle: polls it for `task`, which finds it pending.
pub(crate) fn parked<F: Future>(wait: F, task: &Arc<Task>) -> Pin<Box<F>> {
    let mut wait = Box::pin(wait);
    assert!(poll(wait.as_mut(), task).is_pending(), "a new wait of an unset object parks");
    wait
}

/// Parks a new wait, which alone holds a waker of `foreign`.
pub(crate) fn parked_foreign<F: Future>(wait: F, foreign: &Arc<Foreign>) -> Pin<Box<F>> {
    let mut wait = Box::pin(wait);
    let waker = foreign.waker();
    assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    wait
}

/// Parks a new wait of `event` for `task`.
pub(crate) fn park<'a>(event: &'a Event, task: &Arc<Task>) -> Pin<Box<EventWait<&'a Event>>> {
    parked(event.wait(), task)
}

/// The message of the panic of `act`.
pub(crate) fn panic_message<R>(act: impl FnOnce() -> R) -> String {
    let payload = catch_unwind(AssertUnwindSafe(act)).err().expect("it panics");
    match payload.downcast::<String>() {
        Ok(message) => *message,
        Err(payload) => (*payload.downcast::<&str>().expect("a message")).to_owned(),
    }
}

/// A waker made of three callbacks, for what foreign code may do.
#[derive(Default)]
pub(crate) struct Foreign {
    pub(crate) on_wake: Hook,
    pub(crate) on_clone: Hook,
    pub(crate) on_drop: Hook,
}

/// What a [`Foreign`] waker does at one of its occasions; it is taken out and run once.
pub(crate) type Hook = Mutex<Option<Box<dyn FnOnce() + Send>>>;

impl Foreign {
    pub(crate) fn waker(self: &Arc<Self>) -> Waker {
        // SAFETY: the vtable takes the pointer for what it is here: an `Arc<Foreign>`, whose
        // count the waker holds one of.
        unsafe { Waker::from_raw(foreign_raw(Arc::clone(self))) }
    }
}

fn run(hook: &Hook) {
    let callback = hook.lock().unwrap().take();
    if let Some(callback) = callback {
        callback();
    }
}

fn foreign_raw(foreign: Arc<Foreign>) -> RawWaker {
    static VTABLE: RawWakerVTable = RawWakerVTable::new(
        |data| {
            // SAFETY: the waker that is cloned holds a count of this `Arc<Foreign>`.
            let foreign = unsafe { &*data.cast::<Foreign>() };
            run(&foreign.on_clone);
            // SAFETY: as above; this is the count of the new waker.
            unsafe { Arc::increment_strong_count(data.cast::<Foreign>()) };
            RawWaker::new(data, &VTABLE)
        },
        |data| {
            // SAFETY: `wake` consumes the waker, and so its count.
            let foreign = unsafe { Arc::from_raw(data.cast::<Foreign>()) };
            run(&foreign.on_wake);
        },
        |data| {
            // SAFETY: the waker holds a count of this `Arc<Foreign>`.
            let foreign = unsafe { &*data.cast::<Foreign>() };
            run(&foreign.on_wake);
        },
        |data| {
            // SAFETY: `drop` consumes the waker, and so its count.
            let foreign = unsafe { Arc::from_raw(data.cast::<Foreign>()) };
            run(&foreign.on_drop);
        },
    );
    RawWaker::new(Arc::into_raw(foreign).cast(), &VTABLE)
}

/// Runs `test` on a thread of its own; says `what` hangs if it does.
pub(crate) fn in_time(what: &str, test: impl FnOnce() + Send + 'static) {
    let (done, finished) = mpsc::channel();
    let thread = thread::spawn(move || {
        test();
        let _ = done.send(());
    });
    match finished.recv_timeout(PATIENCE) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("{what}: hangs after {PATIENCE:?}"),
        // Ended, or panicked: the join tells.
        _ => {
            if let Err(payload) = thread.join() {
                std::panic::resume_unwind(payload);
            }
        }
    }
}

/// Forgets it, as `mem::forget` does. A static knows where it is: those who look for leaks see that it is
/// meant.
pub(crate) fn leak<T>(thing: T) {
    static LEAKED: Mutex<Vec<AtomicPtr<()>>> = Mutex::new(Vec::new());
    let place = ptr::from_mut(Box::leak(Box::new(thing)));
    LEAKED.lock().unwrap().push(AtomicPtr::new(place.cast()));
}

/// Waits until `what` holds, and says so if it does not come to.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "{what}: not after {PATIENCE:?}");
        thread::yield_now();
    }
}

/// Waits until someone is parked on `event`, which tells it in its `Debug` form.
pub(crate) fn until_parked(event: &Event) {
    until("someone parks", || has_waiters(event));
}

pub(crate) fn has_waiters(event: &Event) -> bool {
    format!("{event:?}").contains("has_waiters: true")
}

/// How many threads of this process have the name of the courier, of which the system keeps 15 characters.
///
/// The most of some looks: while threads end, a look at the list may leave out one that lives.
#[cfg(target_os = "linux")]
pub(crate) fn couriers() -> usize {
    let look = |_| {
        let threads = std::fs::read_dir("/proc/self/task").unwrap();
        let names = threads
            .filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("comm")).ok());
        names.filter(|name| name.trim_end() == "reveille-courie").count()
    };
    (0..10).map(look).max().unwrap_or(0)
}

/// One thread blocks on a flag, another one sets it.
#[cfg(feature = "std")]
pub(crate) fn set_and_see_it(flag: &reveille::ThreadSafeFlag) {
    thread::scope(|threads| {
        threads.spawn(|| {
            until("someone parks", || format!("{flag:?}").contains("has_waiters: true"));
            flag.set();
        });
        flag.wait_blocking();
    });
}
