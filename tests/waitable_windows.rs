//! `WaitableEvent` on Windows: its handle, in all that waits for objects, and in a child process.
//!
//! What concerns a whole process is played in one of its own.

#![cfg(all(windows, feature = "std"))]

mod common;
#[path = "waitable/kernel.rs"]
mod kernel;

use std::ffi::c_void;
use std::os::windows::io::{AsHandle, AsRawHandle};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};
use std::{env, io, mem, ptr, thread};

use reveille::{Event, WaitableEvent};
use windows_sys::Wdk::Foundation::{NtQueryObject, ObjectBasicInformation};
use windows_sys::Win32::Foundation::{
    CloseHandle, GetHandleInformation, HANDLE, HANDLE_FLAG_INHERIT, SetHandleInformation,
    WAIT_OBJECT_0,
};
use windows_sys::Win32::System::Threading::{
    INFINITE, RegisterWaitForSingleObject, SetEvent, UnregisterWaitEx, WT_EXECUTEONLYONCE,
    WaitForMultipleObjects,
};
use windows_sys::Win32::System::WindowsProgramming::PUBLIC_OBJECT_BASIC_INFORMATION;

use common::in_time;
use kernel::{assert_is_set, event, until_waiting};

/// Names the test whose scene this process plays.
const SCENE: &str = "REVEILLE_SCENE";

/// The handle that this process has inherited.
const INHERITED: &str = "REVEILLE_INHERITED";

/// This very program once more, asked for one test alone.
fn program(test: &str) -> Command {
    let mut program = Command::new(env::current_exe().unwrap());
    program.args(["--exact", test, "--nocapture"]);
    program
}

#[track_caller]
fn run(mut program: Command) {
    let output = program.output().unwrap();
    let said = [&output.stdout[..], &output.stderr[..]].map(String::from_utf8_lossy).concat();
    // If the name were not the test's own, nothing would run, and all would be well.
    let ran = said.contains("1 passed");
    let shown: String = said.lines().map(|line| format!("    {line}\n")).collect();
    assert!(output.status.success() && ran, "{program:?}: {}\n{shown}", output.status);
}

// === 15: handles ===

/// Of all handles to the object, in all processes.
fn handles(event: &WaitableEvent) -> u32 {
    // SAFETY: all zeroes is good: it is numbers.
    let mut found: PUBLIC_OBJECT_BASIC_INFORMATION = unsafe { mem::zeroed() };
    let (place, room) = (&raw mut found, size_of_val(&found) as u32);
    // SAFETY: there is room for what it writes.
    let status = unsafe {
        let handle = event.as_raw_handle();
        NtQueryObject(handle, ObjectBasicInformation, place.cast(), room, ptr::null_mut())
    };
    assert_eq!(status, 0);
    found.HandleCount
}

#[test]
fn clone_is_another_handle_and_is_closed_when_it_is_dropped() {
    let first = event();
    assert_eq!(handles(&first), 1);
    let clones: Vec<_> = (0..100).map(|_| first.try_clone().unwrap()).collect();
    assert!(clones.iter().all(|clone| clone.as_raw_handle() != first.as_raw_handle()));
    assert_eq!(handles(&first), 101);
    drop(clones);
    assert_eq!(handles(&first), 1);
}

#[test]
fn children_do_not_inherit_the_handle() {
    let event = event();
    for event in [&event.try_clone().unwrap(), &event] {
        let mut flags = u32::MAX;
        // SAFETY: the handle is open, and `flags` ours.
        assert_ne!(unsafe { GetHandleInformation(event.as_raw_handle(), &mut flags) }, 0);
        assert_eq!(flags & HANDLE_FLAG_INHERIT, 0);
        assert_eq!(event.as_handle().as_raw_handle(), event.as_raw_handle());
    }
}

#[test]
fn child_that_is_given_the_handle_sets_it_for_the_parent() {
    if let Ok(handle) = env::var(INHERITED) {
        let handle = handle.parse::<usize>().unwrap() as HANDLE;
        // SAFETY: it was inherited, and is open.
        return assert_ne!(unsafe { SetEvent(handle) }, 0, "{}", io::Error::last_os_error());
    }
    let event = event();
    let handle = event.as_raw_handle();
    // SAFETY: the handle is open.
    let given = unsafe { SetHandleInformation(handle, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT) };
    assert_ne!(given, 0, "{}", io::Error::last_os_error());
    let mut child = program("child_that_is_given_the_handle_sets_it_for_the_parent");
    child.env(INHERITED, (handle as usize).to_string());
    run(child);
    assert_is_set(&event, true);
}

