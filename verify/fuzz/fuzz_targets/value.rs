//! `ValueEvent`, beside the model.
#![no_main]

#[path = "../../../tests/model/mod.rs"]
mod model;

use model::cast::{Fault, Value};
use model::lockstep::{View, must_not_diverge};
use model::plain;
use reveille::ValueEvent;

libfuzzer_sys::fuzz_target!(|words: Vec<u64>| {
    must_not_diverge::<ValueEvent<Value, Fault>, plain::ValueEvent>(&words, View::Everything);
});
