//! Section "fetch" of the header.

use std::ffi::c_char;

use crate::ffi::call;
use crate::ffi::credentials::credentials;
use crate::ffi::error::sm_error;
use crate::ffi::options::sm_options;
use crate::ffi::status::sm_status;
use crate::ffi::token::sm_token;

/// Asks the server for a token and waits for it: one request, and its retries within the timeout.
///
/// `client_id`, `client_secret`: the client credentials; both NULL takes them from the files of
/// sm_options_set_credential_files, else from the environment variables SMX_CLIENT_ID and
/// SMX_CLIENT_SECRET, or the files that SMX_CLIENT_ID_FILE and SMX_CLIENT_SECRET_FILE name.
/// `options`: NULL means the defaults. On success writes to `token` (not NULL) a token that must later be freed with sm_token_free.
///
/// Returns SM_OK or any other status. Blocks for at most the timeout of the options. May be called
/// from any thread, also at the same time. A program that needs a token more than once should keep
/// one.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_token_fetch(
    client_id: *const c_char,
    client_secret: *const c_char,
    options: *const sm_options,
    token: *mut *mut sm_token,
    error: *mut *mut sm_error,
) -> sm_status {
    // SAFETY: every pointer is what the header demands: texts, a handle, and out parameters.
    unsafe {
        call::handing_out("token", token, error, || {
            let options = sm_options::or_default(options);
            let credentials = credentials(client_id, client_secret, &options)?;
            let fetched = crate::fetch(credentials, &options)?;
            Ok(sm_token::boxed(fetched))
        })
    }
}