#[test]
fn debug_shows_state_and_handle() {
    let event = event();
    let handle = event.as_raw_handle();
    let told = format!("WaitableEvent {{ is_set: false, handle: {handle:?} }}");
    assert_eq!(format!("{event:?}"), told);
    event.set();
    assert!(format!("{event:?}").contains("is_set: true"));
}

// === 16: what waits for objects ===

#[test]
fn loop_that_waits_for_several_objects_learns_which_one_is_set() {
    in_time("WaitForMultipleObjects", || {
        let (events, waiting) = ([event(), event(), event()], AtomicUsize::new(0));
        for set in [2, 0, 1] {
            waiting.store(0, SeqCst);
            let found = thread::scope(|threads| {
                let waits = threads.spawn(|| {
                    let all = events.each_ref().map(|event| event.as_raw_handle());
                    waiting.fetch_add(1, SeqCst);
                    // SAFETY: they are three, and open.
                    unsafe { WaitForMultipleObjects(3, all.as_ptr(), 0, INFINITE) }
                });
                until_waiting(&waiting, 1);
                events[set].set();
                waits.join().unwrap()
            });
            assert_eq!(found, WAIT_OBJECT_0 + set as u32);
            // It has not taken it.
            assert!(events[set].clear());
        }
    });
}

unsafe extern "system" fn set_event(event: *mut c_void, _: bool) {
    // SAFETY: `awaited` keeps it until the wait is unregistered.
    unsafe { &*event.cast::<Event>() }.set();
}

/// Has the system's threads wait for `object`, while `wait` waits for what they set.
fn awaited(object: &WaitableEvent, wait: impl FnOnce(Arc<Event>)) {
    let (released, mut registered) = (Arc::new(Event::new()), ptr::null_mut());
    let context = Arc::as_ptr(&released).cast();
    let handle = object.as_raw_handle();
    // SAFETY: the handle is open, and it and the context outlive the registration.
    let done = unsafe {
        let callback = Some(set_event as unsafe extern "system" fn(_, _));
        let how = WT_EXECUTEONLYONCE;
        RegisterWaitForSingleObject(&mut registered, handle, callback, context, INFINITE, how)
    };
    assert_ne!(done, 0, "{}", io::Error::last_os_error());
    wait(Arc::clone(&released));
    // SAFETY: it is registered. This waits until its callback has ended.
    assert_ne!(unsafe { UnregisterWaitEx(registered, -1_isize as HANDLE) }, 0);
}

#[test]
fn callback_of_the_system_wakes_a_task_of_tokio_and_one_of_smol() {
    in_time("RegisterWaitForSingleObject", || {
        let object = event();
        let tokio = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let waits: [&dyn Fn(Arc<Event>); 2] =
            [&|released| tokio.block_on(async { released.wait().await }), &|released| {
                smol::block_on(async { released.wait().await })
            }];
        for wait in waits {
            awaited(&object, |released| {
                assert!(!released.is_set());
                let setter = object.try_clone().unwrap();
                let thread = thread::spawn(move || setter.set());
                wait(released);
                thread.join().unwrap();
            });
            assert!(object.clear());
        }
    });
}

// === 16: other people's handles ===

/// The program must not do so; what comes of it is no worse than that nothing does.
#[test]
fn event_whose_handle_was_closed_is_never_set() {
    const NAME: &str = "event_whose_handle_was_closed_is_never_set";
    if env::var_os(SCENE).is_none() {
        let mut alone = program(NAME);
        alone.env(SCENE, NAME);
        return run(alone);
    }
    in_time("a wait for a closed handle", || {
        let event = event();
        // SAFETY: nobody else uses its number after that, and the event is not dropped.
        unsafe { CloseHandle(event.as_raw_handle()) };
        const TIMEOUT: Duration = Duration::from_millis(200);
        let begin = Instant::now();
        assert!(!event.wait_blocking_timeout(TIMEOUT));
        assert!(begin.elapsed() >= TIMEOUT);
        assert!(!event.is_set() && !event.clear());
        event.set();
        assert!(!event.is_set());
        mem::forget(event);
    });
}
