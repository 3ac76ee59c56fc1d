//! Section "status" of the header.

use std::ffi::c_char;

use crate::Status;
use crate::ffi::guard;

/// What a call came to: SM_OK or one of the SM_ERROR_ constants. The values never change.
pub type sm_status = i32;

/// Describes a status in one fixed sentence.
///
/// `status`: any value; an unknown one is described as such. Returns a text that lives for ever.
/// Never fails, and may be called from any thread.
#[unsafe(no_mangle)]
pub extern "system" fn sm_status_message(status: sm_status) -> *const c_char {
    guard::infallible(c"".as_ptr(), || {
        Status::from_code(status)
            .map_or(c"unknown status".as_ptr(), |status| status.message_for_c().as_ptr())
    })
}

/// Returns whether the same call may succeed later without any change, judged by the status alone:
/// for callers that have no sm_error.
///
/// `status`: any value. Returns 1 for SM_ERROR_DNS, SM_ERROR_CONNECT, SM_ERROR_TIMEOUT,
/// SM_ERROR_IO, SM_ERROR_RESOURCES, SM_ERROR_RATE_LIMITED and SM_ERROR_SERVER; 0 for all else.
/// SM_ERROR_PROXY and SM_ERROR_TLS depend on more, which sm_error_is_retryable knows. Never fails,
/// and may be called from any thread.
#[unsafe(no_mangle)]
pub extern "system" fn sm_status_is_retryable(status: sm_status) -> i32 {
    guard::infallible(0, || Status::from_code(status).is_some_and(Status::is_retryable).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    #[test]
    fn every_number_has_a_sentence() {
        let sentence = |code| {
            // SAFETY: the function returns a NUL-terminated text that lives for ever.
            unsafe { CStr::from_ptr(sm_status_message(code)) }.to_str().unwrap()
        };
        for status in Status::ALL {
            assert_eq!(sentence(status.code()), status.message());
        }
        assert_eq!(
            (-1..100).filter(|code| sm_status_is_retryable(*code) == 1).collect::<Vec<_>>(),
            [20, 21, 22, 24, 26, 43, 44]
        );
        for unknown in [-1, 1, 99, i32::MAX, i32::MIN] {
            assert_eq!(sentence(unknown), "unknown status");
        }
    }
}
