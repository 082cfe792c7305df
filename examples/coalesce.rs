//! Many tasks ask for one page, one fetch answers them all; if it is aborted, they all learn that.
//!
//! `cargo run --example coalesce`

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reveille::{AsyncResult, Cancelled, Outcome};
use tokio::task::{AbortHandle, JoinHandle};

const ASKERS: usize = 1_000;

#[derive(Clone, Debug, PartialEq)]
enum FetchError {
    NotFound,
    Aborted,
}

/// What the askers get if the fetch dies. Whoever writes a fetch need not think of it.
impl From<Cancelled> for FetchError {
    fn from(_: Cancelled) -> Self {
        Self::Aborted
    }
}

type Page = AsyncResult<String, FetchError>;
type Answer = Outcome<String, FetchError>;

/// Pages by address: those that are there, and those on their way.
#[derive(Default)]
struct Cache {
    pages: Mutex<HashMap<&'static str, (Arc<Page>, AbortHandle)>>,
    asked: AtomicUsize,
    fetches: AtomicUsize,
}

impl Cache {
    /// The first to ask starts the fetch. Nobody gets a copy of the page: they share it.
    async fn get(self: Arc<Self>, address: &'static str) -> Answer {
        let page = {
            let mut pages = self.pages.lock().unwrap();
            let (page, _) = pages.entry(address).or_insert_with(|| {
                let page = Arc::new(Page::new());
                let number = self.fetches.fetch_add(1, SeqCst);
                let fetch = page.clone().set_from_owned(fetch(address, number));
                (page, tokio::spawn(fetch).abort_handle())
            });
            Arc::clone(page)
        };
        self.asked.fetch_add(1, SeqCst);
        page.wait_owned().await
    }

    /// Gives a fetch up, or throws its page away: whoever asks next starts another.
    fn forget(&self, address: &'static str) {
        if let Some((_, fetch)) = self.pages.lock().unwrap().remove(address) {
            fetch.abort();
        }
    }
}

/// Stands in for a request: it takes its time, and the first one of `/flaky` for ever.
async fn fetch(address: &str, number: usize) -> Result<String, FetchError> {
    tokio::time::sleep(Duration::from_millis(20)).await;
    match (address, number) {
        ("/missing", _) => Err(FetchError::NotFound),
        ("/flaky", 0) => std::future::pending().await,
        _ => Ok(format!("the page {address}")),
    }
}

/// So many tasks ask at once; returns when all of them share the fetch.
async fn ask(cache: &Arc<Cache>, address: &'static str) -> Vec<JoinHandle<Answer>> {
    let askers = (0..ASKERS).map(|_| tokio::spawn(cache.clone().get(address))).collect();
    while cache.asked.load(SeqCst) < ASKERS {
        tokio::task::yield_now().await;
    }
    cache.asked.store(0, SeqCst);
    askers
}

/// Sees to it that all got the same answer, not just an equal one, and tells it.
async fn one_answer(askers: Vec<JoinHandle<Answer>>) -> Result<String, FetchError> {
    let mut answers = Vec::new();
    for asker in askers {
        answers.push(asker.await.unwrap());
    }
    let first = &answers[0];
    assert!(answers.iter().all(|answer| std::ptr::eq(&**answer, &**first)));
    (**first).clone()
}

#[tokio::main]
async fn main() {
    for (address, expected) in
        [("/index", Ok("the page /index".to_owned())), ("/missing", Err(FetchError::NotFound))]
    {
        let cache = Arc::new(Cache::default());
        let answer = one_answer(ask(&cache, address).await).await;
        assert_eq!((&answer, cache.fetches.load(SeqCst)), (&expected, 1));
        println!("{ASKERS} asked for {address}, one fetch: {answer:?}");
    }

    let cache = Arc::new(Cache::default());
    let askers = ask(&cache, "/flaky").await;
    cache.forget("/flaky");
    let answer = one_answer(askers).await;
    assert_eq!(answer, Err(FetchError::Aborted));
    println!("{ASKERS} asked for /flaky, the fetch was aborted: {answer:?}");

    let answer = one_answer(ask(&cache, "/flaky").await).await;
    assert_eq!(answer, Ok("the page /flaky".to_owned()));
    assert_eq!(cache.fetches.load(SeqCst), 2);
    println!("{ASKERS} asked again, another fetch: {answer:?}");
}
