//! The server: a line is a request, and so is its answer.
//!
//! | request      | answer              | when                                             |
//! |--------------|---------------------|--------------------------------------------------|
//! | `job ID N`   | `ID N²`             | when the job is done; it is done once for all    |
//! | `last ID`    | `ID 0`              | when the server shuts down, and not before       |
//! | `reloaded N` | `reloaded N`        | after N reloads                                  |

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reveille::{AsyncResult, Cancelled, Event, ThreadSafeFlag};
use signal_hook::consts::{SIGHUP, SIGTERM};
use signal_hook::low_level::register;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::wire::{self, Lines};

/// How long a client may keep its connection open when the server has begun to shut down.
const DRAIN: Duration = Duration::from_secs(10);

/// Set by the handlers of SIGHUP and SIGTERM.
static HANG_UP: ThreadSafeFlag = ThreadSafeFlag::new();
static TERMINATE: ThreadSafeFlag = ThreadSafeFlag::new();

/// Runs of the handler of SIGHUP.
static HANG_UPS: AtomicU64 = AtomicU64::new(0);

/// A result that everyone who asks for the job shares.
type Job = AsyncResult<u64, Cancelled>;

#[derive(Default)]
struct Server {
    /// Results, and jobs on their way, by the number that is asked for.
    jobs: Mutex<HashMap<u64, Arc<Job>>>,
    done: AtomicU64,
    answered: AtomicU64,
    reloads: AtomicU64,
    /// Pulsed by each reload.
    reloaded: Event,
    /// Set once it shuts down.
    shutdown: Event,
    open: AtomicUsize,
    /// Pulsed when a connection ends.
    closed: Event,
}

/// Serves until SIGTERM, and tells at the end what it has done.
pub(super) async fn serve() -> io::Result<()> {
    reveille::Courier::start()?;
    let hang_up = || {
        // ORDERING: Relaxed; the flag hands it over.
        HANG_UPS.fetch_add(1, Ordering::Relaxed);
        HANG_UP.set();
    };
    // SAFETY: an atomic and `ThreadSafeFlag::set` are all that it touches.
    unsafe { register(SIGHUP, hang_up) }?;
    // SAFETY: `ThreadSafeFlag::set` may be called from a signal handler.
    unsafe { register(SIGTERM, || TERMINATE.set()) }?;

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening {}", listener.local_addr()?);
    let server = Arc::new(Server::default());
    let reloading = tokio::spawn(Arc::clone(&server).reload_on_hang_up());
    server.accept(listener).await?;
    server.until_all_have_gone().await;
    reloading.abort();
    println!(
        "answered {} jobs-done {} hang-ups {} reloads {}",
        server.answered.load(Ordering::Acquire),
        server.done.load(Ordering::Acquire),
        HANG_UPS.load(Ordering::Acquire),
        server.reloads.load(Ordering::Acquire)
    );
    Ok(())
}

impl Server {
    /// Accepts connections until SIGTERM.
    async fn accept(self: &Arc<Self>, listener: TcpListener) -> io::Result<()> {
        loop {
            tokio::select! {
                () = TERMINATE.wait() => {
                    self.shutdown.set();
                    return Ok(());
                }
                accepted = listener.accept() => {
                    let (stream, _) = accepted?;
                    self.open.fetch_add(1, Ordering::AcqRel);
                    let server = Arc::clone(self);
                    tokio::spawn(async move {
                        if let Err(error) = server.converse(stream).await {
                            eprintln!("a connection broke: {error}");
                        }
                        server.open.fetch_sub(1, Ordering::AcqRel);
                        server.closed.pulse();
                    });
                }
            }
        }
    }

    /// The wait is made before the look: a connection that ends in between is not missed.
    async fn until_all_have_gone(&self) {
        loop {
            let closed = self.closed.wait();
            if self.open.load(Ordering::Acquire) == 0 {
                return;
            }
            closed.await;
        }
    }

    async fn reload_on_hang_up(self: Arc<Self>) {
        loop {
            HANG_UP.wait().await;
            // Those on their way go on for those who wait for them; the next to ask begins anew.
            self.jobs.lock().unwrap().clear();
            self.reloads.fetch_add(1, Ordering::AcqRel);
            self.reloaded.pulse();
        }
    }

    async fn until_reloaded(&self, times: u64) {
        loop {
            let reloaded = self.reloaded.wait();
            if self.reloads.load(Ordering::Acquire) >= times {
                return;
            }
            reloaded.await;
        }
    }

    /// Answers all that the client asks, in the order in which answers are ready, until it asks no more.
    async fn converse(self: &Arc<Self>, stream: TcpStream) -> io::Result<()> {
        let (reader, writer) = stream.into_split();
        let mut lines = Lines::new(reader);
        let (answers, to_write) = unbounded_channel();
        let writing = tokio::spawn(write_all(writer, to_write));
        let mut patience = std::pin::pin!(async {
            self.shutdown.wait().await;
            tokio::time::sleep(DRAIN).await;
        });
        loop {
            tokio::select! {
                line = lines.next() => match line? {
                    Some(line) => drop(tokio::spawn(Arc::clone(self).answer(line, answers.clone()))),
                    None => break,
                },
                () = &mut patience => break,
            }
        }
        // The writer ends when the last answer has been given.
        drop(answers);
        writing.await?
    }

    async fn answer(self: Arc<Self>, line: String, answers: UnboundedSender<String>) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let answer = match words[..] {
            ["job", id, number] => match number.parse() {
                Ok(number) => match &*self.job(number).wait_owned().await {
                    Ok(value) => format!("{id} {value}"),
                    Err(Cancelled) => format!("{id} cancelled"),
                },
                Err(_) => format!("{id} is no number"),
            },
            ["last", id] => {
                self.shutdown.wait().await;
                format!("{id} 0")
            }
            ["reloaded", times] => {
                self.until_reloaded(times.parse().unwrap_or(0)).await;
                // No job, so it is not counted as one.
                _ = answers.send(line);
                return;
            }
            _ => format!("what is `{line}`?"),
        };
        self.answered.fetch_add(1, Ordering::AcqRel);
        // Nobody listens if the connection broke.
        _ = answers.send(answer);
    }

    /// The result of a job; whoever asks first starts it.
    fn job(&self, number: u64) -> Arc<Job> {
        let mut jobs = self.jobs.lock().unwrap();
        let job = jobs.entry(number).or_insert_with(|| {
            self.done.fetch_add(1, Ordering::AcqRel);
            let job = Arc::new(Job::new());
            // A job that dies is an answer, too.
            tokio::spawn(Arc::clone(&job).set_from_owned(square(number)));
            job
        });
        Arc::clone(job)
    }
}

/// Stands in for work: it takes a while.
async fn square(number: u64) -> Result<u64, Cancelled> {
    tokio::time::sleep(Duration::from_millis(5)).await;
    Ok(number * number)
}

/// Sends the answers, as many at once as there are.
async fn write_all(writer: OwnedWriteHalf, mut lines: UnboundedReceiver<String>) -> io::Result<()> {
    let mut text = String::new();
    while let Some(line) = lines.recv().await {
        text += &line;
        text.push('\n');
        if lines.is_empty() {
            wire::send(&writer, &text).await?;
            text.clear();
        }
    }
    Ok(())
}
