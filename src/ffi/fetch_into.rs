//! Section "fetch_into" of the header: the fetch for languages whose text has a fixed length.

use std::ffi::c_char;
use std::slice;

use crate::ffi::guard;
use crate::ffi::status::sm_status;
use crate::ffi::token::field_of;
use crate::{Credentials, Error, Options, Status};

/// A text of the caller's with its length, without its trailing blanks and NULs.
///
/// # Safety
/// `text` is NULL or has `length` bytes that outlive the call.
unsafe fn read<'a>(parameter: &str, text: *const c_char, length: i32) -> Result<&'a str, Error> {
    let length = usize::try_from(length)
        .map_err(|_| Error::invalid_argument(format!("{parameter}_length is negative")))?;
    if length == 0 {
        return Ok("");
    }
    if text.is_null() {
        return Err(Error::invalid_argument(format!("{parameter} is NULL, but has a length")));
    }
    // SAFETY: not NULL, hence as many bytes as were said.
    let bytes = unsafe { slice::from_raw_parts(text.cast::<u8>(), length) };
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Error::invalid_argument(format!("{parameter} is not UTF-8")))?;
    Ok(text.trim_end_matches([' ', '\0']))
}

/// The caller's place for a text of a fixed length.
///
/// # Safety
/// `place` is NULL or has room for `capacity` bytes, which nothing else uses during the call.
unsafe fn place<'a>(
    parameter: &str,
    place: *mut c_char,
    capacity: i32,
) -> Result<&'a mut [u8], Error> {
    let capacity = usize::try_from(capacity)
        .map_err(|_| Error::invalid_argument(format!("{parameter}_capacity is negative")))?;
    if capacity == 0 {
        return Ok(&mut []);
    }
    if place.is_null() {
        return Err(Error::invalid_argument(format!("{parameter} is NULL, but has a capacity")));
    }
    // SAFETY: not NULL, hence as much room as was said. The bytes may be uninitialised to the
    // caller's compiler, but they are bytes of a live object that is only written to here.
    Ok(unsafe { slice::from_raw_parts_mut(place.cast::<u8>(), capacity) })
}

