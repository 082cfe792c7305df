//! The load: clients that ask, signals that come meanwhile, and the count of both at the end.
//!
//! Signals of one kind that are pending are one, so a sender that counts must not be faster than the
//! receiver: each SIGHUP is sent 50 ms after the last at the earliest, and not before the server says that
//! it has reloaded for that one.

use std::collections::BTreeMap;
use std::io::{self, Error};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reveille::Event;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::wire::{self, Lines};

const CLIENTS: u64 = 10;
const REQUESTS: u64 = 1_000;
/// How many different jobs there are: clients meet in them.
const JOBS: u64 = 97;

/// So many requests, and then a rest.
const BURST: u64 = 25;
const REST: Duration = Duration::from_millis(20);
const EACH: Duration = Duration::from_millis(50);

/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(25);

/// A server that is not left behind if something goes wrong here.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // An error says that it has ended by itself.
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// What the clients that ask have in common.
struct Asking {
    left: AtomicUsize,
    /// Set when the last of them has asked its last.
    over: Event,
}

pub(super) async fn run() -> io::Result<()> {
    timeout(PATIENCE, load())
        .await
        .map_err(|_| Error::other("an answer, or the end, is missing"))?
}

async fn load() -> io::Result<()> {
    let server = Command::new(std::env::current_exe()?).arg("serve").stdout(Stdio::piped()).spawn();
    let mut server = Running(server?);
    let said = server.0.stdout.take().ok_or(Error::other("it has no output"))?;
    let mut said = io::BufRead::lines(io::BufReader::new(said));
    let mut next = || said.next().unwrap_or(Err(Error::other("the server said no more")));
    let first = next()?;
    let address = first.strip_prefix("listening ").ok_or(Error::other("where does it listen?"))?;
    let process = libc::pid_t::try_from(server.0.id()).map_err(Error::other)?;

    let asking = Arc::new(Asking { left: AtomicUsize::new(CLIENTS as usize), over: Event::new() });
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let stream = TcpStream::connect(address).await?;
        clients.spawn(ask(client, stream, Arc::clone(&asking)));
    }
    let control = TcpStream::connect(address).await?;
    let hang_ups = hang_up_until(&asking.over, process, control).await?;
    // Everything has been asked, and each client has a request open that is answered from now on only.
    send(process, libc::SIGTERM)?;

    let mut answers = BTreeMap::new();
    while let Some(client) = clients.join_next().await {
        for (id, value) in client?? {
            let times: &mut Vec<u64> = answers.entry(id).or_default();
            times.push(value);
        }
    }
    let told = next()?;
    let ended = server.0.wait()?;

    println!("{told}");
    let sent = CLIENTS * REQUESTS;
    println!("sent {sent}, answered {}; SIGHUP {hang_ups}", answers.len());
    assert!(ended.success(), "the server ended with {ended}");
    assert!(answers.keys().copied().eq(0..sent), "an answer is missing");
    assert!(
        answers.iter().all(|(&id, values)| *values == [expected(id)]),
        "a wrong answer, or two"
    );
    let counts: Vec<u64> = told.split(' ').filter_map(|word| word.parse().ok()).collect();
    let [answered, done, handled, reloads] = counts[..] else { panic!("what is `{told}`?") };
    assert_eq!((answered, handled, reloads), (sent, hang_ups, hang_ups));
    // Each job is done once a generation at most; else nobody has shared a result.
    assert!(done <= (JOBS + 1) * (reloads + 1), "{done} jobs were done");
    Ok(())
}

/// The last request of each client is the one that only a shutdown answers.
fn is_last(id: u64) -> bool {
    id % REQUESTS == REQUESTS - 1
}

fn expected(id: u64) -> u64 {
    if is_last(id) { 0 } else { (id % JOBS).pow(2) }
}

/// Asks all that this client has to ask, and reads all answers to their end.
async fn ask(client: u64, stream: TcpStream, asking: Arc<Asking>) -> io::Result<Vec<(u64, u64)>> {
    let (reader, writer) = stream.into_split();
    let reading = tokio::spawn(read_all(Lines::new(reader)));
    let mut rest = interval(REST);
    let ids: Vec<u64> = (client * REQUESTS..(client + 1) * REQUESTS).collect();
    for burst in ids.chunks(BURST as usize) {
        rest.tick().await;
        let lines = burst.iter().map(|&id| match is_last(id) {
            true => format!("last {id}\n"),
            false => format!("job {id} {}\n", id % JOBS),
        });
        wire::send(&writer, &lines.collect::<String>()).await?;
    }
    // The other half stays open for the answers.
    drop(writer);
    // ORDERING: AcqRel, as a latch has it; see the example `latch`.
    if asking.left.fetch_sub(1, Ordering::AcqRel) == 1 {
        asking.over.set();
    }
    reading.await?
}

async fn read_all(mut lines: Lines) -> io::Result<Vec<(u64, u64)>> {
    let mut answers = Vec::new();
    while let Some(line) = lines.next().await? {
        let (id, value) = line.split_once(' ').ok_or(Error::other("an answer of one word"))?;
        let parse = |word: &str| {
            word.parse::<u64>().map_err(|_| Error::other(format!("what is `{line}`?")))
        };
        answers.push((parse(id)?, parse(value)?));
    }
    Ok(answers)
}

/// Sends SIGHUP again and again; returns how often.
async fn hang_up_until(over: &Event, process: libc::pid_t, control: TcpStream) -> io::Result<u64> {
    let (reader, writer) = control.into_split();
    let mut answers = Lines::new(reader);
    let mut ticks = interval(EACH);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut sent = 0;
    loop {
        tokio::select! {
            () = over.wait() => return Ok(sent),
            _ = ticks.tick() => {}
        }
        send(process, libc::SIGHUP)?;
        sent += 1;
        let asked = format!("reloaded {sent}");
        wire::send(&writer, &format!("{asked}\n")).await?;
        if answers.next().await?.as_deref() != Some(asked.as_str()) {
            return Err(Error::other("the server has not reloaded"));
        }
    }
}

fn send(process: libc::pid_t, signal: libc::c_int) -> io::Result<()> {
    // SAFETY: `kill` touches no memory of ours; the process is our child, which nobody has waited for.
    match unsafe { libc::kill(process, signal) } {
        0 => Ok(()),
        _ => Err(Error::last_os_error()),
    }
}
