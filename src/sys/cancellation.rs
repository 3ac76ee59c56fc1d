//! The cancellation of threads (POSIX `pthread_cancel`).
//!
//! It unwinds a thread at its next cancellation point, such as `write` or `open`. Frames of Rust may not be unwound
//! so: the process would end.

/// While it lives, a cancellation of this thread waits. One that arrives takes place at the first cancellation point
/// behind it.
pub(crate) struct CancellationHeld {
    before: i32,
    /// The state is the thread's.
    _stays_here: std::marker::PhantomData<*const ()>,
}

impl CancellationHeld {
    pub(crate) fn begin() -> Self {
        CancellationHeld {
            before: state::exchange(state::DISABLED),
            _stays_here: std::marker::PhantomData,
        }
    }
}

impl Drop for CancellationHeld {
    fn drop(&mut self) {
        state::exchange(self.before);
    }
}

#[cfg(any(
    all(target_os = "linux", not(target_env = "ohos")),
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly",
))]
mod state {
    use std::ffi::c_int;

    /// `PTHREAD_CANCEL_DISABLE`.
    pub(super) const DISABLED: c_int = if cfg!(target_vendor = "apple") { 0 } else { 1 };

    unsafe extern "C" {
        fn pthread_setcancelstate(state: c_int, before: *mut c_int) -> c_int;
    }

    /// Sets the state of this thread, and returns the one before.
    pub(super) fn exchange(state: c_int) -> c_int {
        let mut before = state;
        // SAFETY: `before` is a valid place to write to, and only a state that the system named is set.
        unsafe { pthread_setcancelstate(state, &mut before) };
        before
    }
}

/// A system without cancellation, such as Windows and Android.
#[cfg(not(any(
    all(target_os = "linux", not(target_env = "ohos")),
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly",
)))]
mod state {
    pub(super) const DISABLED: i32 = 0;

    pub(super) fn exchange(_: i32) -> i32 {
        DISABLED
    }
}
