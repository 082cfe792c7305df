//! The futures and streams of the crate in the combinators that programs use: each macro, timeout,
//! race and adapter does with them what it does with its own.
//!
//! Nobody sleeps: time is paused, or a timer is the one that loses. A test that hangs is named by
//! its [`Watch`], which ends the process.

use futures::stream::FuturesUnordered;
use futures_concurrency::future::{Join as _, Race as _};
use futures_concurrency::stream::Merge as _;
use pin_project_lite::pin_project;
use reveille::{AsyncResult, Event, EventWait, FlagWait, ThreadSafeFlag, ValueEvent};
use std::{
    io::{self, Write as _},
    pin::{Pin, pin},
    process,
    sync::{Arc, mpsc},
    task::{Context, Poll},
    thread,
    time::Duration,
};

/// Longer than any test takes: a test that takes longer has lost a wake-up.
const LONG: Duration = Duration::from_secs(60);

/// Ends the process with the name of the test if it is not dropped in time.
struct Watch {
    _over: mpsc::Sender<()>,
}

impl Watch {
    fn begin() -> Self {
        let test = thread::current().name().unwrap_or_default().to_owned();
        let (over, ended) = mpsc::channel::<()>();
        thread::spawn(move || {
            if let Err(mpsc::RecvTimeoutError::Timeout) = ended.recv_timeout(LONG) {
                // Not by `eprintln!`, which the harness would capture.
                _ = writeln!(io::stderr(), "{test}: hangs after {LONG:?}");
                process::abort();
            }
        });
        Self { _over: over }
    }
}

// === tokio ===

#[tokio::test]
async fn tokio_select_takes_the_branch_that_is_set() {
    let _watch = Watch::begin();
    let (event, flag, result) =
        (Event::new(), ThreadSafeFlag::new(), AsyncResult::<u32, ()>::new());
    let value = ValueEvent::<u32, ()>::new();
    let mut seen = Vec::new();
    for round in 0..4 {
        match round {
            0 => event.set(),
            1 => flag.set(),
            2 => _ = result.set(7),
            _ => _ = value.send(8),
        }
        tokio::select! {
            () = event.wait() => seen.push(0),
            () = flag.wait() => seen.push(1),
            outcome = result.wait(), if round < 3 => {
                assert_eq!(outcome, Ok(&7));
                seen.push(2);
            }
            Ok(8) = value.wait() => seen.push(3),
        }
        event.clear();
    }
    assert_eq!(seen, [0, 1, 2, 3]);
}

#[tokio::test]
async fn wait_that_is_held_across_turns_of_tokio_select_keeps_its_release() {
    let _watch = Watch::begin();
    let (event, other) = (Event::new(), ThreadSafeFlag::new());
    let mut held = pin!(event.wait());
    let mut turns = 0;
    loop {
        other.set();
        tokio::select! {
            biased;
            () = &mut held => break,
            () = other.wait() => {
                turns += 1;
                event.pulse();
            }
        }
    }
    assert_eq!(turns, 1);
}

#[tokio::test]
async fn flag_that_loses_in_tokio_select_keeps_its_set() {
    let _watch = Watch::begin();
    let (event, flag) = (Event::new(), ThreadSafeFlag::new());
    event.set();
    flag.set();
    for _ in 0..10 {
        tokio::select! {
            biased;
            () = event.wait() => {}
            () = flag.wait() => unreachable!("the other branch is first"),
        }
    }
    assert!(flag.is_set());
}

#[tokio::test(start_paused = true)]
async fn tokio_timeout_ends_a_wait_of_each_type_and_loses_nothing() {
    let _watch = Watch::begin();
    let (event, flag, result) =
        (Event::new(), ThreadSafeFlag::new(), AsyncResult::<u32, ()>::new());
    let value = ValueEvent::<u32, ()>::new();
    let timeout = |wait| tokio::time::timeout(LONG, wait);
    assert!(timeout(either(event.wait())).await.is_err());
    assert!(timeout(either(flag.wait())).await.is_err());
    assert!(timeout(either(result.wait())).await.is_err());
    assert!(timeout(either(value.wait())).await.is_err());

    event.set();
    flag.set();
    result.set(1).unwrap();
    value.send(1).unwrap();
    assert!(timeout(either(event.wait())).await.is_ok());
    assert!(timeout(either(flag.wait())).await.is_ok());
    assert!(timeout(either(result.wait())).await.is_ok());
    assert!(timeout(either(value.wait())).await.is_ok());
    assert!(!flag.is_set());
}

/// So that one closure takes waits of every type.
fn either<'a>(wait: impl Future + 'a) -> Pin<Box<dyn Future<Output = ()> + 'a>> {
    Box::pin(async { _ = wait.await })
}

#[tokio::test]
async fn tokio_tasks_own_their_waits() {
    let _watch = Watch::begin();
    let event = Arc::new(Event::new());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..10 {
        tasks.spawn(event.clone().wait_owned());
    }
    event.set();
    assert_eq!(tasks.join_all().await.len(), 10);
}

