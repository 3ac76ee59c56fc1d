//! The C ABI, driven by bytes: each byte chooses a call, the ones behind it its arguments. Handles live
//! and die in any order, NULLs and short buffers are everywhere, and no call gets further than a port of
//! this machine on which nobody listens.

#![no_main]

use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr::{dangling_mut, null, null_mut};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicIsize, Ordering};
use std::time::{Duration, Instant};
use std::{fs, thread};

use ::sm_token::Status;
use ::sm_token::ffi::client::*;
use ::sm_token::ffi::error::*;
use ::sm_token::ffi::fetch::*;
use ::sm_token::ffi::fetch_into::*;
use ::sm_token::ffi::options::*;
use ::sm_token::ffi::status::*;
use ::sm_token::ffi::token::*;
use ::sm_token::ffi::version::*;
use libfuzzer_sys::fuzz_target;
use sm_token_fuzz::{SECRET, assert_fit_to_be_told};

/// A call that reached the network would end there, refused.
const NOBODY_LISTENS: [&CStr; 2] = [c"http://127.0.0.1:1", c"https://127.0.0.1:1/gateway"];
const OK: sm_status = Status::Ok.code();
const HANDLES: usize = 4;
const CALLS: usize = 64;

/// How many handlers of outcomes were not called yet.
static AWAITED: AtomicIsize = AtomicIsize::new(0);

fuzz_target!(|script: &[u8]| {
    static BEFORE: OnceLock<usize> = OnceLock::new();
    let before = *BEFORE.get_or_init(threads);
    run(script);
    // No thread of the library lives on, once nobody waits for it.
    let deadline = Instant::now() + Duration::from_secs(5);
    while threads() > before {
        assert!(Instant::now() < deadline, "a thread lives on");
        thread::yield_now();
    }
    assert_eq!(AWAITED.load(Ordering::Relaxed), 0, "handlers that were not called, or twice");
});

fn threads() -> usize {
    fs::read_dir("/proc/self/task").expect("Linux").count()
}

fn run(script: &[u8]) {
    let mut program = Program { script, ..Program::default() };
    for _ in 0..CALLS {
        let Some(call) = program.byte() else { break };
        // SAFETY: the program passes what the header allows: NULLs where it likes, else live handles,
        // texts with a NUL at their end, and places as large as it says.
        unsafe { program.call(call) };
    }
}

struct Program<'a> {
    script: &'a [u8],
    options: [*mut sm_options; HANDLES],
    clients: [*mut sm_client; HANDLES],
}

impl Default for Program<'_> {
    fn default() -> Self {
        Program { script: &[], options: [null_mut(); HANDLES], clients: [null_mut(); HANDLES] }
    }
}

impl Drop for Program<'_> {
    fn drop(&mut self) {
        for at in 0..HANDLES {
            // SAFETY: each is NULL or a live handle, and forgotten here.
            unsafe {
                sm_client_free(self.clients[at]);
                sm_options_free(self.options[at]);
            }
        }
    }
}

/// What a log handler hears is fit to be told; it also calls the library, as it may.
unsafe extern "system-unwind" fn hear(user_data: *mut c_void, level: i32, message: *const c_char) {
    assert_eq!(user_data, null_mut());
    assert!((SM_LOG_ERROR..=SM_LOG_DEBUG).contains(&level));
    // SAFETY: the library gives a text that lives until this returns.
    assert_fit_to_be_told(unsafe { CStr::from_ptr(message) }.to_str().expect("UTF-8"));
    sm_version();
}

/// Goes on where the user data is NULL.
unsafe extern "system-unwind" fn keep_waiting(user_data: *mut c_void) -> i32 {
    user_data.is_null().into()
}

/// Hears that there is no token.
unsafe extern "system-unwind" fn ready(
    user_data: *mut c_void,
    status: sm_status,
    token: *mut sm_token,
    error: *mut sm_error,
) {
    assert!(user_data.is_null() && token.is_null());
    assert!(status != OK && !error.is_null());
    // SAFETY: the error is this handler's.
    unsafe { judge_error(status, error) };
    AWAITED.fetch_sub(1, Ordering::Relaxed);
}

/// A text of the library's, which is never NULL.
unsafe fn told<'a>(text: *const c_char) -> &'a str {
    assert!(!text.is_null());
    // SAFETY: an accessor's text, whose handle is still alive.
    unsafe { CStr::from_ptr(text) }.to_str().expect("UTF-8")
}

