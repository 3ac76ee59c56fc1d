//! The one guard that every export goes through.

use crate::ffi::error::sm_error;
use crate::ffi::status::sm_status;
use crate::{Error, Status, panics};

/// Runs an export that can fail, and hands its error out where the caller wants it.
///
/// # Safety
/// `error` is an out parameter.
pub(super) unsafe fn fallible(
    error: *mut *mut sm_error,
    body: impl FnOnce() -> Result<(), Error>,
) -> sm_status {
    // SAFETY: an out parameter, as this function demands.
    unsafe { clear(error) };
    match run(body) {
        Ok(()) => Status::Ok.code(),
        Err(failure) => {
            let status = failure.status().code();
            if !error.is_null() {
                // SAFETY: not NULL, hence writable.
                unsafe { error.write(sm_error::boxed(failure)) };
            }
            status
        }
    }
}

/// Runs an export that makes a handle, and hands the handle out. `parameter` is what messages call
/// the place for it.
///
/// # Safety
/// `out` and `error` are out parameters.
pub(super) unsafe fn handing_out<T>(
    parameter: &str,
    out: *mut *mut T,
    error: *mut *mut sm_error,
    make: impl FnOnce() -> Result<*mut T, Error>,
) -> sm_status {
    // SAFETY: out parameters, as this function demands; `out` is not NULL where it is written to.
    unsafe {
        fallible(error, || {
            clear(out);
            if out.is_null() {
                return Err(Error::invalid_argument(format!(
                    "{parameter} is NULL, so that it can't be handed out"
                )));
            }
            out.write(make()?);
            Ok(())
        })
    }
}

/// Runs an export that tells what was wrong by its status alone.
pub(super) fn status_only(body: impl FnOnce() -> Result<(), Error>) -> sm_status {
    run(body).map_or_else(|failure| failure.status().code(), |()| Status::Ok.code())
}

/// Runs an export that can't fail; a panic in it gives `otherwise`.
pub(super) fn infallible<T>(otherwise: T, body: impl FnOnce() -> T) -> T {
    panics::silence_contained();
    panics::contain(body).unwrap_or(otherwise)
}

fn run(body: impl FnOnce() -> Result<(), Error>) -> Result<(), Error> {
    panics::silence_contained();
    panics::contain(body).and_then(|result| result)
}

/// Sets an out parameter to NULL.
///
/// # Safety
/// `out` is an out parameter.
unsafe fn clear<T>(out: *mut *mut T) {
    if !out.is_null() {
        // SAFETY: not NULL, hence writable.
        unsafe { out.write(std::ptr::null_mut()) };
    }
}
