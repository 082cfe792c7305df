//! A subject, the waits and links that hang on it, and what happens to them, noted in a trace.
//!
//! # Operations within operations
//! Foreign code may carry out an operation in the midst of another: in the midst of a poll, say. What
//! the outer one has in hand is not in its slot meanwhile, so the inner one finds the slot empty, and
//! may fill it; then what the outer one puts back later is dropped instead.
//!
//! # Panics while a panic unwinds
//! They are foreign code's own affair: a destructor that lets one out aborts the process. So our
//! destructors do not panic then, and contain what panics in an operation of theirs.
//!
//! **Unlocked.** No lock of the world is held while anything of a subject or of the cast runs or is
//! dropped.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, Once, PoisonError, Weak};
use std::task::{Context, Poll};
use std::thread;

use super::cast::{Part, Stage, TASKS, Thrown, VALUES, lend};
use super::op::{CROWD, How, LINKS, Op, REGULARS, Reaction, WAITS};
use super::subject::{Handle, Props, Subject, Wait};
use super::trace::{Actor, Answer, Entry, Occasion, Outcome};

pub(crate) struct World<S: Subject> {
    tasks: Vec<Arc<Part>>,
    props: Props,
    state: Mutex<State<S>>,
}

thread_local! {
    /// Whether what panics on this thread is caught, and noted.
    static IS_NOTED: Cell<bool> = const { Cell::new(false) };
}

/// What an operation did, for the tally.
#[derive(Clone, Copy, Default)]
pub(crate) struct Deeds {
    pub(crate) parks: bool,
    pub(crate) replaces: bool,
    pub(crate) cancels: bool,
    pub(crate) panics: bool,
    pub(crate) reenters: bool,
}

struct State<S> {
    subject: Arc<S>,
    waits: [Option<Held>; WAITS],
    links: [Option<Handle>; LINKS],
    armed: [[Option<Reaction>; Occasion::ALL.len()]; ACTORS],
    trace: Vec<Entry>,
    deeds: Deeds,
    depth: usize,
}

struct Held {
    wait: Wait,
    /// It has been pending, with a clone of a waker.
    has_parked: bool,
}

const ACTORS: usize = super::cast::ERRANDS.end as usize;

/// Keeps the hook quiet about panics that are caught and noted: a wait polled after its end, say.
fn quiet_the_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !IS_NOTED.get() {
                hook(info);
            }
        }));
    });
}

/// Runs it; what panics meanwhile is noted.
fn noted<R>(run: impl FnOnce() -> R) -> thread::Result<R> {
    let before = IS_NOTED.replace(true);
    let done = catch_unwind(AssertUnwindSafe(run));
    IS_NOTED.set(before);
    done
}

// === impl World ===

impl<S: Subject> World<S> {
    pub(crate) fn new() -> Arc<Self> {
        quiet_the_hook();
        Arc::new_cyclic(|world: &Weak<Self>| {
            let props = Props::new(world.clone());
            let state = State {
                subject: Arc::new(S::new()),
                waits: [const { None }; WAITS],
                links: [const { None }; LINKS],
                armed: Default::default(),
                trace: Vec::new(),
                deeds: Deeds::default(),
                depth: 0,
            };
            let tasks = TASKS.map(|task| Arc::new(props.part(task))).collect();
            Self { tasks, props, state: Mutex::new(state) }
        })
    }

    /// Carries out one operation, whatever comes of it.
    pub(crate) fn perform(&self, op: &Op) {
        if let Err(payload) = noted(|| self.act(op)) {
            let whose = payload.downcast_ref().map(|&Thrown(actor)| actor);
            self.note(Entry::Threw(whose));
        }
    }

    /// What has happened since this was last asked.
    pub(crate) fn take_trace(&self, into: &mut Vec<Entry>) -> Deeds {
        self.with(|state| {
            into.clear();
            std::mem::swap(&mut state.trace, into);
            std::mem::take(&mut state.deeds)
        })
    }

    /// How many wakers, callbacks and values there are.
    pub(crate) fn live(self: &Arc<Self>) -> usize {
        let wakers: usize = self.tasks.iter().map(|task| Arc::strong_count(task) - 1).sum();
        // Each member of the cast knows its stage; so do the tasks, and the props.
        wakers + Arc::weak_count(self) - self.tasks.len() - 1
    }

    fn with<R>(&self, look: impl FnOnce(&mut State<S>) -> R) -> R {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, entry: Entry) {
        self.with(|state| state.trace.push(entry));
    }

    fn subject(&self) -> Arc<S> {
        self.with(|state| Arc::clone(&state.subject))
    }