impl Program<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.script.split_first()?;
        self.script = rest;
        Some(*first)
    }

    fn number(&mut self) -> i32 {
        match self.byte().unwrap_or(0) {
            small @ 0..=0x7f => small.into(),
            0x80 => i32::MIN,
            0x81 => i32::MAX,
            0x82 => 65_536,
            below => i32::from(below as i8),
        }
    }

    /// NULL, or a text of some bytes, which need not be UTF-8.
    fn text(&mut self) -> Option<CString> {
        let length = match self.byte()? {
            0xff => return None,
            0xfe => return Some(CString::new(SECRET).expect("no NUL")),
            length => usize::from(length).min(self.script.len()),
        };
        let (text, rest) = self.script.split_at(length);
        self.script = rest;
        let end = text.iter().position(|b| *b == 0).unwrap_or(length);
        CString::new(&text[..end]).ok()
    }

    fn place(&mut self) -> usize {
        usize::from(self.byte().unwrap_or(0)) % HANDLES
    }

    unsafe fn call(&mut self, call: u8) {
        let at = self.place();
        // SAFETY: as this function's caller says, each call is one that the header allows.
        unsafe {
            match call % 23 {
                0 => {
                    sm_options_free(self.options[at]);
                    self.options[at] = sm_options_new();
                }
                1 => {
                    sm_options_free(self.options[at]);
                    self.options[at] = null_mut();
                }
                2..=6 => self.set_text(call % 23, at),
                7 => self.set_number(at),
                8 => {
                    let (log, level): (sm_log_fn, i32) = (Some(hear), self.number());
                    let log = if self.byte() == Some(0) { None } else { log };
                    self.expect_checked(
                        at,
                        sm_options_set_log(self.options[at], log, null_mut(), level),
                    );
                }
                9 | 10 => self.make_client(at),
                11 => {
                    sm_client_free(self.clients[at]);
                    self.clients[at] = null_mut();
                }
                12 => self.client_token(at),
                13 => self.client_authorization(at),
                14 => sm_client_invalidate(self.clients[at], null()),
                15 => {
                    let text = self.text();
                    sm_client_invalidate_authorization(self.clients[at], pointer(&text));
                    let text = pointer(&text);
                    sm_client_set_credentials(self.clients[at], text, text, null_mut());
                }
                16 => sm_client_shutdown(self.clients[at]),
                17 => self.fetch(at),
                18 => self.fetch_into(),
                19 => {
                    let user_data =
                        if self.byte() == Some(0) { dangling_mut() } else { null_mut() };
                    let handler: sm_keep_waiting_fn = Some(keep_waiting);
                    let handler = if self.byte() == Some(0) { None } else { handler };
                    let options = self.options[at];
                    let status = sm_options_set_keep_waiting(options, handler, user_data);
                    self.expect_checked(at, status);
                }
                20 => self.when_ready(at),
                21 => self.signal_when_ready(at),
                _ => self.ask_nothing(),
            }
        }
    }

    fn expect_checked(&self, at: usize, status: sm_status) {
        assert!([OK, Status::InvalidArgument.code(), Status::InsecureUrl.code()].contains(&status));
        let options = self.options[at];
        assert!(status != OK || !options.is_null(), "NULL options are taken");
        // SAFETY: a live handle or NULL.
        let message = unsafe { told(sm_options_message(options)) };
        assert_eq!(message.is_empty(), status == OK || options.is_null());
        assert_fit_to_be_told(message);
    }

    unsafe fn set_text(&mut self, which: u8, at: usize) {
        let options = self.options[at];
        let text = self.text();
        let text = pointer(&text);
        // SAFETY: a live handle or NULL, and a text.
        let status = unsafe {
            match which {
                2 => sm_options_set_base_url(options, text),
                3 => sm_options_set_scope(options, text),
                4 => sm_options_set_user_agent(options, text),
                5 => sm_options_set_proxy(options, text),
                _ => {
                    let status = sm_options_set_credential_files(options, text, text);
                    self.expect_checked(at, status);
                    sm_options_set_ca_file(options, text)
                }
            }
        };
        self.expect_checked(at, status);
    }

    unsafe fn set_number(&mut self, at: usize) {
        let options = self.options[at];
        let which = self.byte().unwrap_or(0);
        let number = self.number();
        // SAFETY: a live handle or NULL.
        let status = unsafe {
            match which % 4 {
                0 => sm_options_set_trust(options, number),
                1 => sm_options_set_timeout_ms(options, number as u32),
                2 => sm_options_set_connect_timeout_ms(options, number as u32),
                _ => sm_options_set_max_retries(options, number as u32),
            }
        };
        self.expect_checked(at, status);
    }

    /// Options that lead nowhere, whatever else was set. NULL would lead to the service.
    unsafe fn leading_nowhere(&mut self, at: usize) -> *const sm_options {
        let which = usize::from(self.byte().unwrap_or(0)) % 2;
        // SAFETY: a live handle or NULL, and texts.
        unsafe {
            if self.options[at].is_null() {
                self.options[at] = sm_options_new();
            }
            let options = self.options[at];
            assert_eq!(sm_options_set_base_url(options, NOBODY_LISTENS[which].as_ptr()), OK);
            assert_eq!(sm_options_set_ca_file(options, null()), OK);
            assert_eq!(sm_options_set_credential_files(options, null(), null()), OK);
            assert_eq!(sm_options_set_trust(options, SM_TRUST_BUNDLED), OK);
            assert_eq!(sm_options_set_timeout_ms(options, 1), OK);
            assert_eq!(sm_options_set_max_retries(options, 0), OK);
            options
        }
    }

    unsafe fn make_client(&mut self, at: usize) {
        // SAFETY: a live handle, texts and out parameters.
        unsafe {
            sm_client_free(self.clients[at]);
            let options = self.leading_nowhere(at);
            let (id, secret) = (self.text(), self.text());
            let mut error = null_mut();
            let (id, secret) = (pointer(&id), pointer(&secret));
            let status = sm_client_new(id, secret, options, &mut self.clients[at], &mut error);
            assert_eq!(status == OK, !self.clients[at].is_null());
            judge_error(status, error);
        }
    }

    unsafe fn client_token(&mut self, at: usize) {
        let (mut token, mut error) = (null_mut(), null_mut());
        // SAFETY: a live handle or NULL, and out parameters.
        unsafe {
            let client = self.clients[at];
            let status = match self.byte().unwrap_or(0) % 4 {
                0 => sm_client_token(client, null_mut(), &mut error),
                1 => sm_client_token(client, &mut token, null_mut()),
                2 => sm_client_token(client, &mut token, &mut error),
                _ => {
                    let wait_ms = self.number().into();
                    sm_client_token_within(client, wait_ms, &mut token, &mut error)
                }
            };
            assert!(status != OK && token.is_null());
            judge_error(status, error);
        }
    }

    unsafe fn client_authorization(&mut self, at: usize) {
        let (mut length, mut error) = (usize::MAX, null_mut());
        let mut buffer = vec![b'?'; usize::from(self.byte().unwrap_or(0))];
        // SAFETY: a live handle or NULL, a buffer of the size that is said, and out parameters.
        unsafe {
            let (client, capacity) = (self.clients[at], buffer.len());
            let wait_ms = self.number().into();
            let buffer = buffer.as_mut_ptr().cast();
            let status = sm_client_authorization_within(
                client,
                wait_ms,
                buffer,
                capacity,
                &mut length,
                &mut error,
            );
            assert!(status != OK && length == 0);
            judge_error(status, error);
            assert_ne!(sm_client_authorization(client, null_mut(), 7, null_mut(), null_mut()), OK);
        }
        assert!(buffer.iter().all(|byte| *byte == b'?'), "written to without a token");
    }

    unsafe fn when_ready(&mut self, at: usize) {
        let mut error = null_mut();
        let handler: sm_ready_fn = if self.byte() == Some(0) { None } else { Some(ready) };
        // SAFETY: a live handle or NULL, a handler that takes NULL as its user data, and an out parameter.
        unsafe {
            let status = sm_client_when_ready(self.clients[at], handler, null_mut(), &mut error);
            if status == OK {
                AWAITED.fetch_add(1, Ordering::Relaxed);
            }
            judge_error(status, error);
        }
    }

    /// The descriptor is closed before the signal may come, as it may be.
    unsafe fn signal_when_ready(&mut self, at: usize) {
        let mut error = null_mut();
        // SAFETY: a live handle or NULL, a descriptor of this function's own, and an out parameter.
        unsafe {
            let is_open = self.byte() != Some(0);
            let descriptor = if is_open { libc::eventfd(0, libc::EFD_CLOEXEC) } else { -1 };
            let status =
                sm_client_signal_when_ready(self.clients[at], descriptor as isize, &mut error);
            assert!(is_open || status != OK, "no descriptor is taken");
            judge_error(status, error);
            if is_open {
                libc::close(descriptor);
            }
        }
    }

    unsafe fn fetch(&mut self, at: usize) {
        // SAFETY: a live handle, texts and out parameters.
        unsafe {
            let options = self.leading_nowhere(at);
            let (id, secret) = (self.text(), self.text());
            let (mut token, mut error) = (null_mut(), null_mut());
            let (id, secret) = (pointer(&id), pointer(&secret));
            let status = sm_token_fetch(id, secret, options, &mut token, &mut error);
            assert!(status != OK && token.is_null());
            judge_error(status, error);
        }
    }

    /// Ends before the network: it has no timeout to set. Its CA file is not there.
    unsafe fn fetch_into(&mut self) {
        let (id, secret, base_url) = (self.text(), self.text(), self.text());
        let base_url = base_url.unwrap_or_else(|| NOBODY_LISTENS[1].to_owned());
        let ca_file = c"/no/such/directory/ca.pem";
        let field = self.number();
        let mut out = vec![b'?'; usize::from(self.byte().unwrap_or(0))];
        let mut error_text = vec![b'?'; usize::from(self.byte().unwrap_or(0))];
        let (mut length, mut expires_at) = (-1, -1);
        let odd = self.byte().unwrap_or(0);
        let size =
            |text: &Option<CString>| text.as_ref().map_or(0, |text| text.count_bytes() as i32);
        let secret_length = if odd == 1 { -1 } else { size(&secret) };
        let out_pointer = if odd == 2 { null_mut() } else { out.as_mut_ptr().cast() };
        // An `http:` URL needs no CA file, and would be asked.
        if base_url.to_bytes().to_ascii_lowercase().starts_with(b"http:") {
            return;
        }
        // SAFETY: texts and places with the sizes that are said, and out parameters.
        let status = unsafe {
            sm_token_fetch_into(
                pointer(&id),
                size(&id),
                pointer(&secret),
                secret_length,
                base_url.as_ptr(),
                base_url.count_bytes() as i32,
                ca_file.as_ptr(),
                ca_file.count_bytes() as i32,
                field,
                out_pointer,
                out.len() as i32,
                &mut length,
                &mut expires_at,
                error_text.as_mut_ptr().cast(),
                error_text.len() as i32,
            )
        };
        assert!(status != OK, "no CA file, and yet a token");
        assert_eq!((length, expires_at), (0, 0));
        assert!(odd == 2 || out.iter().all(|byte| *byte == b' '));
        assert_fit_to_be_told(std::str::from_utf8(&error_text).expect("whole characters"));
    }

    /// Accessors, which take NULL, and numbers, any of which is described.
    unsafe fn ask_nothing(&mut self) {
        let number = self.number();
        let mut length = usize::MAX;
        // SAFETY: NULL is allowed everywhere here.
        unsafe {
            assert!(!told(sm_status_message(number)).is_empty());
            assert!([0, 1].contains(&sm_status_is_retryable(number)));
            for ask in
                [sm_token_access_token, sm_token_authorization, sm_token_type, sm_token_scope]
            {
                assert_eq!(told(ask(null())), "");
            }
            assert_eq!((sm_token_expires_at(null()), sm_token_expires_in(null())), (0, 0));
            let status = sm_token_copy(null(), number, null_mut(), 0, &mut length);
            assert_eq!((status, length), (Status::InvalidArgument.code(), 0));
            judge_error(OK, null_mut());
            sm_token_free(null_mut());
        }
    }
}

fn pointer(text: &Option<CString>) -> *const c_char {
    text.as_ref().map_or(null(), |text| text.as_ptr())
}

/// An error agrees with the status that was returned, and is freed.
unsafe fn judge_error(status: sm_status, error: *mut sm_error) {
    assert_ne!(status, Status::Internal.code());
    // SAFETY: a live handle or NULL, freed last.
    unsafe {
        if status == OK {
            assert!(error.is_null());
        }
        let message = told(sm_error_message(error));
        let texts =
            [message, told(sm_error_oauth_code(error)), told(sm_error_oauth_description(error))];
        texts.into_iter().for_each(assert_fit_to_be_told);
        assert_eq!(sm_error_http_status(error), 0, "{message}");
        assert!([0, 1].contains(&sm_error_is_retryable(error)));
        assert!(sm_error_retry_after_ms(error) >= -1);
        if !error.is_null() {
            assert_eq!(sm_error_status(error), status);
            assert!(!message.is_empty());
        }
        sm_error_free(error);
    }
}
