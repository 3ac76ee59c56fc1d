//! Section "client" of the header.

use std::ffi::{c_char, c_void};
use std::time::Duration;

use crate::ffi::call;
use crate::ffi::credentials::{credentials, required_credentials};
use crate::ffi::error::sm_error;
use crate::ffi::options::sm_options;
use crate::ffi::status::sm_status;
use crate::ffi::token::sm_token;
use crate::ffi::user_data::UserData;
use crate::ffi::{guard, text};
use crate::{Client, Error, Status};

/// A client that keeps a valid token. Made with sm_client_new; freed with sm_client_free.
///
/// A token is served from memory for the most part of its life. Then it is still served at once
/// while one request in the background fetches the next. Only where there is no token callers
/// wait, all for the same request. Its failure is theirs too, and is remembered: a refusal for a
/// minute, what passes for 1 s to 30 s, or for as long as the server asks, to 300 s at most. Calls in
/// that time get it at once, and sm_error_retry_after_ms returns what is left of it.
///
/// One client may be used from any number of threads at once, and in a child after fork(). No
/// thread lives on behind it: after a time with no calls in which the token expired, the next call
/// waits for a fetch.
pub struct sm_client(Client);

/// Receives how a wait ended: `user_data` as it was given, and SM_OK with a token, or another status
/// with an error. The other of the two is NULL. Both are the handler's, to be freed with
/// sm_token_free or sm_error_free.
///
/// Called exactly once for each sm_client_when_ready that returned SM_OK, on a thread of the
/// library that blocks every signal, and with no lock held; never inside that call itself, never in
/// a child after fork(), and not once the process exits. It must not block, since others may wait
/// behind it, and must return: by no longjmp, exception or end of its thread. It may call this
/// library, sm_client_free of its own client too.
pub type sm_ready_fn = Option<
    unsafe extern "system-unwind" fn(
        user_data: *mut c_void,
        status: sm_status,
        token: *mut sm_token,
        error: *mut sm_error,
    ),
>;

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

/// How long a caller waits at most, in milliseconds; the timeout ends every wait. It becomes a `Duration`, at the price
/// of a division, only where there is something to wait for.
struct Wait(u64);

impl Wait {
    fn new(wait_ms: i64) -> Result<Wait, Error> {
        if wait_ms < -1 {
            return Err(Error::invalid_argument("wait_ms is below -1"));
        }
        // -1, read without its sign, is above every timeout.
        Ok(Wait(wait_ms as u64))
    }
}

impl From<Wait> for Duration {
    fn from(wait: Wait) -> Duration {
        Duration::from_millis(wait.0)
    }
}

