//! What can be seen of an operation, in order.

use super::cast::TASKS;

/// One thing that happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Entry {
    /// Foreign code was asked to do something.
    Met(Actor, Occasion),
    /// It was armed, and now does what it was armed with.
    Reacts(Actor),
    /// A callback was told the outcome.
    Told(Outcome),
    /// An operation was answered.
    Answered(Answer),
    /// A wait was polled, and is terminated or not.
    Polled(Option<Answer>, bool),
    /// A panic came out of an operation: whose, or the crate's own.
    Threw(Option<Actor>),
}

/// A member of the cast, by its number; see [`cast`](super::cast).
pub(crate) type Actor = u8;

/// What foreign code is asked to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Occasion {
    Clone,
    /// A waker is woken, a callback run, a future polled.
    Act,
    Drop,
}

/// What an operation says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Answer {
    /// Nothing, or there was nothing to do.
    Nothing,
    Is(bool),
    Got(Option<Outcome>),
    /// A setter came too late, and gets this back.
    Refused(Outcome),
    Shows(String),
}

/// The label of a value or of an error.
pub(crate) type Outcome = Result<u8, u8>;

// === impl Entry ===

impl Entry {
    pub(crate) fn is_drop_of_a_waker(&self) -> bool {
        matches!(self, Self::Met(actor, Occasion::Drop) if TASKS.contains(actor))
    }
}

// === impl Occasion ===

impl Occasion {
    pub(crate) const ALL: [Self; 3] = [Self::Act, Self::Clone, Self::Drop];
}
