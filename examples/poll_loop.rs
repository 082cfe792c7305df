//! A loop that serves a socket and runs tasks that other threads schedule: it sleeps in `poll(2)` for
//! both, and a `WaitableEvent` wakes it for the tasks.
//!
//! `cargo run --example poll_loop`

#[cfg(not(unix))]
fn main() {
    println!("there is no poll(2) here");
}

#[cfg(unix)]
fn main() -> std::io::Result<()> {
    unix::main()
}

#[cfg(unix)]
mod unix {
    use std::collections::BTreeMap;
    use std::io::{self, ErrorKind};
    use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
    use std::sync::{Mutex, mpsc};
    use std::thread;
    use std::time::{Duration, Instant};

    use reveille::WaitableEvent;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    const PACKETS: u32 = 5;
    const WORKERS: u32 = 3;
    const ROUNDS: u32 = 4;

    /// All of them, of both kinds.
    const TASKS: usize = (WORKERS * ROUNDS * 2) as usize;

    const AS_SOON_AS_POSSIBLE: Duration = Duration::ZERO;
    const LATER: Duration = Duration::from_millis(50);

    /// How late a task may be on a busy machine.
    const LATE: Duration = Duration::from_secs(1);

    /// Is told how late it is.
    type Task = Box<dyn FnOnce(Duration) + Send>;

    /// What is to be done, and when.
    struct TaskManager {
        timetable: Mutex<Timetable>,
        /// Set when the timetable has changed.
        wake: WaitableEvent,
    }

    /// The earliest first; tasks of one instant in the order in which they came.
    #[derive(Default)]
    struct Timetable {
        tasks: BTreeMap<(Instant, u32), Task>,
        count: u32,
    }

    impl TaskManager {
        fn new() -> io::Result<Self> {
            Ok(Self { timetable: Mutex::default(), wake: WaitableEvent::new()? })
        }

        /// For any thread.
        fn schedule(&self, delay: Duration, task: Task) {
            let mut timetable = self.timetable.lock().unwrap();
            timetable.count += 1;
            let number = timetable.count;
            timetable.tasks.insert((Instant::now() + delay, number), task);
            drop(timetable);
            self.wake.set();
        }

        /// For the loop: runs what is due, and tells when it has to come back.
        fn run_due(&self) -> Option<Instant> {
            loop {
                let mut timetable = self.timetable.lock().unwrap();
                let first = timetable.tasks.first_entry()?;
                let (due, _) = *first.key();
                let Some(late) = Instant::now().checked_duration_since(due) else {
                    return Some(due);
                };
                let task = first.remove();
                // A task may schedule others.
                drop(timetable);
                task(late);
            }
        }
    }

    /// Sleeps until the event is set, a packet is there, or it is time for the next task.
    fn sleep(manager: &TaskManager, socket: &UdpSocket, until: Option<Instant>) {
        let left = until.map(|until| {
            let left = until.saturating_duration_since(Instant::now());
            Timespec { tv_sec: left.as_secs() as _, tv_nsec: left.subsec_nanos() as _ }
        });
        let mut descriptors =
            [PollFd::new(&manager.wake, PollFlags::IN), PollFd::new(socket, PollFlags::IN)];
        // A signal may end it early: the loop then finds nothing to do, and comes back.
        let _ = poll(&mut descriptors, left.as_ref());
    }

    /// Sends back each packet that is there, and counts them.
    fn answer(socket: &UdpSocket) -> io::Result<u32> {
        let (mut answered, mut buffer) = (0, [0; 64]);
        loop {
            match socket.recv_from(&mut buffer) {
                Ok((length, client)) => socket.send_to(&buffer[..length], client)?,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(answered),
                Err(error) => return Err(error),
            };
            answered += 1;
        }
    }

    /// A client: sends a packet, and waits for the answer before it sends the next.
    fn call(server: SocketAddr) -> io::Result<()> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.connect(server)?;
        socket.set_read_timeout(Some(Duration::from_secs(10)))?;
        for packet in 0..PACKETS {
            let mut answer = [0; 4];
            socket.send(&packet.to_le_bytes())?;
            assert_eq!((socket.recv(&mut answer)?, answer), (4, packet.to_le_bytes()));
        }
        Ok(())
    }

    /// A worker: has the loop do something at once, and something later, again and again.
    fn work(manager: &TaskManager, lateness: &mpsc::Sender<Duration>) {
        for _ in 0..ROUNDS {
            for delay in [AS_SOON_AS_POSSIBLE, LATER] {
                let lateness = lateness.clone();
                manager.schedule(delay, Box::new(move |late| lateness.send(late).unwrap()));
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    pub(super) fn main() -> io::Result<()> {
        let manager = TaskManager::new()?;
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_nonblocking(true)?;
        let server = socket.local_addr()?;
        let (lateness, told) = mpsc::channel();

        let (mut answered, mut late, mut turns) = (0, Vec::new(), 0);
        thread::scope(|threads| {
            let client = threads.spawn(|| call(server));
            for _ in 0..WORKERS {
                threads.spawn(|| work(&manager, &lateness));
            }
            let mut next = None;
            while answered < PACKETS || late.len() < TASKS {
                sleep(&manager, &socket, next);
                turns += 1;
                // First clear, then look: a task that comes after the `clear` sets the event anew.
                manager.wake.clear();
                next = manager.run_due();
                late.extend(told.try_iter());
                answered += answer(&socket)?;
            }
            client.join().unwrap()
        })?;

        let worst = late.iter().max().copied().unwrap_or_default();
        println!("{answered} packets answered, {TASKS} tasks run, in {turns} turns of the loop");
        println!("the latest task was late by {worst:?}");
        assert_eq!((answered, late.len()), (PACKETS, TASKS));
        assert!(worst < LATE, "a task was forgotten for a while");
        Ok(())
    }
}
