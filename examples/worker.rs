//! Threads make jobs, tasks of two executors do them. Every job is done, and done once.
//!
//! `cargo run --example worker`

use std::collections::VecDeque;
use std::sync::Mutex;
use std::thread;

use reveille::Event;
use smol::future;

const PRODUCERS: u32 = 4;
const JOBS_EACH: u32 = 2_500;

static JOBS: Mutex<VecDeque<u32>> = Mutex::new(VecDeque::new());

/// Set when there may be something in `JOBS`.
static WORK: Event = Event::new();

/// Set when nobody will add to `JOBS` any more.
static CLOSING: Event = Event::new();

fn produce(first: u32) {
    for job in first..first + JOBS_EACH {
        JOBS.lock().unwrap().push_back(job);
        WORK.set();
    }
}

/// Does jobs until closing time, and returns those it did.
///
/// Clear first, drain then: a job that comes after the `clear` sets `WORK` anew. The workers share
/// `WORK`, and none leaves the others a job that they cannot see: one `set` wakes them all, and
/// whoever takes it back by `clear` goes on to drain all that was there before.
async fn work() -> Vec<u32> {
    let mut done = Vec::new();
    loop {
        future::or(WORK.wait(), CLOSING.wait()).await;
        WORK.clear();
        // Looked at before the drain: if it says that no job will follow, this drain is the last.
        let closing = CLOSING.is_set();
        while let Some(job) = next_job() {
            done.push(job);
            future::yield_now().await;
        }
        if closing {
            return done;
        }
    }
}

fn next_job() -> Option<u32> {
    JOBS.lock().unwrap().pop_front()
}

fn main() {
    let tokio = tokio::runtime::Runtime::new().unwrap();
    let first = tokio.spawn(work());
    let second = tokio.spawn(work());
    let third = smol::spawn(work());

    thread::scope(|threads| {
        for producer in 0..PRODUCERS {
            threads.spawn(move || produce(producer * JOBS_EACH));
        }
    });
    CLOSING.set();

    let first = tokio.block_on(first).unwrap();
    let second = tokio.block_on(second).unwrap();
    let third = smol::block_on(third);
    println!("first tokio task:  {:>5} jobs", first.len());
    println!("second tokio task: {:>5} jobs", second.len());
    println!("smol task:         {:>5} jobs", third.len());

    let mut done = [first, second, third].concat();
    done.sort_unstable();
    assert!(done.into_iter().eq(0..PRODUCERS * JOBS_EACH), "a job was lost, or done twice");
    println!("every job was done once");
}
