//! Section "options" of the header.

use std::borrow::Cow;
use std::ffi::{c_char, c_void};
use std::time::Duration;

use crate::ffi::status::sm_status;
use crate::ffi::text::{self, EMPTY, Lent};
use crate::ffi::user_data::UserData;
use crate::ffi::{call, guard};
use crate::{Error, LogLevel, Options, Trust};

/// What can be chosen about how tokens are fetched. Made with sm_options_new; freed with
/// sm_options_free.
///
/// Options are copied into what they are given to, so that later changes do not reach it. One
/// sm_options may be used by one thread at a time. The setters return SM_OK, or
/// SM_ERROR_INVALID_ARGUMENT for NULL options and for a value out of range, which leaves the old
/// value in place; sm_options_message returns why. NULL as a text means the default again.
pub struct sm_options {
    options: Options,
    /// Why the last setter refused.
    message: Lent,
}

impl sm_options {
    /// The options of a handle, or the defaults for NULL.
    ///
    /// # Safety
    /// `options` is a handle that outlives the call.
    pub(super) unsafe fn or_default<'a>(options: *const sm_options) -> Cow<'a, Options> {
        // SAFETY: a handle is NULL or valid.
        match unsafe { options.as_ref() } {
            Some(options) => Cow::Borrowed(&options.options),
            None => Cow::Owned(Options::new()),
        }
    }
}

/// Trust the certificate authorities of the operating system. The default.
pub const SM_TRUST_SYSTEM: i32 = 0;
/// Trust Mozilla's certificate authorities as of this library's build, for systems without a store.
pub const SM_TRUST_BUNDLED: i32 = 1;

/// Nothing is logged.
pub const SM_LOG_OFF: i32 = 0;
/// A call failed.
pub const SM_LOG_ERROR: i32 = 1;
/// Something failed that the library makes up for.
pub const SM_LOG_WARN: i32 = 2;
/// A token was fetched, refreshed, refused or invalidated.
pub const SM_LOG_INFO: i32 = 3;
/// Each attempt.
pub const SM_LOG_DEBUG: i32 = 4;

/// Receives one log message: `user_data` as it was given, one of SM_LOG_ERROR to SM_LOG_DEBUG, and a
/// text that lives until the handler returns.
///
/// Called only on a thread that is inside a call to this library, with no lock held, and never
/// after what took the options is freed. It must return: by no longjmp, exception or end of its
/// thread. It may call this library.
pub type sm_log_fn = Option<
    unsafe extern "system-unwind" fn(user_data: *mut c_void, level: i32, message: *const c_char),
>;

/// Decides whether a caller that waits goes on: `user_data` as it was given; returns 0 to let that
/// caller go.
///
/// Called only on the thread of the caller that waits, with no lock held, and never after what took
/// the options is freed. It must return: by no longjmp, exception or end of its thread. It may call
/// this library.
pub type sm_keep_waiting_fn =
    Option<unsafe extern "system-unwind" fn(user_data: *mut c_void) -> i32>;

/// Changes options behind the guard.
///
/// # Safety
/// `options` is a handle that no other thread uses.
unsafe fn change(
    options: *mut sm_options,
    set: impl FnOnce(&mut Options) -> Result<(), Error>,
) -> sm_status {
    call::status_only(|| {
        // SAFETY: a handle is NULL or valid, and used by this thread alone.
        let options = unsafe { options.as_mut() }
            .ok_or_else(|| Error::invalid_argument("options is NULL"))?;
        // A panic is a refusal too, so it is contained before the message is written.
        let outcome = guard::contained(|| set(&mut options.options));
        options.message = Lent::new(outcome.as_ref().err().map_or("", Error::message));
        outcome
    })
}

/// Changes a text option.
///
/// # Safety
/// As [`change`]; `value` is a text.
unsafe fn change_text(
    options: *mut sm_options,
    parameter: &str,
    value: *const c_char,
    set: impl for<'a> FnOnce(&'a mut Options, Option<&str>) -> Result<&'a mut Options, Error>,
) -> sm_status {
    // SAFETY: as this function demands.
    unsafe { change(options, |options| set(options, text::read(parameter, value)?).map(drop)) }
}

/// Makes options that hold the defaults.
///
/// Returns options that must later be freed with sm_options_free; never NULL. May be called from
/// any thread.
#[unsafe(no_mangle)]
pub extern "system" fn sm_options_new() -> *mut sm_options {
    guard::infallible(std::ptr::null_mut(), || {
        Box::into_raw(Box::new(sm_options { options: Options::new(), message: Lent::new("") }))
    })
}

