//! asyncband's `Completion`: a `OnceLock` and a mutex with the waiters' arena, behind an `Arc`. It
//! cannot be looked at without waiting.

use asyncband::completion::{self, Completer};

use crate::result::peer::Peer;

pub(crate) struct Completion(completion::Completion<u64>);

impl Peer for Completion {
    const BYTES: usize = size_of::<Self>();
    const GETS: bool = false;
    type Setter = Completer<u64>;

    fn new() -> (Self, Completer<u64>) {
        let (completer, completion) = completion::new();
        (Self(completion), completer)
    }

    #[inline]
    fn set(&self, completer: Completer<u64>, value: u64) {
        assert!(completer.complete(value).is_ok());
    }

    fn get(&self) -> Option<u64> {
        None
    }

    #[inline]
    async fn wait(&self) -> u64 {
        *self.0.wait().await.expect("the completer was not dropped")
    }
}
