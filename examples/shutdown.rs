//! One `set` ends tokio tasks, smol tasks and blocked threads alike.
//!
//! `cargo run --example shutdown`

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use reveille::Event;

/// Ticks until shutdown. The event stays set, so the wait may be made anew in each turn.
async fn tick(shutdown: Arc<Event>, ended: Sender<&'static str>) {
    let mut ticks = tokio::time::interval(Duration::from_millis(10));
    loop {
        tokio::select! {
            () = shutdown.wait() => break,
            _ = ticks.tick() => {}
        }
    }
    ended.send("tokio task that ticked").unwrap();
}

fn main() {
    let shutdown = Arc::new(Event::new());
    let (ended, endings) = channel();
    let tokio = tokio::runtime::Builder::new_multi_thread().enable_time().build().unwrap();

    tokio.spawn(tick(shutdown.clone(), ended.clone()));

    tokio.spawn({
        let (shutdown, ended) = (shutdown.clone(), ended.clone());
        async move {
            shutdown.wait().await;
            ended.send("tokio task that waited").unwrap();
        }
    });

    smol::spawn({
        // Owns its event, so it can go wherever a future must be 'static.
        let (wait, ended) = (shutdown.clone().wait_owned(), ended.clone());
        async move {
            wait.await;
            ended.send("smol task").unwrap();
        }
    })
    .detach();

    thread::spawn({
        let (shutdown, ended) = (shutdown.clone(), ended.clone());
        move || {
            shutdown.wait_blocking();
            ended.send("thread").unwrap();
        }
    });

    // Let it run for a while: nothing ends by itself.
    let early = endings.recv_timeout(Duration::from_millis(100));
    assert!(early.is_err(), "{early:?} ended before the shutdown");

    println!("shutdown");
    shutdown.set();
    for _ in 0..4 {
        let who = endings.recv_timeout(Duration::from_secs(2)).expect("all end on shutdown");
        println!("ended: {who}");
    }
}