#[tokio::test(start_paused = true)]
async fn tokio_stream_adapters_take_the_stream_of_a_flag() {
    let _watch = Watch::begin();
    use tokio_stream::StreamExt as _;

    let flag = ThreadSafeFlag::new();
    let mut numbered = pin!(flag.stream().map(|()| 1).timeout(LONG));
    flag.set();
    assert_eq!(numbered.next().await.map(Result::ok), Some(Some(1)));
    assert!(numbered.next().await.unwrap().is_err(), "no set, so the time runs out");
    flag.set();
    assert_eq!(numbered.next().await.map(Result::ok), Some(Some(1)));

    let (first, second) = (ThreadSafeFlag::new(), ThreadSafeFlag::new());
    let mut both = pin!(first.stream().map(|()| 1).merge(second.stream().map(|()| 2)));
    second.set();
    assert_eq!(both.next().await, Some(2));
    first.set();
    assert_eq!(both.next().await, Some(1));
}

// === futures ===

#[test]
fn futures_select_takes_waits_as_they_are_since_they_are_fused() {
    let _watch = Watch::begin();
    let (event, flag) = (Event::new(), ThreadSafeFlag::new());
    pollster::block_on(async {
        let (mut set, mut taken) = (pin!(event.wait()), pin!(flag.wait()));
        let mut seen = Vec::new();
        flag.set();
        loop {
            futures::select! {
                () = set => seen.push("event"),
                () = taken => {
                    seen.push("flag");
                    event.set();
                }
                complete => break,
            }
        }
        assert_eq!(seen, ["flag", "event"]);
    });
}

#[test]
fn futures_select_takes_the_next_item_of_a_stream() {
    let _watch = Watch::begin();
    use futures::StreamExt as _;

    let (flag, over) = (ThreadSafeFlag::new(), Event::new());
    pollster::block_on(async {
        let (mut sets, mut over_wait) = (pin!(flag.stream()), pin!(over.wait()));
        let mut count = 0;
        flag.set();
        loop {
            futures::select! {
                () = sets.select_next_some() => {
                    count += 1;
                    if count < 3 { flag.set() } else { over.set() }
                }
                () = over_wait => break,
            }
        }
        assert_eq!(count, 3);
    });
}

#[test]
fn futures_stream_ext_adapts_the_stream_of_a_flag() {
    let _watch = Watch::begin();
    use futures::StreamExt as _;

    let flag = ThreadSafeFlag::new();
    let sets = flag.stream().enumerate().map(|(number, ())| number).take(3);
    let numbers = sets.inspect(|_| flag.set()).collect::<Vec<_>>();
    flag.set();
    assert_eq!(pollster::block_on(numbers), [0, 1, 2]);
}

#[test]
fn futures_join_and_unordered_hold_many_waits() {
    let _watch = Watch::begin();
    use futures::StreamExt as _;

    let event = Event::new();
    let mut waits: FuturesUnordered<_> = (0..10).map(|_| event.wait()).collect();
    let joined = futures::future::join_all((0..10).map(|_| event.wait()));
    pollster::block_on(async {
        assert!(futures::poll!(waits.next()).is_pending());
        event.pulse();
        joined.await;
        for _ in 0..10 {
            assert_eq!(waits.next().await, Some(()));
        }
        assert_eq!(waits.next().await, None);
    });
}

#[test]
fn shared_result_needs_no_shared_future() {
    let _watch = Watch::begin();
    use futures::FutureExt as _;

    let result = Arc::new(AsyncResult::<String, ()>::new());
    let shared = result.clone().wait_owned().shared();
    result.set("one".to_owned()).unwrap();
    let outcome = pollster::block_on(shared);
    assert!(std::ptr::eq(outcome.as_ref().unwrap(), result.ok().unwrap()), "no copy was made");
}

// === futures-lite and smol ===

#[test]
fn futures_lite_or_and_race_end_with_the_one_that_is_set() {
    let _watch = Watch::begin();
    let (first, second) = (Event::new(), Event::new());
    second.set();
    let by_name = |event, name| {
        let wait = Event::wait(event);
        async move {
            wait.await;
            name
        }
    };
    for _ in 0..10 {
        let (one, two) = (by_name(&first, 1), by_name(&second, 2));
        assert_eq!(pollster::block_on(futures_lite::future::or(one, two)), 2);
        let (one, two) = (by_name(&first, 1), by_name(&second, 2));
        assert_eq!(pollster::block_on(futures_lite::future::race(one, two)), 2);
    }
    let wait = first.wait();
    first.pulse();
    pollster::block_on(futures_lite::future::zip(wait, second.wait()));
}

#[test]
fn futures_lite_stream_ext_adapts_the_stream_of_a_flag() {
    let _watch = Watch::begin();
    use futures_lite::StreamExt as _;

    let flag = ThreadSafeFlag::new();
    let sets = flag.stream().take(3).inspect(|()| flag.set());
    flag.set();
    assert_eq!(pollster::block_on(sets.count()), 3);
}