/// Makes a client. It makes no request yet.
///
/// `client_id`, `client_secret`: the client credentials; both NULL takes them as sm_token_fetch
/// does. `options`: NULL means the defaults; they, the environment and all files are read now. Files
/// of credentials are read again for each token request, so that their operator may change them. On
/// success writes to `client` (not NULL) a client that must later be freed with sm_client_free.
///
/// Returns SM_OK, SM_ERROR_INVALID_ARGUMENT, SM_ERROR_NO_CREDENTIALS, SM_ERROR_INSECURE_URL,
/// SM_ERROR_NO_TRUST_ROOTS, SM_ERROR_RESOURCES, or SM_ERROR_TIMEOUT where a file hangs: blocks for at
/// most the timeout of the options; SM_ERROR_CANCELED where keep_waiting returned 0 meanwhile. May be
/// called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_client_new(
    client_id: *const c_char,
    client_secret: *const c_char,
    options: *const sm_options,
    client: *mut *mut sm_client,
    error: *mut *mut sm_error,
) -> sm_status {
    // SAFETY: every pointer is what the header demands: texts, a handle, and out parameters.
    unsafe {
        call::handing_out("client", client, error, || {
            let options = sm_options::or_default(options);
            let credentials = credentials(client_id, client_secret, &options)?;
            let made = Client::new(credentials, &options)?;
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
pub unsafe extern "system" fn sm_client_token(
    client: *mut sm_client,
    token: *mut *mut sm_token,
    error: *mut *mut sm_error,
) -> sm_status {
    // SAFETY: every pointer is what the header demands: a handle, and out parameters.
    unsafe {
        call::handing_out_from_memory("token", token, error, || {
            Ok(sm_token::boxed(look(client)?.token()?))
        })
    }
}

/// As sm_client_token, waiting for a bounded time.
///
/// `client`: not NULL. `wait_ms`: how long to wait at most, in milliseconds: 0 never waits, but
/// starts a request where one is needed; -1, and what is above the timeout of the options, mean
/// that timeout. On success writes to `token` (not NULL) a token that must later be freed with
/// sm_token_free.
///
/// Returns as sm_client_token; SM_ERROR_TIMEOUT, which is retryable and of which
/// sm_error_retry_after_ms returns -1, while the request goes on for the next call;
/// SM_ERROR_INVALID_ARGUMENT for a wait below -1. May be called from any thread, also at the same
/// time.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_client_token_within(
    client: *mut sm_client,
    wait_ms: i64,
    token: *mut *mut sm_token,
    error: *mut *mut sm_error,
) -> sm_status {
    // SAFETY: every pointer is what the header demands: a handle, and out parameters.
    unsafe {
        call::handing_out_from_memory("token", token, error, || {
            Ok(sm_token::boxed(look(client)?.token_within(Wait::new(wait_ms)?.into())?))
        })
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
pub unsafe extern "system" fn sm_client_authorization(
    client: *mut sm_client,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
    error: *mut *mut sm_error,
) -> sm_status {
    // SAFETY: as this function demands.
    unsafe { sm_client_authorization_within(client, -1, buffer, capacity, length, error) }
}

/// As sm_client_authorization, waiting for a bounded time.
///
/// `client`, `buffer`, `capacity`, `length`: as for sm_client_authorization. `wait_ms`: as for
/// sm_client_token_within.
///
/// Returns as sm_client_token_within, or SM_ERROR_BUFFER_TOO_SMALL. May be called from any thread,
/// also at the same time.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_client_authorization_within(
    client: *mut sm_client,
    wait_ms: i64,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
    error: *mut *mut sm_error,
) -> sm_status {
    // SAFETY: every pointer is what the header demands: a handle, a buffer, and out parameters.
    unsafe {
        call::fallible_from_memory(error, || {
            if !length.is_null() {
                length.write(0);
            }
            look(client)?.with_token_within(Wait::new(wait_ms)?, |token| {
                text::copy_out(token.authorization(), buffer, capacity, length)
            })?
        })
    }
}

/// Starts a request where one is needed, and calls back once with the outcome: for hosts that may
/// not block.
///
/// `client`: not NULL. `ready`: the handler, not NULL. `user_data`: handed to it; must stay valid
/// until `ready` is called.
///
/// `ready` may be called before this call has returned, on the other thread. It gets the current
/// token at once where there is one, a remembered failure too, and SM_ERROR_TIMEOUT after the
/// timeout of the options. sm_client_shutdown and sm_client_free have it called with
/// SM_ERROR_CANCELED, if need be after they have returned.
///
/// Returns SM_OK; SM_ERROR_CANCELED after sm_client_shutdown, SM_ERROR_RESOURCES where no thread
/// can be had, or SM_ERROR_INVALID_ARGUMENT, and then `ready` is not called. Never blocks. May be
/// called from any thread, also at the same time.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_client_when_ready(
    client: *mut sm_client,
    ready: sm_ready_fn,
    user_data: *mut c_void,
    error: *mut *mut sm_error,
) -> sm_status {
    // SAFETY: every pointer is what the header demands: a handle and an out parameter.
    unsafe {
        call::fallible(error, || {
            let registration = look(client)?.registration();
            let ready = ready.ok_or_else(|| Error::invalid_argument("ready is NULL"))?;
            let user_data = UserData(user_data);
            registration.when_ready(move |outcome| {
                let (status, token, error) = match outcome {
                    Ok(token) => (Status::Ok, sm_token::boxed(token), std::ptr::null_mut()),
                    Err(error) => (error.status(), std::ptr::null_mut(), sm_error::boxed(error)),
                };
                // The header demands a handler that can be called on any thread with this user data.
                guard::calling_out(|| ready(user_data.get(), status.code(), token, error));
            })
        })
    }
}

/// Starts a request where one is needed, and signals once when there is an outcome: for event loops
/// that no foreign thread may enter. sm_client_token_within or sm_client_authorization_within with
/// a wait of 0 then gives it.
///
/// `client`: not NULL. `descriptor`: an eventfd, a pipe or a socket that is open for writing, to
/// which eight bytes are written, the number 1 as an eventfd takes it; on Windows the HANDLE of an
/// event object, which is set. It stays the caller's, who may close it at any time: the library
/// keeps a duplicate until the signal.
///
/// Signals at once where there is a token or a remembered failure, and at sm_client_shutdown and
/// sm_client_free. A descriptor that takes no eight bytes without blocking gets none. An outcome
/// that the client does not keep, such as a token that arrives past its margin, is handed to the
/// next call within a second of the signal.
///
/// Returns SM_OK; SM_ERROR_CANCELED after sm_client_shutdown, SM_ERROR_RESOURCES where no thread or
/// descriptor can be had, or SM_ERROR_INVALID_ARGUMENT for what can't be written to, and then no
/// signal comes. Never blocks. May be called from any thread, also at the same time.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_client_signal_when_ready(
    client: *mut sm_client,
    descriptor: isize,
    error: *mut *mut sm_error,
) -> sm_status {
    // SAFETY: every pointer is what the header demands: a handle and an out parameter.
    unsafe { call::fallible(error, || look(client)?.registration().signal_when_ready(descriptor)) }
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
pub unsafe extern "system" fn sm_client_invalidate(client: *mut sm_client, token: *const sm_token) {
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
pub unsafe extern "system" fn sm_client_invalidate_authorization(
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

/// Puts client credentials in place of those before, wherever they came from: for a vault or a
/// broker that hands out new ones. Files of credentials are not read any more.
///
/// `client`: not NULL. `client_id`, `client_secret`: not NULL.
///
/// The next request uses them, a remembered refusal is forgotten, and the current token stays. A
/// request that is under way keeps its own. Those before are wiped once no request uses them.
///
/// Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT, which leaves those before in place. Never blocks.
/// May be called from any thread, also at the same time.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_client_set_credentials(
    client: *mut sm_client,
    client_id: *const c_char,
    client_secret: *const c_char,
    error: *mut *mut sm_error,
) -> sm_status {
    // SAFETY: every pointer is what the header demands: a handle, texts, and an out parameter.
    unsafe {
        call::fallible(error, || {
            look(client)?.set_credentials(required_credentials(client_id, client_secret)?);
            Ok(())
        })
    }
}

/// Lets every caller that waits go with SM_ERROR_CANCELED within milliseconds, and refuses later
/// calls with it.
///
/// `client`: NULL does nothing. May be called from any thread, also at the same time, but not from
/// a signal handler.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_client_shutdown(client: *mut sm_client) {
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
pub unsafe extern "system" fn sm_client_free(client: *mut sm_client) {
    // SAFETY: a handle, as the header demands, which is used no more.
    unsafe { guard::free(client) }
}
