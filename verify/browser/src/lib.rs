//! A page in which tasks wait for an `Event` and a `ThreadSafeFlag` that buttons and timers set.
//!
//! ```text
//! click ──► Event ──► three walkers    each goes round while the gate is open, once for a pulse
//! click ──► flag ───► two clerks       each set is for one of them, in turn
//! timer ──┘
//! ```
//! The tasks run on the page's own thread, between its events, by `wasm_bindgen_futures`. That thread
//! must never be blocked, so the crate has no blocking waits there: a task awaits, and takes a timeout
//! from the page's timers, as the walkers do for their rounds.

use std::cell::Cell;

use reveille::{Event, ThreadSafeFlag};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, js_sys::Promise, spawn_local};
use web_sys::{Document, HtmlElement, Window};

/// Open while it is set.
static GATE: Event = Event::new();

/// Rung by clicks and by a timer.
static BELL: ThreadSafeFlag = ThreadSafeFlag::new();

/// How long a walker is on its way, and how often the timer rings, in milliseconds.
const ROUND: i32 = 200;
const TICK: i32 = 100;

/// How often the timer rings once it is started.
const TICKS: u32 = 5;

thread_local! {
    /// How often somebody rang the bell.
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
    tell("state", "running");
}

/// Goes round whenever the gate is open, or is opened for a moment while it waits.
async fn walk(id: &str) {
    for rounds in 1.. {
        GATE.wait().await;
        tell(id, &format!("round {rounds}"));
        sleep(ROUND).await;
        tell(id, &format!("waiting after {}", rounds_text(rounds)));
    }
}

/// Answers one ring at a time; its colleague has the next one.
async fn serve(id: &str) {
    for answered in 1_u32.. {
        BELL.wait().await;
        tell(id, &answered.to_string());
    }
}

fn rounds_text(rounds: u32) -> String {
    if rounds == 1 { "1 round".into() } else { format!("{rounds} rounds") }
}

fn ring() {
    RINGS.set(RINGS.get() + 1);
    tell("rings", &RINGS.get().to_string());
    BELL.set();
}

/// Rings as the page's timer says.
async fn tick() {
    for _ in 0..TICKS {
        sleep(TICK).await;
        ring();
    }
}

/// Ends when the page's timer is over.
async fn sleep(milliseconds: i32) {
    let promise = Promise::new(&mut |resolve, _| {
        window()
            .set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds)
            .expect("a page has timers");
    });
    JsFuture::from(promise).await.expect("nobody rejects it");
}

fn window() -> Window {
    web_sys::window().expect("this runs in a page")
}

fn element(id: &str) -> HtmlElement {
    let found = window().document().as_ref().and_then(|page: &Document| page.get_element_by_id(id));
    found
        .and_then(|found| found.dyn_into().ok())
        .unwrap_or_else(|| panic!("index.html has no `{id}`"))
}

fn tell(id: &str, text: &str) {
    element(id).set_text_content(Some(text));
}

fn on_click(id: &str, callback: impl Fn() + 'static) {
    let callback = Closure::<dyn Fn()>::new(callback);
    element(id).set_onclick(Some(callback.as_ref().unchecked_ref()));
    // It is for as long as the page.
    callback.forget();
}
