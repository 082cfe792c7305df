//! A system that has no descriptor or no thread left: the error comes back from `Courier::start`, and with
//! the panic of a wait; nothing hangs, nothing is leaked, and all works once there is one.

use std::ffi::c_int;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::time::{Duration, Instant};

use reveille::{Courier, ThreadSafeFlag};
#[cfg(target_os = "linux")]
use {
    crate::system,
    reveille::{AsyncResult, Event},
    std::task::Poll,
};

use crate::common::{Task, poll, set_and_see_it};
use crate::stage::play;
use crate::system::Limit;

#[test]
fn courier_that_could_not_be_started_is_started_later() {
    play("limits::courier_that_could_not_be_started_is_started_later", |_| {
        let flag = ThreadSafeFlag::new();
        let limit = no_more_descriptors();
        for _ in 0..3 {
            let error = Courier::start().unwrap_err();
            assert_eq!(error.raw_os_error(), Some(libc::EMFILE));
            parking_panics(&flag, &error);
            // What does not park needs no courier.
            assert!(!flag.wait_blocking_timeout(Duration::ZERO));
            assert!(!flag.wait_blocking_deadline(Instant::now()));
        }
        drop(limit);

        #[cfg(target_os = "linux")]
        {
            let limit = crate::linux::no_more_threads();
            let descriptors: Vec<_> = (0..3)
                .map(|_| {
                    let error = Courier::start().unwrap_err();
                    parking_panics(&flag, &error);
                    lowest_descriptor()
                })
                .collect();
            drop(limit);
            assert!(descriptors.iter().all(|&it| it == descriptors[0]), "{descriptors:?}");
        }

        works_now(&flag);
    });
}

/// In a child, which alone becomes `nobody`: the limit does not bind root.
#[test]
#[cfg(target_os = "linux")]
fn wait_without_a_thread_for_the_courier_fails_and_a_later_one_succeeds() {
    play("limits::wait_without_a_thread_for_the_courier_fails_and_a_later_one_succeeds", |_| {
        let ended = system::in_a_child(|| {
            system::become_the_nobody_user();
            let flag = ThreadSafeFlag::new();
            let limit = Limit::lower(libc::RLIMIT_NPROC, 0);
            let descriptors: Vec<_> = (0..3)
                .map(|_| {
                    let error = Courier::start().unwrap_err();
                    assert_eq!(error.raw_os_error(), Some(libc::EAGAIN));
                    parking_panics(&flag, &error);
                    assert!(!flag.wait_blocking_timeout(Duration::ZERO));
                    lowest_descriptor()
                })
                .collect();
            assert!(descriptors.iter().all(|&it| it == descriptors[0]), "{descriptors:?}");
            // What has no courier waits as ever: an event's task and a result's.
            let (event, result) = (Event::new(), AsyncResult::<_, ()>::new());
            let task = Task::new();
            let (mut wait, mut outcome) = (Box::pin(event.wait()), Box::pin(result.wait()));
            assert!(poll(wait.as_mut(), &task).is_pending());
            assert!(poll(outcome.as_mut(), &task).is_pending());
            event.set();
            result.set(7).unwrap();
            assert_eq!(task.wakes(), 2);
            assert!(poll(wait.as_mut(), &task).is_ready());
            assert_eq!(poll(outcome.as_mut(), &task), Poll::Ready(Ok(&7)));
            drop(limit);
            works_now(&flag);
        });
        assert!(ended.success(), "the child: {ended}");
    });
}

fn works_now(flag: &ThreadSafeFlag) {
    // A set needs no courier, nor does a wait that need not park.
    flag.set();
    flag.wait_blocking();

    Courier::start().unwrap();
    Courier::start().unwrap();
    set_and_see_it(flag);
}

/// Both kinds of wait say why.
fn parking_panics(flag: &ThreadSafeFlag, error: &io::Error) {
    let task = Task::new();
    let parkings: [&dyn Fn(); 2] = [&|| flag.wait_blocking(), &|| {
        let _ = poll(pin!(flag.wait()), &task);
    }];
    for park in parkings {
        // The usual hook looks for files and memory, to tell more than we ask.
        let hook = panic::take_hook();
        panic::set_hook(Box::new(|_| ()));
        let outcome = catch_unwind(AssertUnwindSafe(park));
        panic::set_hook(hook);
        let payload = outcome.unwrap_err();
        let message = payload.downcast::<String>().unwrap();
        assert!(message.contains(&error.to_string()), "{message}");
    }
}

fn no_more_descriptors() -> Limit {
    Limit::lower(libc::RLIMIT_NOFILE, lowest_descriptor() as libc::rlim_t)
}

/// The descriptor that is next.
fn lowest_descriptor() -> c_int {
    File::open("/dev/null").unwrap().as_raw_fd()
}