/// Returns why the last setter on these options refused, in one line that names the option.
///
/// `options`: may be NULL. Returns a text that lives until the next setter on `options`; "" where
/// the last one did not refuse, and for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_options_message(options: *const sm_options) -> *const c_char {
    // SAFETY: a handle, as the header demands.
    unsafe { guard::look(options, EMPTY, |options| options.message.as_ptr()) }
}

/// Sets the server.
///
/// `base_url`: an https: URL, which may carry a path (a gateway's prefix), but no query, fragment
/// or credentials; /o/token/ is appended unless it is there. Default: the environment variable
/// SMX_BASE_URL, else https://api.standardmetrics.io.
///
/// Returns SM_OK; SM_ERROR_INVALID_ARGUMENT for a malformed URL; SM_ERROR_INSECURE_URL for http: to
/// any other host than 127.0.0.0/8, [::1] and localhost.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_options_set_base_url(
    options: *mut sm_options,
    base_url: *const c_char,
) -> sm_status {
    // SAFETY: a handle and a text, as the header demands.
    unsafe { change_text(options, "base_url", base_url, Options::set_base_url) }
}

/// Sets the scope to ask for (RFC 6749 section 3.3), space separated.
///
/// `scope`: default, and where empty: none, so that the server chooses.
///
/// Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT for a character that no scope may hold.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_options_set_scope(
    options: *mut sm_options,
    scope: *const c_char,
) -> sm_status {
    // SAFETY: a handle and a text, as the header demands.
    unsafe { change_text(options, "scope", scope, Options::set_scope) }
}

/// Sets the User-Agent header.
///
/// `user_agent`: 1 to 256 characters of printable ASCII, not blanks alone. Default: "sm-token/" and
/// the version.
///
/// Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_options_set_user_agent(
    options: *mut sm_options,
    user_agent: *const c_char,
) -> sm_status {
    // SAFETY: a handle and a text, as the header demands.
    unsafe { change_text(options, "user_agent", user_agent, Options::set_user_agent) }
}

/// Sets the proxy.
///
/// `proxy`: [SCHEME://][USER[:PASSWORD]@]HOST[:PORT], with a SCHEME of http (the default), https,
/// socks5 or socks5h, and percent-encoded credentials; "" means none. Default: from the environment
/// variables HTTPS_PROXY, then ALL_PROXY (either case), less NO_PROXY; on Windows then from the
/// user's settings, less their exceptions. A server on this machine is never reached through a proxy.
///
/// Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT for a malformed proxy.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_options_set_proxy(
    options: *mut sm_options,
    proxy: *const c_char,
) -> sm_status {
    // SAFETY: a handle and a text, as the header demands.
    unsafe { change_text(options, "proxy", proxy, Options::set_proxy) }
}

/// Sets a PEM file of certificate authorities that are trusted in place of the system's.
///
/// `ca_file`: its path, at most 16 MiB large; read once, when a fetch starts or a client is made,
/// where a bad file is SM_ERROR_NO_TRUST_ROOTS. Default: none.
///
/// Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT for an empty path.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_options_set_ca_file(
    options: *mut sm_options,
    ca_file: *const c_char,
) -> sm_status {
    // SAFETY: a handle and a text, as the header demands.
    unsafe { change_text(options, "ca_file", ca_file, Options::set_ca_file) }
}

/// Sets the files that hold the client credentials, where a call gives none; they count before the
/// environment's.
///
/// `client_id_file`, `client_secret_file`: their paths, both or neither. Default: none. Each file
/// holds one line of UTF-8, at most 4 KiB; a byte order mark and one line break at its end are
/// dropped. It is read when a fetch starts and when a client is made, then again for each token
/// request of the client. A later read that fails leaves the last credentials in use, and logs
/// SM_LOG_WARN.
///
/// Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT for an empty path and for only one of the two.
/// Whether a file is good is returned by the call that reads it: SM_ERROR_NO_CREDENTIALS where it
/// can't be read, SM_ERROR_INVALID_ARGUMENT where it is not a regular file or not such a line.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_options_set_credential_files(
    options: *mut sm_options,
    client_id_file: *const c_char,
    client_secret_file: *const c_char,
) -> sm_status {
    // SAFETY: a handle and texts, as the header demands.
    unsafe {
        change(options, |options| {
            let client_id_file = text::read("client_id_file", client_id_file)?;
            let client_secret_file = text::read("client_secret_file", client_secret_file)?;
            options.set_credential_files(client_id_file, client_secret_file).map(drop)
        })
    }
}

