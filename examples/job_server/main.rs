//! A job server on tokio that reloads on SIGHUP, drains on SIGTERM, and answers everyone who asks for the
//! same job with one result; and a client that puts it under load and counts.
//!
//! ```text
//!  SIGHUP ──► handler ──► HANG_UP.set() ──► reload: forget the results, a new generation
//!  SIGTERM ─► handler ──► TERMINATE.set() ► SHUTDOWN.set(): accept nobody, answer all that was asked
//!  client ──► "job 7 42" ──► one task a job, AsyncResult ──► everyone who asked for 42 ──► "7 1764"
//! ```
//! `cargo run --example job_server` starts a server, and 10 clients that ask 10,000 times in all while
//! SIGHUP comes each 50 ms, and SIGTERM when all has been asked. Then it compares what was sent with what was
//! answered, and signals with reloads. `cargo run --example job_server serve` is the server alone.

#[cfg(not(unix))]
fn main() {
    println!("there are no such signals here");
}

#[cfg(unix)]
mod load;
#[cfg(unix)]
mod server;
#[cfg(unix)]
mod wire;

#[cfg(unix)]
fn main() -> std::io::Result<()> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build()?;
    match std::env::args().nth(1).as_deref() {
        Some("serve") => runtime.block_on(server::serve()),
        _ => runtime.block_on(load::run()),
    }
}
