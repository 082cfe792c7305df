//! `AsyncResult`, its links and what resolves it, beside the model.
#![no_main]

#[path = "../../../tests/model/mod.rs"]
mod model;

use model::cast::{Fault, Value};
use model::lockstep::{View, must_not_diverge};
use model::plain;
use reveille::AsyncResult;

libfuzzer_sys::fuzz_target!(|words: Vec<u64>| {
    must_not_diverge::<AsyncResult<Value, Fault>, plain::AsyncResult>(&words, View::Everything);
});
