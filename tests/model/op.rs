//! A word as an operation.
//!
//! | byte | of every word                       | of [`Op::Arm`]                        |
//! |-----:|-------------------------------------|---------------------------------------|
//! |   0  | which kind, by the shares of a plan |                                       |
//! |   1  | slot, or which call                 | which actor                           |
//! |   2  | task, or label of a value           |                                       |
//! |   3  | how                                 | on which occasion                     |
//! | 4..8 |                                     | 0..4 of what it does; a small 7: panic |
//!
//! Every word is an operation, and 0 is a plain one: what shrinks a failure shrinks its words.

use std::ops::Range;

use super::trace::{Actor, Occasion};

/// An operation on a world.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    /// Polls the wait in this slot for this task; begins one if there is none. One that has ended is
    /// replaced, or, `again`, polled once more.
    Poll {
        slot: usize,
        task: usize,
        how: How,
        again: bool,
    },
    /// Begins a wait, in place of the one that is there.
    Wait {
        slot: usize,
        how: How,
    },
    /// Drops the wait in this slot.
    Cancel {
        slot: usize,
    },
    /// Asks the object itself.
    Call {
        call: Call,
        label: Actor,
    },
    /// Links a callback, in place of the one that is there.
    Link {
        slot: usize,
        owned: bool,
    },
    Unlink {
        slot: usize,
    },
    /// Leaves the callback where it is.
    Detach {
        slot: usize,
    },
    /// Begins and polls many waits.
    Crowd {
        task: usize,
        count: usize,
    },
    /// Has foreign code misbehave, once, on the next occasion.
    Arm {
        actor: Actor,
        occasion: Occasion,
        reaction: Reaction,
    },
    /// Lets go of the object and takes a new one; waits and links of the old one stay.
    Renew,
    /// Nobody misbehaves from now on. No word means this: it is said at the end.
    Disarm,
}

/// What foreign code is armed with.
#[derive(Clone, Debug)]
pub(crate) enum Reaction {
    Panic,
    Do(Box<Op>),
}

/// How a wait begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct How {
    pub(crate) die: u8,
    pub(crate) label: Actor,
}

/// What kind of future it is; each subject makes of it what it has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    Borrowed,
    Owned,
    /// A stream; a `SetFrom`.
    Other,
}

/// What an object can be asked, besides waits and links.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Call {
    Set,
    SetDirect,
    SetErr,
    SetResult,
    Clear,
    Pulse,
    IsSet,
    Get,
    IsOk,
    GetOk,
    GetErr,
    /// `wait_blocking`, if the object is set.
    WaitBlocking,
    /// `wait_blocking_timeout` with no time.
    WaitTimeout,
    /// `wait_blocking_deadline` with a deadline that has passed.
    WaitDeadline,
    /// The `Debug` form; not within another operation, in the midst of which a hint may be stale.
    Show,
}

/// The kinds of operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Poll,
    Wait,
    Cancel,
    Call,
    Link,
    Unlink,
    Detach,
    Crowd,
    Arm,
    Renew,
    Disarm,
}

/// What is done to a subject, and how often.
pub(crate) struct Plan {
    /// Of 256 words; those that are left over are of the first kind.
    pub(crate) kinds: &'static [(Kind, u8)],
    /// One that is there twice comes twice as often.
    pub(crate) calls: &'static [Call],
    /// The foreign code that it meets.
    pub(crate) cast: &'static [Range<Actor>],
}

/// A few waits that come and go, and room for a crowd that fills more than one batch.
pub(crate) const WAITS: usize = REGULARS + CROWD;
pub(crate) const REGULARS: usize = 12;
pub(crate) const CROWD: usize = 140;
pub(crate) const LINKS: usize = 6;

/// Of 256 polls, those that are meant for a wait that has ended, too.
const AGAIN: u8 = 16;
/// Of 256 reactions, those that are a panic.
const PANIC: u8 = 96;

// === impl Op ===

impl Op {
    pub(crate) fn decode(word: u64, plan: &Plan) -> Self {
        let [die, which, who, how, rest @ ..] = word.to_le_bytes();
        // Mostly a regular; now and then somebody from the crowd.
        let slot = match usize::from(which) {
            at if at < 192 => at % REGULARS,
            at => REGULARS + at % CROWD,
        };
        let (link, task) = (usize::from(which) % LINKS, pick(super::cast::TASKS, who).into());
        let label = pick(super::cast::VALUES, who);
        match plan.kind(die) {
            Kind::Poll => {
                Self::Poll { slot, task, how: How { die: how, label }, again: how < AGAIN }
            }
            Kind::Wait => Self::Wait { slot, how: How { die: how, label } },
            Kind::Cancel => Self::Cancel { slot },
            Kind::Call => Self::Call { call: pick_of(plan.calls, which).to_owned(), label },
            Kind::Link => Self::Link { slot: link, owned: how % 2 == 0 },
            Kind::Unlink => Self::Unlink { slot: link },
            Kind::Detach => Self::Detach { slot: link },
            Kind::Crowd => Self::Crowd { task, count: usize::from(how) % CROWD },
            Kind::Arm => {
                let cast = pick_of(plan.cast, which).to_owned();
                let occasion = *pick_of(&Occasion::ALL, how);
                let within = u64::from(u32::from_le_bytes(rest));
                let reaction = match rest[3] {
                    ..PANIC => Reaction::Panic,
                    _ => Reaction::Do(Box::new(Self::decode(within, plan))),
                };
                Self::Arm { actor: pick(cast, who), occasion, reaction }
            }
            Kind::Renew => Self::Renew,
            Kind::Disarm => Self::Disarm,
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Poll { .. } => Kind::Poll,
            Self::Wait { .. } => Kind::Wait,
            Self::Cancel { .. } => Kind::Cancel,
            Self::Call { .. } => Kind::Call,
            Self::Link { .. } => Kind::Link,
            Self::Unlink { .. } => Kind::Unlink,
            Self::Detach { .. } => Kind::Detach,
            Self::Crowd { .. } => Kind::Crowd,
            Self::Arm { .. } => Kind::Arm,
            Self::Renew => Kind::Renew,
            Self::Disarm => Kind::Disarm,
        }
    }

    /// What ends a world: everyone leaves, and then the object goes.
    pub(crate) fn farewell() -> impl Iterator<Item = Self> {
        let waits = (0..WAITS).map(|slot| Self::Cancel { slot });
        let links = (0..LINKS).map(|slot| Self::Unlink { slot });
        [Self::Disarm].into_iter().chain(waits).chain(links).chain([Self::Renew])
    }
}

// === impl How ===

impl How {
    pub(crate) fn form(self) -> Form {
        match self.die % 64 {
            ..32 => Form::Borrowed,
            32..63 => Form::Owned,
            _ => Form::Other,
        }
    }
}

// === impl Plan ===

impl Plan {
    fn kind(&self, die: u8) -> Kind {
        let mut left = die;
        for &(kind, share) in self.kinds {
            match left.checked_sub(share) {
                Some(less) => left = less,
                None => return kind,
            }
        }
        self.kinds[0].0
    }
}

fn pick(actors: Range<Actor>, die: u8) -> Actor {
    actors.start + die % (actors.end - actors.start)
}

fn pick_of<T>(all: &[T], die: u8) -> &T {
    &all[usize::from(die) % all.len()]
}
