//! Section "token" of the header.

use std::ffi::c_char;

use crate::ffi::status::sm_status;
use crate::ffi::text::{self, EMPTY, Lent};
use crate::ffi::{call, guard};
use crate::{Error, Token};

/// An access token. Handed out by a fetch or a client; freed with sm_token_free, which wipes it.
pub struct sm_token {
    /// Lends the token out itself. A copy here would be one more to wipe, also from the registers
    /// that it went through on the caller's thread.
    token: Token,
    token_type: Lent,
    scope: Lent,
}

impl sm_token {
    pub(super) fn boxed(token: Token) -> *mut sm_token {
        Box::into_raw(Box::new(sm_token {
            token_type: Lent::new(token.token_type()),
            scope: Lent::new(token.scope()),
            token,
        }))
    }

    pub(super) fn token(&self) -> &Token {
        &self.token
    }
}

/// Field of sm_token_copy: the access token itself.
pub const SM_FIELD_ACCESS_TOKEN: i32 = 0;
/// Field of sm_token_copy: "Bearer TOKEN", ready for the Authorization header.
pub const SM_FIELD_AUTHORIZATION: i32 = 1;
/// Field of sm_token_copy: the token's type as the server wrote it, "Bearer" in some case.
pub const SM_FIELD_TYPE: i32 = 2;
/// Field of sm_token_copy: the granted scope, space separated; "" where the server gave none.
pub const SM_FIELD_SCOPE: i32 = 3;

/// What reads one field of a token.
pub(super) fn reader_of(field: i32) -> Result<fn(&Token) -> &str, Error> {
    match field {
        SM_FIELD_ACCESS_TOKEN => Ok(Token::access_token),
        SM_FIELD_AUTHORIZATION => Ok(Token::authorization),
        SM_FIELD_TYPE => Ok(Token::token_type),
        SM_FIELD_SCOPE => Ok(Token::scope),
        _ => Err(Error::invalid_argument("field is none of the SM_FIELD_ constants")),
    }
}

/// Returns the access token itself.
///
/// `token`: may be NULL. Returns a text that lives as long as `token`; "" for NULL. May be called
/// from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_token_access_token(token: *const sm_token) -> *const c_char {
    // SAFETY: a handle, as the header demands.
    unsafe {
        guard::look(token, EMPTY, |token| {
            let with_nul = token.token.authorization_with_nul();
            let scheme = token.token.authorization().len() - token.token.access_token().len();
            with_nul[scheme..].as_ptr().cast()
        })
    }
}

/// Returns "Bearer TOKEN", ready for the Authorization header of a request.
///
/// `token`: may be NULL. Returns a text that lives as long as `token`; "" for NULL. May be called
/// from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_token_authorization(token: *const sm_token) -> *const c_char {
    // SAFETY: a handle, as the header demands.
    unsafe {
        guard::look(token, EMPTY, |token| token.token.authorization_with_nul().as_ptr().cast())
    }
}

/// Returns the token's type as the server wrote it: "Bearer", in some case.
///
/// `token`: may be NULL. Returns a text that lives as long as `token`; "" for NULL. May be called
/// from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_token_type(token: *const sm_token) -> *const c_char {
    // SAFETY: a handle, as the header demands.
    unsafe { guard::look(token, EMPTY, |token| token.token_type.as_ptr()) }
}

/// Returns the granted scope, space separated.
///
/// `token`: may be NULL. Returns a text that lives as long as `token`; "" where the server did not
/// say and for NULL. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_token_scope(token: *const sm_token) -> *const c_char {
    // SAFETY: a handle, as the header demands.
    unsafe { guard::look(token, EMPTY, |token| token.scope.as_ptr()) }
}

/// Returns when the token expires, counted from when the request for it was sent.
///
/// `token`: may be NULL. Returns seconds of Unix time; 0 for NULL. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_token_expires_at(token: *const sm_token) -> i64 {
    // SAFETY: a handle, as the header demands.
    unsafe { guard::look(token, 0, |token| token.token.expires_at()) }
}

/// Returns how long the token is still good from now, also after a step of the wall clock.
///
/// `token`: may be NULL. Returns whole seconds, never below 0; 0 for NULL. May be called from any
/// thread.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_token_expires_in(token: *const sm_token) -> i64 {
    // SAFETY: a handle, as the header demands.
    unsafe {
        guard::look(token, 0, |token| {
            i64::try_from(token.token.expires_in().as_secs()).unwrap_or(i64::MAX)
        })
    }
}

/// Copies one field into the caller's buffer, with a NUL at its end; whole or not at all.
///
/// `token`: not NULL. `field`: one of the SM_FIELD_ constants. `buffer`, `capacity`: where to, and
/// its size in bytes; NULL and 0 ask for the length alone, which is SM_OK. `length`: receives the
/// length in bytes without the NUL, also when the buffer is too small; may be NULL. 16 KiB and 8
/// bytes hold any SM_FIELD_AUTHORIZATION.
///
/// Returns SM_OK, SM_ERROR_BUFFER_TOO_SMALL (nothing was written to the buffer) or
/// SM_ERROR_INVALID_ARGUMENT (a NULL token, an unknown field, or NULL with a capacity). May be
/// called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_token_copy(
    token: *const sm_token,
    field: i32,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> sm_status {
    call::status_only(|| {
        if !length.is_null() {
            // SAFETY: an out parameter that is not NULL.
            unsafe { length.write(0) };
        }
        // SAFETY: a handle, as the header demands.
        let token =
            unsafe { token.as_ref() }.ok_or_else(|| Error::invalid_argument("token is NULL"))?;
        // SAFETY: the header demands that the buffer has the capacity that is given.
        unsafe { text::copy_out(reader_of(field)?(&token.token), buffer, capacity, length) }
    })
}

/// Wipes a token's memory and frees it.
///
/// `token`: NULL is fine. The last call on it, with no other under way.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_token_free(token: *mut sm_token) {
    // SAFETY: a handle, as the header demands, which is used no more.
    unsafe { guard::free(token) }
}
