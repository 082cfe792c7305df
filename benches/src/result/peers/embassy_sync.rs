//! embassy-sync's `Watch`, with a receiver for each waiter, at most 1,000: the most that a row has.
//!
//! The receivers are inside, and one that registers is compared with all others. Its mutex is the
//! critical section, which with std is one lock for the whole process; `send` wakes under it.

use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;

use crate::result::peer::Peer;

pub(crate) type Watch = embassy_sync::watch::Watch<CriticalSectionRawMutex, u64, 1_000>;

impl Peer for Box<Watch> {
    const BYTES: usize = size_of::<Watch>();
    const GETS: bool = true;
    type Setter = ();

    fn new() -> (Self, ()) {
        (Box::new(Watch::new()), ())
    }

    #[inline]
    fn set(&self, (): (), value: u64) {
        self.sender().send(value);
    }

    #[inline]
    fn get(&self) -> Option<u64> {
        self.try_get()
    }

    #[inline]
    async fn wait(&self) -> u64 {
        let mut receiver = self.receiver().expect("room for another receiver");
        receiver.get().await
    }
}
