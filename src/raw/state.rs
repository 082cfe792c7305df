//! The state word of an event: its bits and its transitions. No atomics here.
//!
//! | bit | name       | 1 means                         |
//! |----:|------------|---------------------------------|
//! |   0 | SET        | a wait is complete when created |
//! |   1 | WAITERS    | the list may have a node        |
//! | 2.. | GENERATION | how many sets have been cleared |
//!
//! A 0 in WAITERS is exact; a 1 only means that the list must be looked at.
//!
//! # Transitions
//! Each function of [`Queue`](crate::raw::queue::Queue) that changes the word, as *old word → new
//! word*. `s`, `w`, `g` stand for any SET, WAITERS and GENERATION.
//!
//! | function                 | locked | old word → new word     | otherwise                                  |
//! |--------------------------|:------:|-------------------------|--------------------------------------------|
//! | `set`                    |   no   | `s w g` → `1 w g`       |                                            |
//! | `set_with`               |  yes   | `0 w g` → `1 w g`       | SET is 1: the value is returned            |
//! | `clear`                  |   no   | `1 w g` → `0 w g+1`     | SET is 0: unchanged, returns `false`       |
//! | `pulse`                  |   no   | `s w g` → `0 w g+1`     |                                            |
//! | `announce_waiter`        |  yes   | `0 0 g` → `0 1 g`       | WAITERS is 1, or the stamp is released: unchanged |
//! | `clear_waiters_if_empty` |  yes   | `s w g` → `s 0 g`       | the list has a node: unchanged             |
//!
//! # Why a generation
//! A wait remembers the generation in which it was created, its *stamp*. The word *releases* the
//! stamp if SET is 1, or if the generation has changed: then a set came and went in between. So
//! `set(); clear();` in succession releases all waiters, although the value of SET is the same
//! before and after.
//!
//! # Wrap-around
//! With 64 bits, the generation never wraps in practice: 2⁶² clears. With 32 bits, a wait that is
//! created, and not polled while exactly k·2³⁰ clears pass, mistakes the new generation for its
//! own. A polled wait cannot: it is in the list, and the first set of its generation takes it out.

/// A value of the state word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct State(usize);

/// A generation, in place: the state word with the flag bits masked off.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Generation(usize);

// === impl State ===

impl State {
    pub(crate) const SET: usize = 1;
    pub(crate) const WAITERS: usize = 1 << 1;
    const FLAGS: usize = Self::SET | Self::WAITERS;
    const ONE_GENERATION: usize = 1 << 2;

    #[inline]
    pub(crate) const fn from_bits(bits: usize) -> Self {
        Self(bits)
    }

    /// A clear word that wraps after this number of clears.
    #[cfg(all(test, not(reveille_loom)))]
    pub(crate) const fn before_the_wrap(clears: usize) -> Self {
        Self(clears.wrapping_mul(Self::ONE_GENERATION).wrapping_neg())
    }

    #[inline]
    pub(crate) const fn bits(self) -> usize {
        self.0
    }

    #[inline]
    pub(crate) const fn is_set(self) -> bool {
        self.0 & Self::SET != 0
    }

    #[inline]
    pub(crate) const fn has_waiters(self) -> bool {
        self.0 & Self::WAITERS != 0
    }

    #[inline]
    pub(crate) const fn generation(self) -> Generation {
        Generation(self.0 & !Self::FLAGS)
    }

    /// Whether a wait created in `stamp` is complete: the event is set, or has been since.
    #[inline]
    pub(crate) const fn releases(self, stamp: Generation) -> bool {
        self.is_set() || self.generation().0 != stamp.0
    }

    /// The word after `pulse`: not set, and in the next generation.
    #[inline]
    pub(crate) const fn pulsed(self) -> Self {
        Self((self.0 & !Self::SET).wrapping_add(Self::ONE_GENERATION))
    }

    /// The word after `clear`; `None` if the event is not set.
    #[inline]
    pub(crate) const fn cleared(self) -> Option<Self> {
        if self.is_set() { Some(self.pulsed()) } else { None }
    }

    /// The word after `announce_waiter` for a wait created in `stamp`; `None` if nothing is to be
    /// changed.
    #[inline]
    pub(crate) const fn announced(self, stamp: Generation) -> Option<Self> {
        if self.has_waiters() || self.releases(stamp) {
            None
        } else {
            Some(Self(self.0 | Self::WAITERS))
        }
    }
}

// === impl Generation ===

impl Generation {
    /// The stamp of a flag's waiters: a flag has no generations.
    pub(crate) const NONE: Self = Self(0);

    /// Whether a `set` made in `self` releases a wait created in `stamp`: the stamp is not newer.
    ///
    /// The difference is taken modulo the word: the answer survives a wrap, and is right while less
    /// than half of all generations lie between the two.
    #[inline]
    pub(crate) const fn covers(self, stamp: Generation) -> bool {
        self.0.wrapping_sub(stamp.0) as isize >= 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAST_GENERATION: usize = !State::FLAGS;

    #[test]
    fn clear_word_releases_no_stamp_of_its_generation() {
        let state = State::from_bits(0);
        assert!(!state.releases(state.generation()));
    }

    #[test]
    fn set_bit_releases_every_stamp() {
        let state = State::from_bits(State::SET);
        assert!(state.releases(state.generation()));
        assert!(state.releases(Generation(State::ONE_GENERATION)));
    }

    #[test]
    fn pulsed_word_is_not_set_keeps_waiters_and_releases_the_generation_before() {
        let before = State::from_bits(State::SET | State::WAITERS);
        let after = before.pulsed();
        assert!(!after.is_set());
        assert!(after.has_waiters());
        assert!(after.releases(before.generation()));
        assert!(!after.releases(after.generation()));
    }

    #[test]
    fn last_generation_wraps_to_zero_and_leaves_the_flags_alone() {
        let last = State::from_bits(LAST_GENERATION | State::WAITERS);
        assert_eq!(last.pulsed().bits(), State::WAITERS);
    }

    #[test]
    fn only_a_set_word_is_cleared() {
        let clear = State::from_bits(State::WAITERS | 12);
        assert!(clear.cleared().is_none());
        let set = State::from_bits(clear.bits() | State::SET);
        assert_eq!(set.cleared().map(State::bits), Some(clear.pulsed().bits()));
    }

    #[test]
    fn set_covers_stamps_up_to_its_own_generation_and_none_newer() {
        let (old, now, new) = (Generation(0), Generation(4), Generation(8));
        assert!(now.covers(old));
        assert!(now.covers(now));
        assert!(!now.covers(new));
    }

    #[test]
    fn covering_survives_the_wrap() {
        let (last, wrapped) = (Generation(LAST_GENERATION), Generation(0));
        assert!(wrapped.covers(last));
        assert!(!last.covers(wrapped));
    }

    #[test]
    fn announced_word_differs_in_waiters_alone() {
        let state = State::from_bits(12);
        let announced = state.announced(state.generation()).map(State::bits);
        assert_eq!(announced, Some(12 | State::WAITERS));
    }

    #[test]
    fn waiter_is_not_announced_twice_or_if_its_stamp_is_released() {
        let (stamp, newer) = (Generation(12), Generation(16));
        for bits in [12 | State::WAITERS, 12 | State::SET] {
            assert!(State::from_bits(bits).announced(stamp).is_none());
        }
        assert!(State::from_bits(12).announced(newer).is_none());
    }
}