/// Writes a text and blanks behind it, as much of it as fits, ending between two characters.
fn fill(place: &mut [u8], text: &str) {
    let mut end = text.len().min(place.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    place[..end].copy_from_slice(&text.as_bytes()[..end]);
    place[end..].fill(b' ');
}

/// Asks the server for a token and copies one field of it out, in one call without any handle: for
/// languages whose text has a fixed length and is padded with blanks (COBOL, Fortran, PL/I).
///
/// Of each input the trailing blanks and NULs are dropped; what is empty then means the default.
/// `client_id`, `client_secret`: the client credentials; both empty takes them from the environment
/// variables SMX_CLIENT_ID and SMX_CLIENT_SECRET. `base_url`, `ca_file`: as sm_options_set_base_url
/// and sm_options_set_ca_file. The `_length` of each: its size in bytes; with 0 the text may be
/// NULL.
///
/// `field`: one of the SM_FIELD_ constants. `out`, `out_capacity`: receives the field, padded with
/// blanks, without a NUL; all blanks on failure. 16391 bytes hold any. `out_length`: receives its
/// length in bytes without the padding, also when `out` is too small; may be NULL. `expires_at`:
/// receives Unix seconds, 0 on failure; may be NULL. `error_text`, `error_text_capacity`: receives
/// what happened and what to do, padded with blanks, cut where it does not fit; all blanks on
/// success; may be NULL with 0.
///
/// Returns SM_OK or any other status; SM_ERROR_BUFFER_TOO_SMALL where the token came but `out`
/// can't hold the field. Blocks for at most 30 s. May be called from any thread, also at the same
/// time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sm_token_fetch_into(
    client_id: *const c_char,
    client_id_length: i32,
    client_secret: *const c_char,
    client_secret_length: i32,
    base_url: *const c_char,
    base_url_length: i32,
    ca_file: *const c_char,
    ca_file_length: i32,
    field: i32,
    out: *mut c_char,
    out_capacity: i32,
    out_length: *mut i32,
    expires_at: *mut i64,
    error_text: *mut c_char,
    error_text_capacity: i32,
) -> sm_status {
    guard::status_only(|| {
        // SAFETY: the header demands room for as many bytes as the capacity says.
        let error_text = unsafe { place("error_text", error_text, error_text_capacity) }?;
        fill(error_text, "");
        let fetched = || {
            // SAFETY: as above, for each text, place and out parameter.
            let (id, secret, base_url, ca_file, out) = unsafe {
                if !out_length.is_null() {
                    out_length.write(0);
                }
                if !expires_at.is_null() {
                    expires_at.write(0);
                }
                let out = place("out", out, out_capacity)?;
                fill(out, "");
                (
                    read("client_id", client_id, client_id_length)?,
                    read("client_secret", client_secret, client_secret_length)?,
                    read("base_url", base_url, base_url_length)?,
                    read("ca_file", ca_file, ca_file_length)?,
                    out,
                )
            };
            let mut options = Options::new();
            options.set_base_url(given(base_url))?.set_ca_file(given(ca_file))?;
            let credentials = match (given(id), given(secret)) {
                (None, None) => Credentials::from_env()?,
                _ => Credentials::new(id, secret)?,
            };
            let token = crate::fetch(&credentials, &options)?;
            let text = field_of(&token, field)?;
            if !out_length.is_null() {
                // SAFETY: an out parameter that is not NULL.
                unsafe { out_length.write(i32::try_from(text.len()).unwrap_or(i32::MAX)) };
            }
            if text.len() > out.len() {
                return Err(Error::new(
                    Status::BufferTooSmall,
                    format!("out is too small: {} bytes are needed", text.len()),
                ));
            }
            fill(out, text);
            if !expires_at.is_null() {
                // SAFETY: an out parameter that is not NULL.
                unsafe { expires_at.write(token.expires_at()) };
            }
            Ok(())
        };
        fetched().inspect_err(|error: &Error| fill(error_text, error.message()))
    })
}

/// What is not empty.
fn given(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calls with a short error text and what the test sets.
    fn call(id: &[u8], secret: &[u8], base_url: &[u8], out: &mut [u8]) -> (sm_status, String) {
        let mut error_text = [b'?'; 60];
        let (mut length, mut expires_at) = (-1, -1);
        // SAFETY: each text and place comes with its own length.
        let status = unsafe {
            sm_token_fetch_into(
                id.as_ptr().cast(),
                id.len() as i32,
                secret.as_ptr().cast(),
                secret.len() as i32,
                base_url.as_ptr().cast(),
                base_url.len() as i32,
                std::ptr::null(),
                0,
                0,
                out.as_mut_ptr().cast(),
                out.len() as i32,
                &mut length,
                &mut expires_at,
                error_text.as_mut_ptr().cast(),
                error_text.len() as i32,
            )
        };
        assert_eq!((length, expires_at), (0, 0));
        (status, String::from_utf8(error_text.to_vec()).expect("whole characters"))
    }

    #[test]
    fn a_failure_blanks_the_field_and_is_told_within_its_place() {
        let mut out = [b'x'; 8];
        let (status, told) = call(b"id  ", b"secret\0\0 ", b"ftp://h   ", &mut out);
        assert_eq!(status, Status::InvalidArgument.code());
        assert_eq!(out, [b' '; 8]);
        assert_eq!(told.len(), 60);
        assert!(told.starts_with("base_url is not a URL that starts with https://"), "{told}");
        assert!(told.ends_with("  "), "{told:?}");
    }

    #[test]
    fn one_half_of_the_credentials_is_not_enough() {
        let (status, told) = call(b"    ", b"secret", b"https://h", &mut []);
        assert_eq!(status, Status::InvalidArgument.code());
        assert!(told.starts_with("client_id is empty"), "{told}");
    }

    #[test]
    fn a_text_is_cut_between_two_characters() {
        let mut place = [b'?'; 4];
        fill(&mut place, "aéé");
        assert_eq!(&place, "aé ".as_bytes());
    }
}
