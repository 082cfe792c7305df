//! Threads that wait for each other, with and without a limit. Nothing here is async.
//!
//! `cargo run --example threads`

use std::thread;
use std::time::{Duration, Instant};

use reveille::Event;

struct Service {
    name: &'static str,
    ready: Event,
}

static CACHE: Service = Service { name: "cache", ready: Event::new() };
static DATABASE: Service = Service { name: "database", ready: Event::new() };
static ARCHIVE: Service = Service { name: "archive", ready: Event::new() };

static STOP: Event = Event::new();

fn main() {
    thread::scope(|threads| {
        threads.spawn(|| CACHE.ready.set());

        // Waits as long as it takes.
        threads.spawn(|| {
            CACHE.ready.wait_blocking();
            DATABASE.ready.set();
        });

        // And nobody sets `ARCHIVE.ready`.

        // Beats every 10 ms. A timeout that an event can cut short is a sleep that can be ended.
        let heart = threads.spawn(|| {
            let mut beats = 0;
            while !STOP.wait_blocking_timeout(Duration::from_millis(10)) {
                beats += 1;
            }
            beats
        });

        // Half a second for all of them together.
        let deadline = Instant::now() + Duration::from_millis(500);
        let services = [&CACHE, &DATABASE, &ARCHIVE];
        let ready = services.map(|service| service.ready.wait_blocking_deadline(deadline));
        for (service, ready) in services.iter().zip(ready) {
            println!("{:<8} {}", service.name, if ready { "ready" } else { "not ready in time" });
        }

        STOP.set();
        let beats = heart.join().unwrap();
        println!("the heart beat {beats} times");

        assert_eq!(ready, [true, true, false]);
        assert!(beats > 0, "half a second without a beat");
    });
}
