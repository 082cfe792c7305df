//! The state word of an event: its bits and how they change. No atomics here.
//!
//! | bit | name       | 1 means                         | set by                 | cleared by            |
//! |----:|------------|---------------------------------|------------------------|-----------------------|
//! |   0 | SET        | a wait is complete when created | `set`                  | `clear`, `pulse`      |
//! |   1 | WAITERS    | the list may have a node        | a parking wait, locked | last to leave, locked |
//! | 2.. | GENERATION | how many sets have ended        | `clear`, `pulse`       | wraps                 |
//!
//! A 0 in WAITERS is exact; a 1 only means "look".
//!
//! # Why a generation
//! A wait remembers the generation in which it was created, its *stamp*. It is released once SET
//! is there, or once the generation has moved: then a set came and went in between. So
//! `set(); clear();` back to back releases everyone who was waiting, although a waiter that looks
//! at SET alone finds it as it was.
//!
//! # From word to word
//! | step              | SET | WAITERS | GENERATION |
//! |-------------------|:---:|:-------:|:----------:|
//! | `set`             |  1  |  keep   |    keep    |
//! | `clear` (if SET)  |  0  |  keep   |    + 1     |
//! | `pulse`           |  0  |  keep   |    + 1     |
//! | first to park     |  0  |    1    |    keep    |
//! | last to leave     | keep|    0    |    keep    |
//!
//! # When it wraps
//! With 64 bits, never in practice: 2⁶² clears. With 32 bits a wait that was created, but never
//! polled while exactly k·2³⁰ clears passed, takes the generation for its own. A polled wait
//! cannot: it is in the list, and the first set of its generation takes it out.

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

    /// A clear word that wraps after so many clears.
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

    /// The word after `clear` or `pulse`: not set, and the next generation.
    #[inline]
    pub(crate) const fn next_generation(self) -> Self {
        Self((self.0 & !Self::SET).wrapping_add(Self::ONE_GENERATION))
    }

    /// The word after the first waiter has parked.
    #[inline]
    pub(crate) const fn with_waiters(self) -> Self {
        Self(self.0 | Self::WAITERS)
    }
}

// === impl Generation ===

impl Generation {
    /// For a waiter of a flag, which counts none.
    pub(crate) const NONE: Self = Self(0);

    /// Whether a `set` made in `self` is for a wait created in `stamp`: the stamp is not newer.
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
    fn clear_word_releases_nobody_of_its_generation() {
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
    fn next_generation_clears_set_keeps_waiters_and_releases_the_one_before() {
        let before = State::from_bits(State::SET | State::WAITERS);
        let after = before.next_generation();
        assert!(!after.is_set());
        assert!(after.has_waiters());
        assert!(after.releases(before.generation()));
        assert!(!after.releases(after.generation()));
    }

    #[test]
    fn next_generation_of_the_last_wraps_to_zero_and_leaves_the_flags_alone() {
        let last = State::from_bits(LAST_GENERATION | State::WAITERS);
        assert_eq!(last.next_generation().bits(), State::WAITERS);
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
    fn with_waiters_changes_nothing_else() {
        let state = State::from_bits(State::SET | 12);
        assert_eq!(state.with_waiters().bits(), State::SET | State::WAITERS | 12);
    }
}
