//! A scene: one waiter does something while the exception comes, and other waiters are queued
//! around it.
//!
//! Afterwards only woken waiters are polled, as by an executor. So a lost wake-up shows as a waiter
//! that is still there.

use core::pin::pin;

use super::cast::{Brings, CAST, Signal, Waiter};
use super::strike::{self, Blow, Phase};

/// What the waiter does. All are registered before, except for `Park` and `TakeFresh`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Park,
    PollAgain,
    PollWithAnotherWaker,
    Cancel,
    /// It has been released, and woken.
    CancelWoken,
    /// It has been released, and was never polled.
    TakeFresh,
    /// It has been released, and woken.
    TakeWoken,
}

const DEEDS: [Deed; 7] = [
    Deed::Park,
    Deed::PollAgain,
    Deed::PollWithAnotherWaker,
    Deed::Cancel,
    Deed::CancelWoken,
    Deed::TakeFresh,
    Deed::TakeWoken,
];

/// The second exception comes in the deed, after it, and while the woken are polled.
const BLOWS: [Blow; 7] = [
    Blow::Once,
    Blow::Twice,
    Blow::Again(20),
    Blow::Again(40),
    Blow::Again(80),
    Blow::Again(120),
    Blow::Again(200),
];

/// What a waiter does, in a queue of how many, at which place, and what SysTick does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scene {
    deed: Deed,
    waiters: usize,
    place: usize,
    blow: Blow,
}

pub(crate) fn all() -> impl Iterator<Item = Scene> {
    DEEDS.into_iter().flat_map(|deed| {
        (1..=CAST).flat_map(move |waiters| {
            deed.places(waiters).flat_map(move |place| {
                BLOWS.into_iter().map(move |blow| Scene { deed, waiters, place, blow })
            })
        })
    })
}

/// A task waits in an executor that sleeps.
pub(crate) fn sleep<S: Signal>(reload: u32) {
    S::it().clear();
    strike::asleep::<S>(reload);
}

// === impl Deed ===

impl Deed {
    /// The places in the queue from which it can be done.
    fn places(self, waiters: usize) -> core::ops::Range<usize> {
        match self {
            // It comes last.
            Self::Park => waiters - 1..waiters,
            // It comes alone: where others wait for a flag, what is set is theirs.
            Self::TakeFresh => 0..usize::from(waiters == 1),
            // The first is woken.
            Self::CancelWoken | Self::TakeWoken => 0..1,
            Self::PollAgain | Self::PollWithAnotherWaker | Self::Cancel => 0..waiters,
        }
    }
}

// === impl Scene ===

impl Scene {
    /// Plays it with the exception `reload` ticks off.
    ///
    /// # Panics
    /// If a set or a wake-up was lost, or a set doubled.
    pub(crate) fn play<S: Signal>(self, reload: u32) {
        let signal = S::it();
        signal.clear();
        let waits =
            [pin!(Some(signal.wait())), pin!(Some(signal.wait())), pin!(Some(signal.wait()))];
        let mut numbers = 0..;
        let mut cast = waits.map(|wait| Waiter::<S>::new(numbers.next().unwrap_or(0), wait));
        let cast = &mut cast[..self.waiters];
        for (place, waiter) in cast.iter_mut().enumerate() {
            let is_fresh = matches!(self.deed, Deed::Park | Deed::TakeFresh);
            if place != self.place || !is_fresh {
                assert!(!waiter.poll(Brings::First), "it was not set yet");
            }
        }
        let is_released =
            matches!(self.deed, Deed::CancelWoken | Deed::TakeFresh | Deed::TakeWoken);
        if is_released {
            signal.release();
        }

        let mut taken = u32::from(self.act(&mut cast[self.place], reload));
        // As an executor would.
        while let Some(waiter) = cast.iter_mut().find(|waiter| waiter.must_be_polled()) {
            if waiter.poll(Brings::First) {
                waiter.drop();
                taken += 1;
            }
        }

        let waiting = cast.iter().filter(|waiter| waiter.waits()).count();
        let is_set = signal.is_set();
        let all_are_through = waiting == 0 || (S::TAKES && !is_set);
        assert!(
            all_are_through,
            "lost wake-up: the {} was set, {waiting} wait, none is woken; {self:?}, \
             reload {reload}",
            S::NAME
        );
        if S::TAKES {
            let fresh = strike::hits().filter(|hit| !hit.found_set).count() as u32;
            let (given, left) = (u32::from(is_released) + fresh, u32::from(is_set));
            assert!(
                given <= taken + left,
                "lost wake-up: one of {given} sets, {taken} taken, {left} left; {self:?}, \
                 reload {reload}"
            );
            assert!(
                given >= taken + left,
                "doubled: {given} sets, {taken} taken, {left} left; {self:?}, reload {reload}"
            );
        } else {
            assert!(
                is_set,
                "lost wake-up: the event was set, and is not; {self:?}, reload {reload}"
            );
        }
    }

    /// Does the deed under fire; returns whether a set was consumed.
    fn act<S: Signal>(self, one: &mut Waiter<'_, S>, reload: u32) -> bool {
        let mut is_ready = false;
        let phase = match self.deed {
            Deed::Park => Phase::Park,
            Deed::PollAgain | Deed::PollWithAnotherWaker => Phase::Poll,
            Deed::Cancel | Deed::CancelWoken => Phase::Cancel,
            Deed::TakeFresh | Deed::TakeWoken => Phase::Consume,
        };
        let brings = match self.deed {
            Deed::PollWithAnotherWaker => Brings::Second,
            _ => Brings::First,
        };
        strike::under_fire::<S>(phase, reload, self.blow, || match phase {
            Phase::Cancel => one.drop(),
            _ => is_ready = one.poll(brings),
        });
        assert!(is_ready || phase != Phase::Consume, "it was released, and is not ready");
        if is_ready {
            one.drop();
        }
        is_ready
    }
}
