//! `Event`, beside one that is built on `event-listener`.
#![no_main]

#[path = "../../../tests/model/mod.rs"]
mod model;

use model::lockstep::{View, must_not_diverge};
use model::real::{Calm, ListenerEvent};

libfuzzer_sys::fuzz_target!(|words: Vec<u64>| {
    must_not_diverge::<Calm, ListenerEvent>(&words, View::Answers);
});
