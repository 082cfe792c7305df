//! The page in a browser: each test opens `index.html` in a frame, clicks its buttons and reads
//! what it shows.
//!
//! The server of `wasm-bindgen-test-runner` serves this folder, so the frame loads the page's own
//! script and `pkg`, as a visitor's browser would. Each frame has statics of its own.

use std::time::Duration;

use gloo_timers::future::sleep;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{HtmlElement, HtmlIFrameElement};

wasm_bindgen_test_configure!(run_in_browser);

/// The page, in a frame that is removed when this is dropped.
struct Page(HtmlIFrameElement);

const WALKERS: [&str; 3] = ["walker-1", "walker-2", "walker-3"];

/// How often an element is read until it shows what it must, and at which interval.
const LOOKS: u32 = 1000;
const INTERVAL: Duration = Duration::from_millis(10);

/// Longer than a walker's round.
const A_WHILE: Duration = Duration::from_millis(400);

#[wasm_bindgen_test]
async fn pulse_releases_each_walker_once() {
    let page = Page::open().await;
    for rounds in ["1 round", "2 rounds"] {
        page.click("pulse");
        for id in WALKERS {
            page.shows(id, &format!("waiting after {rounds}")).await;
        }
    }
    sleep(A_WHILE).await;
    for id in WALKERS {
        page.shows(id, "waiting after 2 rounds").await;
    }
}

#[wasm_bindgen_test]
async fn walkers_go_round_while_the_gate_is_open_and_rest_once_it_is_closed() {
    let page = Page::open().await;
    page.click("open");
    for id in WALKERS {
        page.shows(id, "round 3").await;
    }
    page.click("close");
    let mut at_rest = Vec::new();
    for id in WALKERS {
        at_rest.push(page.shows(id, "waiting after ").await);
    }
    sleep(A_WHILE).await;
    for (id, text) in WALKERS.iter().zip(at_rest) {
        assert_eq!(page.text(id), text, "{id} went on");
    }
}

#[wasm_bindgen_test]
async fn clerks_take_turns() {
    let page = Page::open().await;
    for (clerk, answered) in [("clerk-1", "1"), ("clerk-2", "1"), ("clerk-1", "2")] {
        page.click("ring");
        page.shows(clerk, answered).await;
    }
    sleep(A_WHILE).await;
    assert_eq!((page.text("clerk-1"), page.text("clerk-2")), ("2".into(), "1".into()));
}

#[wasm_bindgen_test]
async fn three_rings_at_once_are_one() {
    let page = Page::open().await;
    page.click("ring-thrice");
    page.shows("clerk-1", "1").await;
    sleep(A_WHILE).await;
    for (id, count) in [("rings", "3"), ("clerk-1", "1"), ("clerk-2", "0")] {
        assert_eq!(page.text(id), count, "{id}");
    }
}

#[wasm_bindgen_test]
async fn each_ring_of_a_timer_releases_one_clerk() {
    let page = Page::open().await;
    page.click("timer");
    for (id, count) in [("rings", "5"), ("clerk-1", "3"), ("clerk-2", "2")] {
        page.shows(id, count).await;
    }
}

// === impl Page ===

impl Page {
    /// Opens the page and waits until it runs.
    async fn open() -> Self {
        let document = web_sys::window().unwrap().document().unwrap();
        let frame: HtmlIFrameElement = document.create_element("iframe").unwrap().unchecked_into();
        frame.set_src("/index.html");
        document.body().unwrap().append_child(&frame).unwrap();
        let page = Self(frame);
        page.shows("state", "running").await;
        page
    }

    fn click(&self, id: &str) {
        self.element(id).unwrap_or_else(|| panic!("index.html has no element `{id}`")).click();
    }

    /// The text of this element; empty while the page is loading.
    fn text(&self, id: &str) -> String {
        self.element(id).and_then(|element| element.text_content()).unwrap_or_default()
    }

    /// Waits until the text of this element begins with `wanted`, and returns it.
    async fn shows(&self, id: &str, wanted: &str) -> String {
        for _ in 0..LOOKS {
            let text = self.text(id);
            if text.starts_with(wanted) {
                return text;
            }
            sleep(INTERVAL).await;
        }
        panic!("`{id}` shows `{}`, not `{wanted}`", self.text(id));
    }

    fn element(&self, id: &str) -> Option<HtmlElement> {
        let element = self.0.content_document()?.get_element_by_id(id)?;
        // `dyn_into` compares with the outer window's class, which is another object.
        Some(element.unchecked_into())
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.0.remove();
    }
}
