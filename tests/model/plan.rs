//! What is done to each subject, and how often: the shares that [`tally`](super::tally) asks for are
//! those that come out of this.

use super::cast::{CALLBACKS, ERRANDS, TASKS, VALUES};
use super::op::{Call, Kind, Plan};

/// Whether a flag's `set` leaves the wake-up to another thread.
pub(crate) const HAS_COURIER: bool = cfg!(all(unix, any(not(miri), reveille_courier)));

pub(crate) const EVENT: Plan = Plan {
    kinds: &[
        (Kind::Poll, 115),
        (Kind::Arm, 30),
        (Kind::Call, 37),
        (Kind::Cancel, 36),
        (Kind::Wait, 16),
        (Kind::Link, 10),
        (Kind::Unlink, 4),
        (Kind::Detach, 3),
        (Kind::Crowd, 2),
        (Kind::Renew, 3),
    ],
    calls: &[
        Call::IsSet,
        Call::Set,
        Call::Clear,
        Call::Pulse,
        Call::Clear,
        Call::Set,
        Call::Clear,
        Call::Show,
        Call::Clear,
        Call::Clear,
        Call::Clear,
        Call::WaitTimeout,
        Call::Clear,
        Call::WaitBlocking,
        Call::Clear,
        Call::WaitDeadline,
    ],
    cast: &[TASKS, TASKS, CALLBACKS],
};

/// What an event on another's list can be asked; no foreign code misbehaves.
pub(crate) const CALM_EVENT: Plan = Plan {
    kinds: &[
        (Kind::Poll, 124),
        (Kind::Call, 52),
        (Kind::Cancel, 48),
        (Kind::Wait, 26),
        (Kind::Crowd, 2),
        (Kind::Renew, 4),
    ],
    calls: &[Call::IsSet, Call::Set, Call::Clear, Call::Pulse, Call::Clear, Call::Clear],
    cast: EVENT.cast,
};

pub(crate) const FLAG: Plan = Plan {
    kinds: &[
        (Kind::Poll, 130),
        (Kind::Arm, 30),
        (Kind::Call, 50),
        (Kind::Cancel, 26),
        (Kind::Wait, 16),
        (Kind::Crowd, 1),
        (Kind::Renew, 3),
    ],
    calls: &[
        Call::IsSet,
        Call::SetDirect,
        Call::Clear,
        Call::SetDirect,
        Call::Show,
        Call::SetDirect,
        Call::WaitTimeout,
        Call::SetDirect,
        Call::WaitDeadline,
        Call::SetDirect,
        Call::SetDirect,
        Call::SetDirect,
        Call::SetDirect,
        Call::SetDirect,
        Call::SetDirect,
        Call::Set,
    ],
    cast: &[TASKS],
};

pub(crate) const RESULT: Plan = Plan {
    kinds: &[
        (Kind::Poll, 119),
        (Kind::Arm, 34),
        (Kind::Call, 9),
        (Kind::Cancel, 49),
        (Kind::Wait, 10),
        (Kind::Link, 6),
        (Kind::Unlink, 2),
        (Kind::Detach, 2),
        (Kind::Crowd, 1),
        (Kind::Renew, 24),
    ],
    calls: &[
        Call::IsSet,
        Call::Set,
        Call::SetErr,
        Call::SetResult,
        Call::Get,
        Call::IsOk,
        Call::GetOk,
        Call::GetErr,
        Call::Show,
        Call::WaitBlocking,
        Call::WaitTimeout,
        Call::WaitDeadline,
    ],
    cast: &[TASKS, TASKS, TASKS, TASKS, TASKS, CALLBACKS, VALUES, ERRANDS],
};

pub(crate) const VALUE: Plan = Plan {
    kinds: &[
        (Kind::Poll, 122),
        (Kind::Arm, 28),
        (Kind::Call, 50),
        (Kind::Cancel, 36),
        (Kind::Wait, 16),
        (Kind::Crowd, 1),
        (Kind::Renew, 3),
    ],
    calls: &[
        Call::IsSet,
        Call::Set,
        Call::Clear,
        Call::Clear,
        Call::SetErr,
        Call::Clear,
        Call::Clear,
        Call::Get,
        Call::Clear,
        Call::Clear,
        Call::WaitBlocking,
        Call::WaitTimeout,
        Call::WaitDeadline,
        Call::SetResult,
        Call::Clear,
        Call::Clear,
        Call::Clear,
        Call::Clear,
    ],
    cast: &[TASKS, TASKS, VALUES],
};