/// Sets whose certificate authorities are trusted where no CA file is given.
///
/// `trust`: SM_TRUST_SYSTEM (default) or SM_TRUST_BUNDLED.
///
/// Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_options_set_trust(
    options: *mut sm_options,
    trust: i32,
) -> sm_status {
    // SAFETY: a handle, as the header demands.
    unsafe {
        change(options, |options| {
            let trust = Trust::from_code(trust).ok_or_else(|| {
                Error::invalid_argument("trust is none of the SM_TRUST_ constants")
            })?;
            options.set_trust(trust);
            Ok(())
        })
    }
}

/// Sets the deadline of a whole call, retries included.
///
/// `timeout_ms`: milliseconds, at least 1. Default: 30000.
///
/// Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT for 0: there is no way to wait without end.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_options_set_timeout_ms(
    options: *mut sm_options,
    timeout_ms: u32,
) -> sm_status {
    let timeout = Duration::from_millis(timeout_ms.into());
    // SAFETY: a handle, as the header demands.
    unsafe { change(options, |options| options.set_timeout(timeout).map(drop)) }
}

/// Sets how long one connection may take: resolving, proxy and TLS.
///
/// `connect_timeout_ms`: milliseconds, at least 1. Default: 10000.
///
/// Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT for 0.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_options_set_connect_timeout_ms(
    options: *mut sm_options,
    connect_timeout_ms: u32,
) -> sm_status {
    let timeout = Duration::from_millis(connect_timeout_ms.into());
    // SAFETY: a handle, as the header demands.
    unsafe { change(options, |options| options.set_connect_timeout(timeout).map(drop)) }
}

/// Sets how often a request that failed in passing is sent again, within the timeout.
///
/// `max_retries`: 0 (no retries) to 100. Default: 2.
///
/// Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT for more than 100.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_options_set_max_retries(
    options: *mut sm_options,
    max_retries: u32,
) -> sm_status {
    // SAFETY: a handle, as the header demands.
    unsafe { change(options, |options| options.set_max_retries(max_retries).map(drop)) }
}

/// Sets the handler of log messages.
///
/// `log`: the handler; NULL means none, the default. `user_data`: handed to it; must stay valid
/// for as long as what takes the options. `level`: the least important level that is wanted,
/// SM_LOG_OFF to SM_LOG_DEBUG.
///
/// The handler is called on whichever threads call the library, also on several at once.
///
/// Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT for an unknown level.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_options_set_log(
    options: *mut sm_options,
    log: sm_log_fn,
    user_data: *mut c_void,
    level: i32,
) -> sm_status {
    // SAFETY: a handle, as the header demands.
    unsafe {
        change(options, |options| {
            let level = LogLevel::from_code(level)
                .ok_or_else(|| Error::invalid_argument("level is none of the SM_LOG_ constants"))?;
            let Some(log) = log else {
                options.clear_log();
                return Ok(());
            };
            let user_data = UserData(user_data);
            options.set_log(level, move |level, message| {
                let message = text::owned(message);
                // The header demands a handler that can be called on any thread with this user
                // data.
                guard::calling_out(|| log(user_data.get(), level as i32, message.as_ptr()));
            });
            Ok(())
        })
    }
}

/// Sets whom a caller that waits asks whether to go on: for hosts that cancel what they run.
///
/// `keep_waiting`: the handler; NULL means none, the default. `user_data`: handed to it; must
/// stay valid for as long as what takes the options.
///
/// It is asked at least every 100 ms while a call waits, on the thread of that call. Once it
/// returns 0 the call returns SM_ERROR_CANCELED. The request of a client goes on for other callers,
/// that of sm_token_fetch is interrupted. A wait of 0 does not ask.
///
/// Returns SM_OK, or SM_ERROR_INVALID_ARGUMENT for NULL options.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_options_set_keep_waiting(
    options: *mut sm_options,
    keep_waiting: sm_keep_waiting_fn,
    user_data: *mut c_void,
) -> sm_status {
    // SAFETY: a handle, as the header demands.
    unsafe {
        change(options, |options| {
            let Some(keep_waiting) = keep_waiting else {
                options.clear_keep_waiting();
                return Ok(());
            };
            let user_data = UserData(user_data);
            // The header demands a handler that can be called on any thread with this user data.
            options.set_keep_waiting(move || {
                guard::calling_out(|| keep_waiting(user_data.get()) != 0)
            });
            Ok(())
        })
    }
}

/// Frees options.
///
/// `options`: NULL is fine. What took the options keeps its copy.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_options_free(options: *mut sm_options) {
    // SAFETY: a handle, as the header demands, which is used no more.
    unsafe { guard::free(options) }
}