    fn act(&self, op: &Op) {
        let answer = match *op {
            Op::Poll { slot, task, how, again } => return self.poll(slot, task, how, again),
            Op::Wait { slot, how } => {
                self.cancel(slot);
                let wait = self.begin(how);
                self.put_back(slot, wait);
                Answer::Nothing
            }
            Op::Cancel { slot } => {
                self.cancel(slot);
                Answer::Nothing
            }
            Op::Call { call: super::op::Call::Show, .. } if self.with(|state| state.depth) > 0 => {
                Answer::Nothing
            }
            Op::Call { call, label } => self.subject().call(call, label, &self.props),
            Op::Link { slot, owned } => {
                drop(self.with(|state| state.links[slot].take()));
                let link = self.subject().link(owned, self.props.callback(slot));
                let displaced = self.with(|state| match &mut state.links[slot] {
                    empty @ None => std::mem::replace(empty, link),
                    Some(_) => link,
                });
                drop(displaced);
                Answer::Nothing
            }
            Op::Unlink { slot } => match self.with(|state| state.links[slot].take()) {
                Some(link) => Answer::Is(link.unlink()),
                None => Answer::Nothing,
            },
            Op::Detach { slot } => {
                if let Some(link) = self.with(|state| state.links[slot].take()) {
                    link.detach();
                }
                Answer::Nothing
            }
            Op::Crowd { task, count } => {
                for slot in REGULARS..REGULARS + count.min(CROWD) {
                    self.poll(slot, task, How { die: slot as u8, label: VALUES.start }, false);
                }
                Answer::Nothing
            }
            Op::Arm { actor, occasion, ref reaction } => {
                let reaction = Some(reaction.clone());
                self.with(|state| state.armed[usize::from(actor)][occasion as usize] = reaction);
                Answer::Nothing
            }
            Op::Disarm => {
                self.with(|state| state.armed = Default::default());
                Answer::Nothing
            }
            Op::Renew => {
                let fresh = Arc::new(S::new());
                self.with(|state| std::mem::replace(&mut state.subject, fresh)).end()
            }
        };
        self.note(Entry::Answered(answer));
    }

    fn begin(&self, how: How) -> Held {
        Held { wait: self.subject().wait(how, &self.props), has_parked: false }
    }

    fn take(&self, slot: usize) -> Option<Held> {
        self.with(|state| state.waits[slot].take())
    }

    fn put_back(&self, slot: usize, held: Held) {
        let displaced = self.with(|state| match &mut state.waits[slot] {
            empty @ None => {
                *empty = Some(held);
                None
            }
            Some(_) => Some(held),
        });
        drop(displaced);
    }

    /// Drops the wait in this slot.
    fn cancel(&self, slot: usize) {
        let Some(held) = self.take(slot) else { return };
        let before = self.with(|state| state.trace.len());
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(held)));
        self.with(|state| {
            // It had a waker, so it stood in line.
            state.deeds.cancels |= state.trace[before..].iter().any(Entry::is_drop_of_a_waker);
        });
        dropped.unwrap_or_else(|payload| resume_unwind(payload));
    }

    fn poll(&self, slot: usize, task: usize, how: How, again: bool) {
        let mut held = match self.take(slot) {
            Some(held) if again || !held.wait.is_terminated() => held,
            over => {
                drop(over);
                self.begin(how)
            }
        };
        let before = self.with(|state| state.trace.len());
        let polled = catch_unwind(AssertUnwindSafe(|| {
            held.wait.as_mut().poll(&mut Context::from_waker(&lend(&self.tasks[task])))
        }));
        let is_terminated = held.wait.is_terminated();
        if let Ok(Poll::Pending) = polled {
            self.with(|state| {
                let cloned = Entry::Met(task as Actor, Occasion::Clone);
                if state.trace[before..].contains(&cloned) {
                    state.deeds.parks |= !held.has_parked;
                    state.deeds.replaces |= held.has_parked;
                    held.has_parked = true;
                }
            });
        }
        self.put_back(slot, held);
        match polled {
            Ok(Poll::Pending) => self.note(Entry::Polled(None, is_terminated)),
            Ok(Poll::Ready(answer)) => self.note(Entry::Polled(Some(answer), is_terminated)),
            Err(payload) => resume_unwind(payload),
        }
    }

    fn react(&self, actor: Actor, occasion: Occasion, reaction: Reaction) {
        let in_a_destructor = occasion == Occasion::Drop && thread::panicking();
        match reaction {
            Reaction::Panic if in_a_destructor => {}
            Reaction::Panic => {
                self.with(|state| state.deeds.panics = true);
                throw(actor);
            }
            Reaction::Do(op) => {
                self.with(|state| {
                    state.deeds.reenters = true;
                    state.depth += 1;
                });
                let done = noted(|| self.act(&op));
                self.with(|state| state.depth -= 1);
                match done {
                    Err(payload) if !in_a_destructor => resume_unwind(payload),
                    _ => {}
                }
            }
        }
    }
}

/// A panic that says whose it is. The crate forgets those that come later than another: that this function's
/// memory leaks is meant, and LeakSanitizer is told (`xtask/leaks.supp`).
#[inline(never)]
fn throw(actor: Actor) -> ! {
    resume_unwind(Box::new(Thrown(actor)))
}

impl<S: Subject> Stage for World<S> {
    fn meet(&self, actor: Actor, occasion: Occasion) {
        let reaction = self.with(|state| {
            state.trace.push(Entry::Met(actor, occasion));
            let reaction = state.armed[usize::from(actor)][occasion as usize].take();
            if reaction.is_some() {
                state.trace.push(Entry::Reacts(actor));
            }
            reaction
        });
        if let Some(reaction) = reaction {
            self.react(actor, occasion, reaction);
        }
    }

    fn told(&self, outcome: Outcome) {
        self.note(Entry::Told(outcome));
    }
}
