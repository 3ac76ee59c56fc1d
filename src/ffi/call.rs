//! Calls that can fail: their status, their error and what they hand out.

use crate::ffi::error::sm_error;
use crate::ffi::guard;
use crate::ffi::status::sm_status;
use crate::{Error, Status};

/// Runs an export that can fail, and hands its error out where the caller wants it.
///
/// # Safety
/// `error` is an out parameter.
pub(super) unsafe fn fallible(
    error: *mut *mut sm_error,
    body: impl FnOnce() -> Result<(), Error>,
) -> sm_status {
    // SAFETY: an out parameter, as this function demands.
    unsafe { telling(error, || guard::contained(body)) }
}

/// As [`fallible`], for what is mostly read from memory ([`guard::contained_from_memory`]).
///
/// # Safety
/// `error` is an out parameter.
pub(super) unsafe fn fallible_from_memory(
    error: *mut *mut sm_error,
    body: impl FnOnce() -> Result<(), Error>,
) -> sm_status {
    // SAFETY: an out parameter, as this function demands.
    unsafe { telling(error, || guard::contained_from_memory(body)) }
}

/// Hands the error of a guarded call out where the caller wants it.
///
/// # Safety
/// `error` is an out parameter.
unsafe fn telling(
    error: *mut *mut sm_error,
    guarded: impl FnOnce() -> Result<(), Error>,
) -> sm_status {
    // SAFETY: an out parameter, as this function demands.
    unsafe { clear(error) };
    match guarded() {
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
    // SAFETY: out parameters, as this function demands.
    unsafe { fallible(error, || hand_out(parameter, out, make)) }
}

/// As [`handing_out`], for what is mostly read from memory ([`guard::contained_from_memory`]).
///
/// # Safety
/// `out` and `error` are out parameters.
pub(super) unsafe fn handing_out_from_memory<T>(
    parameter: &str,
    out: *mut *mut T,
    error: *mut *mut sm_error,
    make: impl FnOnce() -> Result<*mut T, Error>,
) -> sm_status {
    // SAFETY: out parameters, as this function demands.
    unsafe { fallible_from_memory(error, || hand_out(parameter, out, make)) }
}

/// # Safety
/// `out` is an out parameter.
unsafe fn hand_out<T>(
    parameter: &str,
    out: *mut *mut T,
    make: impl FnOnce() -> Result<*mut T, Error>,
) -> Result<(), Error> {
    // SAFETY: an out parameter, as this function demands.
    unsafe { clear(out) };
    if out.is_null() {
        return Err(Error::invalid_argument(format!(
            "{parameter} is NULL, so that it can't be handed out"
        )));
    }
    let made = make()?;
    // SAFETY: not NULL, hence writable.
    unsafe { out.write(made) };
    Ok(())
}

/// Runs an export that reports what was wrong by its status alone.
pub(super) fn status_only(body: impl FnOnce() -> Result<(), Error>) -> sm_status {
    guard::contained(body).map_or_else(|failure| failure.status().code(), |()| Status::Ok.code())
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
