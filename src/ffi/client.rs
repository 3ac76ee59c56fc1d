//! Section "client" of the header.

use std::ffi::c_char;

use crate::ffi::error::sm_error;
use crate::ffi::fetch::credentials;
use crate::ffi::options::sm_options;
use crate::ffi::status::sm_status;
use crate::ffi::token::sm_token;
use crate::ffi::{guard, text};
use crate::{Client, Error};

/// A client that keeps a valid token. Made with sm_client_new; freed with sm_client_free.
///
/// A token is served from memory for the most part of its life. Then it is still served at once
/// while one request behind the callers fetches the next. Only where there is no token callers
/// wait, all for the same request. Its failure is theirs too, and is remembered: a refusal for a
/// minute, what passes for 1 s to 30 s, a rate limit for as long as the server says. Calls in that
/// time get it at once, and sm_error_retry_after_ms tells what is left of it.
///
/// One client may be used from any number of threads at once, and in a child after fork(). No
/// thread lives on behind it: after a time with no calls in which the token expired, the next call
/// waits for a fetch.
pub struct sm_client(Client);

/// Looks into a handle that may not be NULL.
///
/// # Safety
/// `client` is a handle that outlives the call.
unsafe fn look<'a>(client: *const sm_client) -> Result<&'a Client, Error> {
    // SAFETY: a handle is NULL or valid.
    unsafe { client.as_ref() }
        .map(|client| &client.0)
        .ok_or_else(|| Error::invalid_argument("client is NULL"))
}

/// Makes a client. It makes no request yet.
///
/// `client_id`, `client_secret`: the client credentials; both NULL takes them from the environment
/// variables SMX_CLIENT_ID and SMX_CLIENT_SECRET. `options`: NULL means the defaults; they, the
/// environment and the CA file are read now. On success writes to `client` (not NULL) a client that
/// must later be freed with sm_client_free.
///
/// Returns SM_OK, SM_ERROR_INVALID_ARGUMENT, SM_ERROR_NO_CREDENTIALS, SM_ERROR_INSECURE_URL or
/// SM_ERROR_NO_TRUST_ROOTS. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sm_client_new(
    client_id: *const c_char,
    client_secret: *const c_char,
    options: *const sm_options,
    client: *mut *mut sm_client,
    error: *mut *mut sm_error,
) -> sm_status {
    // SAFETY: every pointer is what the header demands: texts, a handle, and out parameters.
    unsafe {
        guard::handing_out("client", client, error, || {
            let credentials = credentials(client_id, client_secret)?;
            let made = Client::new(credentials, &sm_options::or_default(options))?;
            Ok(Box::into_raw(Box::new(sm_client(made))))
        })
    }
}

/// Hands out the current token, fetched or refreshed where it must be.
///
/// `client`: not NULL. On success writes to `token` (not NULL) a token that must later be freed
/// with sm_token_free.
///
/// Returns SM_OK or any other status; SM_ERROR_CANCELED after sm_client_shutdown. Blocks only where
/// there is no token, for at most the timeout of the options. May be called from any thread, also
/// at the same time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sm_client_token(
    client: *mut sm_client,
    token: *mut *mut sm_token,
    error: *mut *mut sm_error,
) -> sm_status {
    // SAFETY: every pointer is what the header demands: a handle, and out parameters.
    unsafe {
        guard::handing_out("token", token, error, || Ok(sm_token::boxed(look(client)?.token()?)))
    }
}

/// Copies the current "Bearer TOKEN" into the caller's buffer, with a NUL at its end; whole or not
/// at all. The quickest way to it: in most calls it takes some nanoseconds, allocates nothing and
/// waits for no lock.
///
/// `client`: not NULL. `buffer`, `capacity`: where to, and its size in bytes; 16 KiB and 8 bytes
/// hold any; NULL and 0 ask for the length alone. `length`: receives the length in bytes without
/// the NUL, also when the buffer is too small; may be NULL. The token may be another at the next
/// call, and its length too.
///
/// Returns as sm_client_token, or SM_ERROR_BUFFER_TOO_SMALL (nothing was written to the buffer).
/// May be called from any thread, also at the same time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sm_client_authorization(
    client: *mut sm_client,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
    error: *mut *mut sm_error,
) -> sm_status {
    // SAFETY: every pointer is what the header demands: a handle, a buffer, and out parameters.
    unsafe {
        guard::fallible(error, || {
            if !length.is_null() {
                length.write(0);
            }
            look(client)?.with_token(|token| {
                text::copy_out(token.authorization(), buffer, capacity, length)
            })?
        })
    }
}

/// Drops a token that a resource refused (HTTP 401), if it is still the current one; else does
/// nothing. The next call waits for another.
///
/// `client`: NULL does nothing. `token`: NULL drops whichever is current and forgets a remembered
/// failure.
///
/// So that a resource which refuses every token does not turn into a storm, repeated invalidations
/// are spread out over 1, 2, 4 ... 30 s; one that comes sooner is ignored. Never blocks on the
/// network. May be called from any thread, also at the same time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sm_client_invalidate(client: *mut sm_client, token: *const sm_token) {
    guard::infallible((), || {
        // SAFETY: handles, as the header demands.
        if let (Ok(client), token) = unsafe { (look(client), token.as_ref()) } {
            client.invalidate(token.map(sm_token::token));
        }
    });
}

/// As sm_client_invalidate, for the text that was sent.
///
/// `client`: NULL does nothing. `authorization`: "Bearer TOKEN" or the token alone; NULL drops
/// whichever token is current and forgets a remembered failure.
///
/// Never blocks on the network. May be called from any thread, also at the same time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sm_client_invalidate_authorization(
    client: *mut sm_client,
    authorization: *const c_char,
) {
    guard::infallible((), || {
        // SAFETY: a handle and a text, as the header demands.
        let (client, text) = unsafe { (look(client), text::read("authorization", authorization)) };
        match (client, text) {
            (Ok(client), Ok(Some(text))) => client.invalidate_authorization(text),
            (Ok(client), Ok(None)) => client.invalidate(None),
            // A text that is not UTF-8 is no token that was handed out.
            _ => {}
        }
    });
}

/// Lets every caller that waits go with SM_ERROR_CANCELED within milliseconds, and refuses later
/// calls with it.
///
/// `client`: NULL does nothing. May be called from any thread, also at the same time, but not from
/// a signal handler.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sm_client_shutdown(client: *mut sm_client) {
    guard::infallible((), || {
        // SAFETY: a handle, as the header demands.
        if let Ok(client) = unsafe { look(client) } {
            client.shutdown();
        }
    });
}

/// Frees a client, without waiting for a request that is under way: what that still holds is wiped
/// when it ends, within its connect timeout.
///
/// `client`: NULL is fine. The last call on it, with no other under way. Tokens that it handed out
/// live on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sm_client_free(client: *mut sm_client) {
    guard::infallible((), || {
        if !client.is_null() {
            // SAFETY: a handle that is not NULL came from `sm_client_new` and is freed once.
            drop(unsafe { Box::from_raw(client) });
        }
    });
}
