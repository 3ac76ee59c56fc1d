//! Section "error" of the header.

use std::ffi::c_char;
use std::time::Duration;

use crate::ffi::guard;
use crate::ffi::status::sm_status;
use crate::ffi::text::{EMPTY, Lent};
use crate::{Error, Status};

/// Why a call failed. Handed out by the call's last parameter; freed with sm_error_free.
pub struct sm_error {
    error: Error,
    message: Lent,
    oauth_code: Lent,
    oauth_description: Lent,
}

impl sm_error {
    pub(super) fn boxed(error: Error) -> *mut sm_error {
        Box::into_raw(Box::new(sm_error {
            message: Lent::new(error.message()),
            oauth_code: Lent::new(error.oauth_code()),
            oauth_description: Lent::new(error.oauth_description()),
            error,
        }))
    }
}

/// Returns the status that the call returned too.
///
/// `error`: may be NULL. Returns SM_OK for NULL. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_error_status(error: *const sm_error) -> sm_status {
    // SAFETY: a handle, as the header demands.
    unsafe { guard::look(error, Status::Ok.code(), |error| error.error.status().code()) }
}

/// Returns what happened, to what, and what to do, in one line that can be shown to a person.
///
/// `error`: may be NULL. Returns a text that lives as long as `error`; "" for NULL. May be called
/// from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_error_message(error: *const sm_error) -> *const c_char {
    // SAFETY: a handle, as the header demands.
    unsafe { guard::look(error, EMPTY, |error| error.message.as_ptr()) }
}

/// Returns the HTTP status code of the server's answer.
///
/// `error`: may be NULL. Returns 100 to 999, or 0 where no answer came and for NULL. May be called
/// from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_error_http_status(error: *const sm_error) -> i32 {
    // SAFETY: a handle, as the header demands.
    unsafe { guard::look(error, 0, |error| error.error.http_status().into()) }
}

/// Returns the server's OAuth error code (RFC 6749 section 5.2), such as "invalid_client".
///
/// `error`: may be NULL. Returns a text of at most 64 characters, cleaned of control characters and
/// of any echo of the secret, that lives as long as `error`; "" where the server gave none and for
/// NULL. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_error_oauth_code(error: *const sm_error) -> *const c_char {
    // SAFETY: a handle, as the header demands.
    unsafe { guard::look(error, EMPTY, |error| error.oauth_code.as_ptr()) }
}

/// Returns the server's own description of its OAuth error (RFC 6749 section 5.2).
///
/// `error`: may be NULL. Returns a text of at most 256 characters, cleaned as sm_error_oauth_code,
/// that lives as long as `error`; "" where the server gave none and for NULL. May be called from
/// any thread.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_error_oauth_description(error: *const sm_error) -> *const c_char {
    // SAFETY: a handle, as the header demands.
    unsafe { guard::look(error, EMPTY, |error| error.oauth_description.as_ptr()) }
}

/// Returns whether the same call may succeed later without any change.
///
/// `error`: may be NULL. Returns 1 or 0; 0 for NULL. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_error_is_retryable(error: *const sm_error) -> i32 {
    // SAFETY: a handle, as the header demands.
    unsafe { guard::look(error, 0, |error| error.error.is_retryable().into()) }
}

/// Returns how long to wait before the next try.
///
/// `error`: may be NULL. Returns milliseconds, from the server's Retry-After, to a day at most, or
/// from a remembered failure; -1 where neither gives one and for NULL. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_error_retry_after_ms(error: *const sm_error) -> i64 {
    // SAFETY: a handle, as the header demands.
    unsafe {
        guard::look(error, -1, |error| error.error.retry_after().map_or(-1, whole_milliseconds_up))
    }
}

/// Rounded up, so that a caller who waits so long does not come too early.
fn whole_milliseconds_up(wait: Duration) -> i64 {
    i64::try_from(wait.as_nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX)
}

/// Frees an error.
///
/// `error`: NULL is fine. The last call on it, with no other under way.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_error_free(error: *mut sm_error) {
    // SAFETY: a handle, as the header demands, which is used no more.
    unsafe { guard::free(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_whole_milliseconds_rounded_up() {
        let rounded = |microseconds| whole_milliseconds_up(Duration::from_micros(microseconds));
        assert_eq!([rounded(0), rounded(1), rounded(1000), rounded(992_700)], [0, 1, 1, 993]);
    }
}