#[test]
fn smol_timer_is_a_timeout() {
    let _watch = Watch::begin();
    async fn in_time(wait: impl Future, limit: Duration) -> bool {
        let timer = async {
            smol::Timer::after(limit).await;
            false
        };
        let waited = async {
            wait.await;
            true
        };
        smol::future::or(waited, timer).await
    }

    let (event, flag) = (Event::new(), ThreadSafeFlag::new());
    smol::block_on(async {
        assert!(!in_time(event.wait(), Duration::from_millis(1)).await);
        assert!(!in_time(flag.wait(), Duration::from_millis(1)).await);
        event.set();
        flag.set();
        assert!(in_time(event.wait(), LONG).await);
        assert!(in_time(flag.wait(), LONG).await);
    });
}

// === futures-concurrency ===

#[test]
fn futures_concurrency_races_and_joins_waits() {
    let _watch = Watch::begin();
    let (first, second) = (Event::new(), Event::new());
    let result = AsyncResult::<u32, ()>::new();
    pollster::block_on(async {
        second.set();
        (first.wait(), second.wait()).race().await;
        [first.wait(), second.wait()].race().await;

        let (waits, wait) = ([first.wait(), second.wait()], result.wait());
        first.pulse();
        result.set(3).unwrap();
        let (_, three) = (waits.join(), wait).join().await;
        assert_eq!(three, Ok(&3));
    });
}

#[test]
fn futures_concurrency_merges_streams_of_flags() {
    let _watch = Watch::begin();
    use futures::StreamExt as _;

    let flags = [(); 3].map(|()| ThreadSafeFlag::new());
    let [first, second, third] = &flags;
    flags.iter().for_each(ThreadSafeFlag::set);
    let merged = (first.stream(), second.stream(), third.stream()).merge();
    assert_eq!(pollster::block_on(merged.take(3).count()), 3);
    assert!(flags.iter().all(|flag| !flag.is_set()));
}

// === where they stand ===

#[test]
fn statics_serve_tasks_of_two_executors() {
    let _watch = Watch::begin();
    static EVENT: Event = Event::new();
    static RESULT: AsyncResult<u32, ()> = AsyncResult::new();
    static VALUE: ValueEvent<u32, ()> = ValueEvent::new();
    static FLAG: ThreadSafeFlag = ThreadSafeFlag::new();

    let task = || async {
        EVENT.wait().await;
        (RESULT.wait().await.copied(), VALUE.wait().await)
    };
    let tokio = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let (first, second) = (tokio.spawn(task()), smol::spawn(task()));
    let taker = smol::spawn(FLAG.wait());
    EVENT.set();
    RESULT.set(1).unwrap();
    VALUE.send(2).unwrap();
    FLAG.set();
    assert_eq!(tokio.block_on(first).unwrap(), (Ok(1), Ok(2)));
    assert_eq!(smol::block_on(second), (Ok(1), Ok(2)));
    smol::block_on(taker);
}

pin_project! {
    /// A future of a user's, with one of ours in it: counts the sets that it takes.
    struct Takes<'a> {
        flag: &'a ThreadSafeFlag,
        #[pin]
        wait: FlagWait<&'a ThreadSafeFlag>,
        left: usize,
    }
}

impl Future for Takes<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        while *this.left > 0 {
            std::task::ready!(this.wait.as_mut().poll(cx));
            // A wait that is over makes room for the next, in place.
            this.wait.set(this.flag.wait());
            *this.left -= 1;
        }
        Poll::Ready(())
    }
}

pin_project! {
    /// One that owns what it waits for.
    struct Guarded<F> {
        #[pin]
        work: F,
        #[pin]
        stop: EventWait<Arc<Event>>,
    }
}

impl<F: Future> Future for Guarded<F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        match this.work.poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => this.stop.poll(cx).map(|()| None),
        }
    }
}

#[test]
fn wait_in_a_struct_by_pin_project_lite_is_replaced_in_place() {
    let _watch = Watch::begin();
    static FLAG: ThreadSafeFlag = ThreadSafeFlag::new();
    let takes = smol::spawn(Takes { flag: &FLAG, wait: FLAG.wait(), left: 100 });
    for _ in 0..100 {
        // A set that the task has not taken yet would swallow the next.
        while FLAG.is_set() {
            std::thread::yield_now();
        }
        FLAG.set();
    }
    smol::block_on(takes);
    assert!(!FLAG.is_set());
}

#[test]
fn owned_wait_in_a_generic_struct_stops_what_is_beside_it() {
    let _watch = Watch::begin();
    let stop = Arc::new(Event::new());
    let guarded = |stop: &Arc<Event>| Guarded {
        work: std::future::pending::<()>(),
        stop: stop.clone().wait_owned(),
    };
    let task = smol::spawn(guarded(&stop));
    stop.set();
    assert_eq!(smol::block_on(task), None);

    let done = Guarded { work: std::future::ready(7), stop: stop.clone().wait_owned() };
    assert_eq!(pollster::block_on(done), Some(7));
}
