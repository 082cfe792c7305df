//! This thread's `errno`, which code that a signal handler may call must leave unchanged.
//!
//! # Invariants
//! **Errno Is The Thread's Own.** The place that the C library names exists for as long as the
//! thread. No other thread uses it. Code that interrupts this one, such as a signal handler,
//! restores what it finds there. Nothing here keeps the pointer.

/// Restores `errno` on drop.
pub(super) struct KeepErrno(libc::c_int);

// === impl KeepErrno ===

impl KeepErrno {
    #[inline]
    pub(super) fn now() -> Self {
        // SAFETY: Errno Is The Thread's Own.
        Self(unsafe { *errno() })
    }
}

impl Drop for KeepErrno {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: Errno Is The Thread's Own.
        unsafe { *errno() = self.0 };
    }
}

/// Imports, as `place`, the function of each system's C library that returns where `errno` is.
macro_rules! errno_is_at {
    ($($systems:meta => $function:ident,)*) => {
        $(#[cfg($systems)] use libc::$function as place;)*

        #[cfg(not(any($($systems),*)))]
        compile_error!("location of `errno` unknown on this Unix: see `raw/fd/errno.rs`");
    };
}

/// Returns where this thread's `errno` is.
#[inline]
fn errno() -> *mut libc::c_int {
    errno_is_at! {
        any(
            target_os = "linux",
            target_os = "dragonfly",
            target_os = "emscripten",
            target_os = "fuchsia",
            target_os = "hurd",
            target_os = "l4re",
            target_os = "redox"
        ) => __errno_location,
        any(target_vendor = "apple", target_os = "freebsd") => __error,
        any(
            target_os = "android",
            target_os = "netbsd",
            target_os = "openbsd",
            target_os = "horizon",
            target_os = "nuttx",
            target_os = "vita"
        ) => __errno,
        any(target_os = "solaris", target_os = "illumos") => ___errno,
        target_os = "nto" => __get_errno_ptr,
        target_os = "aix" => _Errno,
        target_os = "haiku" => _errnop,
    }
    // SAFETY: Errno Is The Thread's Own; the function that returns its place may be called
    // anywhere.
    unsafe { place() }
}
