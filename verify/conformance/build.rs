//! Makes the shared cases callable.

use std::error::Error;

#[path = "../../tests/cases/callable.rs"]
mod callable;

fn main() -> Result<(), Box<dyn Error>> {
    callable::write("../../tests/cases", "(&str, fn())", |name, function| {
        format!("({name:?}, {function})")
    })
}
