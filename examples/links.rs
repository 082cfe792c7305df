//! Events for a loop that knows nothing of them: a window's, which sleeps on a channel of its own.
//!
//! `cargo run --example links`

use std::sync::mpsc::{Receiver, channel};
use std::thread;

use reveille::Event;

/// All that the window's loop understands.
#[derive(Debug, PartialEq)]
enum Message {
    Show(&'static str),
    Close,
}

/// Stands for a GUI toolkit: it cannot await, and must not block on anything but its own messages.
struct Window {
    messages: Receiver<Message>,
    title: &'static str,
}

impl Window {
    /// Returns the titles that were shown.
    fn run(mut self) -> Vec<&'static str> {
        let mut shown = vec![self.title];
        while let Ok(message) = self.messages.recv() {
            match message {
                Message::Close => break,
                Message::Show(title) => self.title = title,
            }
            shown.push(self.title);
            if self.title == "ready" {
                // The user has seen enough.
                CLOSING.set();
            }
        }
        shown
    }
}

/// Set by the loader when the document is there.
static LOADED: Event = Event::new();

/// Set by the window when the user closes it.
static CLOSING: Event = Event::new();

/// Set when there is something to save, and then when it has been saved.
static UNSAVED: Event = Event::new();
static SAVED: Event = Event::new();

fn main() {
    let (sender, messages) = channel();
    let window = Window { messages, title: "loading" };

    // A callback each, run by whoever sets the event: it posts a message, or sets the next event.
    let show = sender.clone();
    let loaded = LOADED.link(move || show.send(Message::Show("ready")).unwrap());
    let closing = CLOSING.link(|| UNSAVED.set());
    let close = sender.clone();
    let saved = SAVED.link(move || close.send(Message::Close).unwrap());

    // This one comes off before anything happens, and with it goes what it captured.
    let splash = LOADED.link(move || sender.send(Message::Show("splash")).unwrap());
    assert!(splash.unlink());

    let loader = thread::spawn(|| LOADED.set());
    let saver = thread::spawn(|| {
        UNSAVED.wait_blocking();
        SAVED.set();
    });
    let shown = window.run();
    loader.join().unwrap();
    saver.join().unwrap();

    println!("shown: {}", shown.join(", "));
    assert_eq!(shown, ["loading", "ready"]);
    assert!([loaded, closing, saved].into_iter().all(|link| !link.unlink()), "each of them ran");
}
