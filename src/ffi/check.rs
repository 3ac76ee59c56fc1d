//! Section "check" of the header.

use std::ffi::{CString, c_char, c_void};

use crate::ffi::error::sm_error;
use crate::ffi::options::sm_options;
use crate::ffi::status::sm_status;
use crate::ffi::{call, guard, text};

/// Nothing is wrong with the step.
pub const SM_CHECK_OK: i32 = 0;
/// The step keeps a token from coming.
pub const SM_CHECK_WRONG: i32 = 1;
/// The step was not reached, does not apply, or can't be judged.
pub const SM_CHECK_UNKNOWN: i32 = 2;

/// Receives one step of sm_check: `user_data` as it was given; the step's name; one of SM_CHECK_OK,
/// SM_CHECK_WRONG and SM_CHECK_UNKNOWN; what is, in one line; and one thing to do, "" where there is
/// nothing to do. The texts live until the callback returns. Returns 0 to stop the check.
///
/// Called only on the thread that called sm_check, with no lock held. It must return: by no longjmp,
/// exception or end of its thread. It may call this library.
pub type sm_check_fn = Option<
    unsafe extern "system-unwind" fn(
        user_data: *mut c_void,
        name: *const c_char,
        verdict: i32,
        text: *const c_char,
        advice: *const c_char,
    ) -> i32,
>;

/// Goes the steps to a token and reports each as soon as it is known, so that an operator sees what is
/// wrong. One request is sent, and the token that it may bring is dropped.
///
/// `client_id`, `client_secret`, `options`: as for sm_token_fetch. `step` (not NULL) is called once for
/// each of these names, in this order: "credentials", "base URL", "proxy", "name", "connection", "TLS",
/// "certificate", "clock", "answer". `user_data` is handed to it.
///
/// A text that is not UTF-8 is SM_ERROR_INVALID_ARGUMENT, and then `step` is not called.
///
/// Returns SM_OK where no step is wrong, else the status of the first that is (of "clock", which no
/// fetch fails for: SM_ERROR_CERTIFICATE); SM_ERROR_CANCELED where `step` or the keep_waiting of the
/// options returned 0. Blocks for at most the timeout of the options. May be called from any thread,
/// also at the same time.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_check(
    client_id: *const c_char,
    client_secret: *const c_char,
    options: *const sm_options,
    step: sm_check_fn,
    user_data: *mut c_void,
    error: *mut *mut sm_error,
) -> sm_status {
    // SAFETY: every pointer is what the header demands: texts, a handle, and an out parameter.
    unsafe {
        call::fallible(error, || {
            let step = step.ok_or_else(|| crate::Error::invalid_argument("step is NULL"))?;
            let client_id = text::read("client_id", client_id)?;
            let client_secret = text::read("client_secret", client_secret)?;
            let options = sm_options::or_default(options);
            crate::check(client_id, client_secret, &options, |taken| {
                let [name, what, advice]: [CString; 3] =
                    [taken.name, &taken.text, taken.advice].map(text::owned);
                let verdict = taken.verdict as i32;
                guard::calling_out(|| {
                    step(user_data, name.as_ptr(), verdict, what.as_ptr(), advice.as_ptr()) != 0
                })
            })
        })
    }
}
