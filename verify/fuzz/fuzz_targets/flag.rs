//! `ThreadSafeFlag`, beside the model.
#![no_main]

#[path = "../../../tests/model/mod.rs"]
mod model;

use model::lockstep::{View, must_not_diverge};
use model::plain;
use reveille::ThreadSafeFlag;

libfuzzer_sys::fuzz_target!(|words: Vec<u64>| {
    must_not_diverge::<ThreadSafeFlag, plain::Flag>(&words, View::Everything);
});
