//! `Event` and its links, beside the model.
#![no_main]

#[path = "../../../tests/model/mod.rs"]
mod model;

use model::lockstep::{View, must_not_diverge};
use model::plain;
use reveille::Event;

libfuzzer_sys::fuzz_target!(|words: Vec<u64>| {
    must_not_diverge::<Event, plain::Event>(&words, View::Everything);
});
