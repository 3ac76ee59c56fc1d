//! The one guard that every export goes through, so that no panic crosses the boundary, and no cancellation of the
//! thread takes place inside.

use crate::sys::CancellationHeld;
use crate::{Error, panics};

/// Runs an export that can't fail; a panic in it gives `otherwise`.
pub(super) fn infallible<T>(otherwise: T, body: impl FnOnce() -> T) -> T {
    let _held = CancellationHeld::begin();
    infallible_from_memory(otherwise, body)
}

/// Runs an export that can fail; a panic in it is `INTERNAL`.
pub(super) fn contained<T>(body: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    let _held = CancellationHeld::begin();
    contained_from_memory(body)
}

/// As [`contained`], for what has no cancellation point on its quickest path, which holding would double. The core
/// holds on the other paths.
pub(super) fn contained_from_memory<T>(
    body: impl FnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    panics::silence_contained();
    panics::contain(body).and_then(|result| result)
}

/// As [`infallible`], for what has no cancellation point.
fn infallible_from_memory<T>(otherwise: T, body: impl FnOnce() -> T) -> T {
    panics::silence_contained();
    panics::contain(body).unwrap_or(otherwise)
}

/// Calls a handler of the caller's. What unwinds it, an exception or `pthread_exit`, ends the process: the frames of Rust
/// behind it may not be unwound so.
pub(super) fn calling_out<T>(handler: impl FnOnce() -> T) -> T {
    struct Returns;

    impl Drop for Returns {
        fn drop(&mut self) {
            std::process::abort();
        }
    }

    let returns = Returns;
    let outcome = handler();
    std::mem::forget(returns);
    outcome
}

/// Looks into a handle; `missing` for NULL, and where a panic is contained.
///
/// # Safety
/// `handle` is a handle.
pub(super) unsafe fn look<H, T: Copy>(
    handle: *const H,
    missing: T,
    see: impl FnOnce(&H) -> T,
) -> T {
    // SAFETY: a handle is NULL or valid.
    infallible_from_memory(missing, || unsafe { handle.as_ref() }.map_or(missing, see))
}

/// Frees a handle.
///
/// # Safety
/// `handle` is a handle, and this the last call on it.
pub(super) unsafe fn free<H>(handle: *mut H) {
    infallible((), || {
        if !handle.is_null() {
            // SAFETY: a handle that is not NULL came from `Box::into_raw` and is freed once.
            drop(unsafe { Box::from_raw(handle) });
        }
    });
}
