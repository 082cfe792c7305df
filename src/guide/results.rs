//! Results for many: one value that any number of tasks, threads and callbacks wait for.
//!
//! ```text
//!                                        ┌─► task:     result.wait().await      &T or &E
//!  producer ─► set_from ─► AsyncResult ──┼─► thread:   result.wait_blocking()   &T or &E
//!    ends: Ok, Err                       └─► callback: link_owned(|outcome| …)  &T or &E
//!    panics, is dropped: Cancelled
//! ```
//!
//! # Once, by reference
//! Readers share what is there: nothing is cloned, and nothing is asked of the types.
//!
//! ```
//! use reveille::AsyncResult;
//! use std::thread;
//!
//! struct Configuration { port: u16 } // neither Clone nor Debug
//!
//! static LOADED: AsyncResult<Configuration, std::io::Error> = AsyncResult::new();
//!
//! let port = || pollster::block_on(LOADED.wait()).ok().map(|loaded| loaded.port);
//! let readers: Vec<_> = (0..4).map(|_| thread::spawn(port)).collect();
//! assert!(LOADED.set(Configuration { port: 47808 }).is_ok());
//! for reader in readers {
//!     assert_eq!(reader.join().unwrap(), Some(47808));
//! }
//! ```
//! The first to set it wins; every other gets its value back in an [`AlreadySet`](crate::AlreadySet), and
//! finds the outcome readable by then.
//!
//! # A producer that may die
//! If the producer is aborted or panics, [`set_from`](crate::AsyncResult::set_from) sets
//! the result to an error, so its readers do not hang. The error is made by `From<Cancelled>`. A
//! producer that is leaked ([`mem::forget`](core::mem::forget), a cycle of `Arc`s) is never
//! dropped: it sets nothing, and its readers go on waiting.
//!
//! ```
//! use reveille::{AsyncResult, Cancelled};
//! use std::sync::Arc;
//!
//! #[derive(Debug, PartialEq)]
//! enum LoadError { NotFound, Aborted }
//!
//! impl From<Cancelled> for LoadError {
//!     fn from(_: Cancelled) -> Self { LoadError::Aborted }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let page = Arc::new(AsyncResult::<String, LoadError>::new());
//! let fetch = page.clone().set_from_owned(async { Err(LoadError::NotFound) });
//! tokio::spawn(fetch);
//! assert_eq!(page.wait().await, Err(&LoadError::NotFound));
//!
//! let page = Arc::new(AsyncResult::<String, LoadError>::new());
//! let fetch = page.clone().set_from_owned(std::future::pending());
//! tokio::spawn(fetch).abort();
//! assert_eq!(page.wait().await, Err(&LoadError::Aborted));
//! # }
//! ```
//!
//! # For tasks that are spawned
//! [`wait_owned`](crate::AsyncResult::wait_owned) keeps the result alive, and ends with an
//! [`Outcome`](crate::Outcome), which does so in turn and derefs to `Result<T, E>`:
//!
//! ```
//! use reveille::{AsyncResult, Outcome};
//! use std::sync::Arc;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let result = Arc::new(AsyncResult::<String, ()>::new());
//! let reader = tokio::spawn(result.clone().wait_owned());
//! result.set("shared".to_owned()).unwrap();
//! drop(result);
//! let outcome: Outcome<String, ()> = reader.await.unwrap();
//! assert_eq!(outcome.as_deref(), Ok("shared"));
//! # }
//! ```
//!
//! # Again and again
//! A [`ValueEvent`](crate::ValueEvent) carries one value a round, and a waiter gets that of the round in which
//! it was created, whatever was sent since:
//!
//! ```
//! use reveille::ValueEvent;
//!
//! let config = ValueEvent::<u32, ()>::new();
//! let early = config.wait();
//! config.send(1).unwrap();
//! config.reset();
//! config.send(2).unwrap();
//! assert_eq!(pollster::block_on(early), Ok(1));
//! assert_eq!(pollster::block_on(config.wait()), Ok(2));
//! ```
//! It is no `watch` channel: there is no "newest value" between `reset` and the next `send`, and nobody is told
//! that a value has changed. Each waiter costs a clone, so let `T` be an `Arc` if it is large.
//!
//! # Which
//! | | [`AsyncResult`](crate::AsyncResult) | [`ValueEvent`](crate::ValueEvent) |
//! |---|---|---|
//! | set again | never | after `reset` |
//! | a reader gets | `&T` or `&E` | a clone |
//! | asks of the types | nothing | `Clone`, to wait |
//! | allocates | nothing | once a round |
//! | in a `static`, without an allocator | yes | needs `alloc` |
//! | a producer that dies | `set_from` | `send_err` |
//!
//! The example `coalesce` of the repository has a thousand tasks ask for one page, and one fetch answer them.
