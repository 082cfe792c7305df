//! The guests of a stress test: threads and tasks that wait for its event, and a list of who is out.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::sync::{Arc, Mutex};
use std::thread;

use reveille::Event;
use tokio::runtime::Runtime;

/// What the guests are under.
#[derive(Default)]
pub(crate) struct Sky {
    pub(crate) event: Event,
    calm: AtomicBool,
    out: Mutex<BTreeSet<&'static str>>,
}

pub(crate) struct Party {
    sky: Arc<Sky>,
    tokio: Runtime,
    /// Each waits for one guest.
    homecomings: Vec<Box<dyn FnOnce()>>,
}

struct Out {
    sky: Arc<Sky>,
    name: &'static str,
}

// === impl Sky ===

impl Sky {
    pub(crate) fn darken(&self) {
        self.event.clear();
        // ORDERING: Release. The guests of this round are invited after it.
        self.calm.store(false, Release);
    }

    /// From here on, whoever is released goes home.
    pub(crate) fn calm_down(&self) {
        // ORDERING: Release, for `is_calm`.
        self.calm.store(true, Release);
    }

    pub(crate) fn is_calm(&self) -> bool {
        // ORDERING: Acquire, for `calm_down`.
        self.calm.load(Acquire)
    }

    pub(crate) fn who_is_out(&self) -> Vec<&'static str> {
        self.out.lock().unwrap().iter().copied().collect()
    }
}

// === impl Party ===

impl Party {
    pub(crate) fn new() -> Self {
        let mut tokio = tokio::runtime::Builder::new_multi_thread();
        Self {
            sky: Arc::default(),
            tokio: tokio.worker_threads(2).enable_time().build().unwrap(),
            homecomings: Vec::new(),
        }
    }

    pub(crate) fn sky(&self) -> Arc<Sky> {
        self.sky.clone()
    }

    pub(crate) fn thread(&mut self, name: &'static str, guest: impl FnOnce(&Sky) + Send + 'static) {
        let out = Out::new(self.sky(), name);
        let guest = thread::spawn(move || guest(&out.sky));
        self.homecomings.push(Box::new(|| guest.join().unwrap()));
    }

    pub(crate) fn tokio<F>(&mut self, name: &'static str, guest: impl FnOnce(Arc<Sky>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let guest = self.tokio.spawn(Out::new(self.sky(), name).during(guest(self.sky())));
        self.homecomings.push(Box::new(|| pollster::block_on(guest).unwrap()));
    }

    pub(crate) fn smol<F>(&mut self, name: &'static str, guest: impl FnOnce(Arc<Sky>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        if cfg!(miri) {
            // smol's reactor asks for system calls that Miri does not have.
            return self.tokio(name, guest);
        }
        let guest = smol::spawn(Out::new(self.sky(), name).during(guest(self.sky())));
        self.homecomings.push(Box::new(|| pollster::block_on(guest)));
    }

    pub(crate) fn come_home(&mut self) {
        for homecoming in self.homecomings.drain(..) {
            homecoming();
        }
    }
}

// === impl Out ===

impl Out {
    fn new(sky: Arc<Sky>, name: &'static str) -> Self {
        assert!(sky.out.lock().unwrap().insert(name), "two guests with one name");
        Self { sky, name }
    }

    async fn during(self, guest: impl Future<Output = ()>) {
        guest.await;
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        self.sky.out.lock().unwrap().remove(self.name);
    }
}
