//! Section "fetch" of the header.

use std::ffi::c_char;

use crate::ffi::error::sm_error;
use crate::ffi::options::sm_options;
use crate::ffi::status::sm_status;
use crate::ffi::token::sm_token;
use crate::ffi::{guard, text};
use crate::{Credentials, Error};

/// The credentials that a call gives, or the environment's where it gives neither.
///
/// # Safety
/// Both are texts that outlive the call.
pub(super) unsafe fn credentials(
    client_id: *const c_char,
    client_secret: *const c_char,
) -> Result<Credentials, Error> {
    // SAFETY: texts, as this function demands.
    let client_id = unsafe { text::read("client_id", client_id) }?;
    // SAFETY: as above.
    let client_secret = unsafe { text::read("client_secret", client_secret) }?;
    match (client_id, client_secret) {
        (Some(client_id), Some(client_secret)) => Credentials::new(client_id, client_secret),
        (None, None) => Credentials::from_env(),
        (None, Some(_)) => Err(only_one("client_id")),
        (Some(_), None) => Err(only_one("client_secret")),
    }
}

fn only_one(missing: &str) -> Error {
    Error::invalid_argument(format!(
        "{missing} is NULL and the other is not; give both, or neither to take them from the environment"
    ))
}

/// Asks the server for a token and waits for it: one request, and its retries within the timeout.
///
/// `client_id`, `client_secret`: the client credentials; both NULL takes them from the environment
/// variables SMX_CLIENT_ID and SMX_CLIENT_SECRET. `options`: NULL means the defaults. On success
/// writes to `token` (not NULL) a token that must later be freed with sm_token_free.
///
/// Returns SM_OK or any other status. Blocks for at most the timeout of the options. May be called
/// from any thread, also at the same time. A program that needs a token more than once should keep
/// one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sm_token_fetch(
    client_id: *const c_char,
    client_secret: *const c_char,
    options: *const sm_options,
    token: *mut *mut sm_token,
    error: *mut *mut sm_error,
) -> sm_status {
    // SAFETY: every pointer is what the header demands: texts, a handle, and out parameters.
    unsafe {
        guard::handing_out("token", token, error, || {
            let credentials = credentials(client_id, client_secret)?;
            let fetched = crate::fetch(&credentials, &sm_options::or_default(options))?;
            Ok(sm_token::boxed(fetched))
        })
    }
}
