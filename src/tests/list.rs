//! Models of the wait list: what a popped node's owner may rely on.

use core::pin::Pin;
use core::sync::atomic::Ordering::Relaxed;
use core::task::Waker;
use std::sync::Arc;

use loom::sync::atomic::AtomicUsize;
use loom::thread;

use super::{Task, model};
use crate::raw::list::{List, Node, Status};
use crate::raw::state::State;
use crate::sync::Lock;

struct Scene {
    list: Lock<List>,
    payload: AtomicUsize,
}

fn node() -> Pin<Box<Node>> {
    Box::pin(Node::new(State::from_bits(0).generation(), false))
}

fn scene() -> Arc<Scene> {
    Arc::new(Scene { list: Lock::new(List::new()), payload: AtomicUsize::new(0) })
}

impl Scene {
    fn push(&self, node: &Pin<Box<Node>>, task: &Arc<Task>) {
        let waker = Waker::from(Arc::clone(task));
        // SAFETY: each model owns its nodes, links each once, and pops or removes it.
        self.list.with(|list| unsafe { list.push_back(node.as_ref(), waker) });
    }

    fn pop(&self) -> Option<Waker> {
        self.list.with(|list| list.front().pop())
    }

    fn remove(&self, node: &Pin<Box<Node>>) -> Option<Waker> {
        // SAFETY: each model owns its nodes and has one list.
        self.list.with(|list| unsafe { list.remove(node.as_ref()) })
    }
}

/// Catches WOKEN stored without Release or read without Acquire, and a popper that touches the node
/// after it: `woken_stored_too_early`.
#[test]
fn owner_of_a_woken_node_has_it_for_itself() {
    model(|| {
        let scene = scene();
        let task = Task::new();
        let mut node = node();
        scene.push(&node, &task);
        let popper = thread::spawn({
            let scene = Arc::clone(&scene);
            move || {
                scene.payload.store(1, Relaxed);
                scene.pop().expect("only this thread takes it").wake();
            }
        });
        if node.status() == Status::Woken {
            assert_eq!(scene.payload.load(Relaxed), 1);
            // The next user of the memory: loom objects if the popper still reads it.
            node.as_mut().overwrite();
        }
        popper.join().unwrap();
        assert_eq!(task.wakes(), 1);
    });
}

/// Catches a removed node that stays its neighbour's neighbour: `remove_forgets_a_neighbour`.
#[test]
fn node_is_taken_by_its_owner_or_by_the_popper_but_not_by_both() {
    model(|| {
        let scene = scene();
        let tasks = [Task::new(), Task::new(), Task::new()];
        let nodes = [node(), node(), node()];
        for (node, task) in nodes.iter().zip(&tasks) {
            scene.push(node, task);
        }
        let popper = thread::spawn({
            let scene = Arc::clone(&scene);
            move || scene.pop().map(Waker::wake).is_some()
        });
        // The middle, then the one behind it, which must not name it any more.
        let removed = [1, 2, 0].map(|number| {
            let removed = scene.remove(&nodes[number]).is_some();
            (number, removed)
        });
        let popped = popper.join().unwrap();
        assert!(scene.list.with(|list| list.is_empty()));
        for (number, removed) in removed {
            assert_eq!(tasks[number].wakes(), usize::from(!removed));
            assert_eq!(Arc::strong_count(&tasks[number]), 1);
        }
        assert_eq!(removed.iter().filter(|(_, removed)| !removed).count(), usize::from(popped));
    });
}
