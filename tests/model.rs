//! Every type beside a plain model of it, step by step through random operations: see
//! [`model`](mod@model) for the way of an operation.
//!
//! `REVEILLE_MODEL_OPERATIONS` says how many operations each test carries out,
//! `REVEILLE_MODEL_SEED` the random seed. What fails is shrunk, and printed as operations.

#![cfg(feature = "std")]

#[path = "model/mod.rs"]
mod model;

use std::any;
use std::env;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use proptest::collection::vec;
use proptest::num::u64::ANY;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use reveille::{AsyncResult, Event, ThreadSafeFlag, ValueEvent};

use model::cast::{Fault, Value};
use model::lockstep::{self, View};
use model::plain;
use model::real::{Calm, ListenerEvent};
use model::subject::Subject;
use model::tally::Tally;

/// How many operations one life of an object has at most.
const LONGEST: usize = 400;

/// How many operations a test carries out, if nobody says.
const OPERATIONS: u64 = if cfg!(miri) {
    150
} else if cfg!(debug_assertions) {
    400_000
} else {
    2_000_000
};

/// From how many operations on a run must have done enough of everything. With fewer, luck decides about the
/// rarest, which is a fiftieth more than enough.
const MANY: u64 = 100_000;

/// How long one life may take before it counts as one that hangs.
const PATIENCE: Duration = Duration::from_secs(if cfg!(miri) { 1_000 } else { 20 });

#[test]
fn event_and_its_links_do_what_the_model_does() {
    explore::<Event, plain::Event>(View::Everything);
}

#[test]
fn flag_does_what_the_model_does() {
    explore::<ThreadSafeFlag, plain::Flag>(View::Everything);
}

#[test]
fn result_its_links_and_what_resolves_it_do_what_the_model_does() {
    explore::<AsyncResult<Value, Fault>, plain::AsyncResult>(View::Everything);
}

#[test]
fn value_event_does_what_the_model_does() {
    explore::<ValueEvent<Value, Fault>, plain::ValueEvent>(View::Everything);
}

/// What one can ask of both is answered the same.
#[test]
fn event_answers_as_one_that_is_built_on_another_list_does() {
    explore::<Calm, ListenerEvent>(View::Answers);
}

/// Where a run is: which words, and which of them.
#[derive(Default)]
struct Progress {
    words: Mutex<Vec<u64>>,
    at: AtomicUsize,
}

fn explore<A: Subject, B: Subject>(view: View) {
    let operations = number("REVEILLE_MODEL_OPERATIONS").unwrap_or(OPERATIONS);
    let random = || RandomState::new().build_hasher().finish();
    let seed = number("REVEILLE_MODEL_SEED").unwrap_or_else(random);
    let name = any::type_name::<A>();
    // Shown if it fails.
    println!("{name}: seed {seed}");
    let progress = Arc::new(Progress::default());
    let (done, ended) = channel();
    let thread = thread::spawn({
        let progress = Arc::clone(&progress);
        move || {
            let run = run::<A, B>(operations, seed, view, &progress);
            let _ = done.send(());
            run
        }
    });
    let mut before = Vec::new();
    while ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
        let words = progress.words.lock().unwrap().clone();
        if words == before {
            // ORDERING: Relaxed. It does not move any more.
            let upto = progress.at.load(Relaxed) + 1;
            let ops: Vec<_> = lockstep::decoded(&words[..upto.min(words.len())], A::PLAN).collect();
            let ops: String = ops.iter().map(|op| format!("\n  {op:?}")).collect();
            panic!("the last of these hangs (seed {seed}):{ops}");
        }
        before = words;
    }
    let tally = thread.join().expect("it says what diverges").unwrap_or_else(|why| panic!("{why}"));
    println!("{name}: {}", tally.histogram(A::PLAN));
    let lacks = tally.lacks(A::PLAN);
    assert!(lacks.is_empty() || tally.operations < MANY, "too little of: {lacks:#?}");
}

/// Lives of random lengths, until these are enough operations; or the shortest that diverges.
fn run<A: Subject, B: Subject>(
    operations: u64,
    seed: u64,
    view: View,
    progress: &Progress,
) -> Result<Tally, String> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let tally = Mutex::new(Tally::default());
    loop {
        let left = operations.saturating_sub(tally.lock().unwrap().operations);
        if left == 0 {
            break;
        }
        // So many that it may do at once.
        let lives = left.div_ceil(LONGEST as u64).try_into().unwrap_or(u32::MAX);
        let config = Config { cases: lives, failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, rng);
        let lived = runner.run(&vec(ANY, 1..=LONGEST), |words| {
            progress.words.lock().unwrap().clone_from(&words);
            let mut tally = tally.lock().unwrap();
            lockstep::run::<A, B>(&words, view, &progress.at, &mut tally)
                .map_err(|divergence| TestCaseError::fail(divergence.to_string()))
        });
        lived.map_err(|error| error.to_string())?;
        rng = runner.new_rng();
    }
    Ok(tally.into_inner().unwrap())
}

fn number(variable: &str) -> Option<u64> {
    let value = env::var(variable).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{variable} is not a number: {value}")))
}
