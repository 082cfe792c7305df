//! Shared results: one value or error for any number of tasks, threads and callbacks.
//!
//! ```text
//!                                        ┌─► task:     result.wait().await      &T or &E
//!  producer ─► set_from ─► AsyncResult ──┼─► thread:   result.wait_blocking()   &T or &E
//!    completes: Ok, Err                  └─► callback: link_owned(|outcome| …)  &T or &E
//!    panics, is dropped: Cancelled
//! ```
//!
//! # One value, read by reference
//! All readers share one value. It is not cloned, so its type needs no trait.
//!
//! ```
//! use reveille::AsyncResult;
//! use std::thread;
//!
//! struct Configuration { port: u16 } // Neither `Clone` nor `Debug`.
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
//! If several callers race to set a result, exactly one succeeds. The others get their value back
//! in [`AlreadySet`](crate::AlreadySet), and can then read the outcome immediately.
//!
//! # A producer that panics or is aborted
//! If the producer panics, or its task is aborted, [`set_from`](crate::AsyncResult::set_from) sets
//! the result to an error, so its readers do not hang. `From<Cancelled>` makes the error.
//!
//! A producer that is leaked ([`mem::forget`](core::mem::forget), a cycle of `Arc`s) is never
//! dropped. It sets nothing, so its readers wait for ever.
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
//! # Readers in spawned tasks
//! [`wait_owned`](crate::AsyncResult::wait_owned) keeps the result alive, and returns an
//! [`Outcome`](crate::Outcome). The `Outcome` keeps the result alive, too, and derefs to
//! `Result<T, E>`:
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
//! # Several values, one after another
//! A [`ValueEvent`](crate::ValueEvent) carries one value in each round. A waiter gets the value of
//! the round in which its wait was created, even if more values have been sent since:
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
//! A `ValueEvent` is not a `watch` channel: between `reset` and the next `send` it has no value,
//! and it does not notify readers that a value has been replaced.
//!
//! Each waiter gets a clone, so use an `Arc` as `T` if the value is large.
//!
//! # `AsyncResult` or `ValueEvent`?
//! | | [`AsyncResult`](crate::AsyncResult) | [`ValueEvent`](crate::ValueEvent) |
//! |---|---|---|
//! | can be set again | no | after `reset` |
//! | a reader gets | `&T` or `&E` | a clone |
//! | traits that `T` and `E` need | none | `Clone`, for waits and `get` |
//! | allocations | none | one for each round |
//! | without an allocator | yes | no: it needs the feature `alloc` |
//! | if the producer fails | `set_from` sets an error | the producer calls `send_err` |
//!
//! In the repository, the example `coalesce` has 1,000 tasks request one page, and a single fetch
//! answers them all.
