//! A page in which tasks wait for an `Event` and a `ThreadSafeFlag` that buttons and timers set.
//!
//! ```text
//! click ──► Event ──► three walkers    each goes round while the gate is open, once for a pulse
//! click ──► flag ───► two clerks       each set releases one of them, in turn
//! timer ──┘
//! ```
//! `wasm_bindgen_futures` runs the tasks on the page's own thread, between its events. That thread
//! must never block, so the crate has no blocking waits there: tasks await, and the walkers take
//! the time of a round from the page's timers. `tests/page.rs` opens the page in a browser and uses
//! it.

use std::{cell::Cell, time::Duration};

use gloo_timers::future::sleep;
use reveille::{Event, ThreadSafeFlag};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlElement;

/// Open while it is set.
static GATE: Event = Event::new();

/// Rung by clicks and by a timer.
static BELL: ThreadSafeFlag = ThreadSafeFlag::new();

/// How long a walker's round takes.
const ROUND: Duration = Duration::from_millis(200);

/// The timer rings this often, at this interval.
const TICKS: u32 = 5;
const TICK: Duration = Duration::from_millis(100);

thread_local! {
    /// How often the bell was rung.
    static RINGS: Cell<u32> = const { Cell::new(0) };
}

#[wasm_bindgen(start)]
fn start() {
    for id in ["walker-1", "walker-2", "walker-3"] {
        spawn_local(walk(id));
    }
    for id in ["clerk-1", "clerk-2"] {
        spawn_local(serve(id));
    }
    on_click("open", || GATE.set());
    on_click("close", || _ = GATE.clear());
    on_click("pulse", || GATE.pulse());
    on_click("ring", ring);
    on_click("ring-thrice", || (0..3).for_each(|_| ring()));
    on_click("timer", || spawn_local(tick()));
    show("state", "running");
}

/// Goes round while the gate is open, and once for each pulse that comes while it waits.
async fn walk(id: &str) {
    for rounds in 1.. {
        GATE.wait().await;
        show(id, &format!("round {rounds}"));
        sleep(ROUND).await;
        show(id, &format!("waiting after {}", rounds_text(rounds)));
    }
}

/// Answers rings, in turn with the other clerk.
async fn serve(id: &str) {
    for answered in 1_u32.. {
        BELL.wait().await;
        show(id, &answered.to_string());
    }
}

fn rounds_text(rounds: u32) -> String {
    if rounds == 1 { "1 round".into() } else { format!("{rounds} rounds") }
}

fn ring() {
    RINGS.set(RINGS.get() + 1);
    show("rings", &RINGS.get().to_string());
    BELL.set();
}

/// Rings at each tick of a timer.
async fn tick() {
    for _ in 0..TICKS {
        sleep(TICK).await;
        ring();
    }
}

fn element(id: &str) -> HtmlElement {
    let document = web_sys::window().and_then(|window| window.document());
    let found = document.and_then(|document| document.get_element_by_id(id));
    found
        .and_then(|found| found.dyn_into().ok())
        .unwrap_or_else(|| panic!("index.html has no element `{id}`"))
}

fn show(id: &str, text: &str) {
    element(id).set_text_content(Some(text));
}

fn on_click(id: &str, callback: impl Fn() + 'static) {
    let callback = Closure::<dyn Fn()>::new(callback);
    element(id).set_onclick(Some(callback.as_ref().unchecked_ref()));
    // The callback lives as long as the page.
    callback.forget();
}
