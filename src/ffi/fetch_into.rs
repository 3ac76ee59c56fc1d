//! Section "fetch_into" of the header: the fetch for languages whose text has a fixed length.

use std::ffi::c_char;
use std::slice;

use crate::ffi::call;
use crate::ffi::status::sm_status;
use crate::ffi::token::reader_of;
use crate::{CredentialSource, Error, Options, Status};

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
    // SAFETY: not NULL, hence as many bytes as were given.
    let bytes = unsafe { slice::from_raw_parts(text.cast::<u8>(), length) };
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Error::invalid_argument(format!("{parameter} is not UTF-8")))?;
    Ok(text.trim_end_matches([' ', '\0']))
}

/// The caller's place for a text of a fixed length, filled with blanks.
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
    // SAFETY: not NULL, hence as much room as was given. The bytes may be uninitialised to the
    // caller's compiler, but they are bytes of a live object that is only written to here.
    let place = unsafe { slice::from_raw_parts_mut(place.cast::<u8>(), capacity) };
    place.fill(b' ');
    Ok(place)
}

/// What a call reads or writes, by its parameter: from which address on, and how many bytes.
type Span = (&'static str, usize, usize);

fn span<T>(parameter: &'static str, at: *const T, bytes: i32) -> Span {
    // What is NULL or has a negative length is neither read nor written.
    let bytes = if at.is_null() { 0 } else { usize::try_from(bytes).unwrap_or(0) };
    (parameter, at.addr(), bytes)
}

/// Refuses a place that shares bytes with another place, or with a text that is read.
fn refuse_overlaps(texts: [Span; 4], places: [Span; 4]) -> Result<(), Error> {
    let overlap = |(_, one, length): Span, (_, other, its_length): Span| {
        let have_bytes = length > 0 && its_length > 0;
        have_bytes && one < other.saturating_add(its_length) && other < one.saturating_add(length)
    };
    for (number, place) in places.into_iter().enumerate() {
        let others = texts.into_iter().chain(places.into_iter().skip(number + 1));
        if let Some(other) = others.into_iter().find(|other| overlap(place, *other)) {
            return Err(Error::invalid_argument(format!("{} overlaps {}", place.0, other.0)));
        }
    }
    Ok(())
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

/// Writes a number, where there is a place for it. A place in a record of COBOL need not be aligned.
///
/// # Safety
/// `place` is NULL or has room for the number.
unsafe fn write_number<T>(place: *mut T, number: T) {
    if !place.is_null() {
        // SAFETY: not NULL, hence room.
        unsafe { place.write_unaligned(number) };
    }
}

/// Asks the server for a token and copies one field of it out, in one call without any handle: for
/// languages whose text has a fixed length and is padded with blanks (COBOL, Fortran, PL/I).
///
/// Of each input the trailing blanks and NULs are dropped; what is empty then means the default.
/// `client_id`, `client_secret`: the client credentials; both empty takes them from the environment,
/// as sm_token_fetch does. `base_url`, `ca_file`: as sm_options_set_base_url
/// and sm_options_set_ca_file. The `_length` of each: its size in bytes; with 0 the text may be
/// NULL.
///
/// `field`: one of the SM_FIELD_ constants. `out`, `out_capacity`: receives the field, padded with
/// blanks, without a NUL; all blanks on failure. 16391 bytes hold any but a scope, which may have up
/// to 64 KiB. `out_length`: receives its length in bytes without the padding, also when `out` is too
/// small; may be NULL. `expires_at`: receives Unix seconds, 0 on failure; may be NULL. `error_text`,
/// `error_text_capacity`: receives what happened and what to do, padded with blanks, cut where it
/// does not fit; all blanks on success; may be NULL with 0.
///
/// The four places need not be aligned. Where one shares a byte with another or with a text that is
/// read, the status is SM_ERROR_INVALID_ARGUMENT, and nothing is written.
///
/// Returns SM_OK or any other status; SM_ERROR_BUFFER_TOO_SMALL where the token came but `out`
/// can't hold the field. Blocks for at most 30 s. May be called from any thread, also at the same
/// time.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_token_fetch_into(
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
    call::status_only(|| {
        refuse_overlaps(
            [
                span("client_id", client_id, client_id_length),
                span("client_secret", client_secret, client_secret_length),
                span("base_url", base_url, base_url_length),
                span("ca_file", ca_file, ca_file_length),
            ],
            [
                span("out", out, out_capacity),
                span("out_length", out_length, size_of::<i32>() as i32),
                span("expires_at", expires_at, size_of::<i64>() as i32),
                span("error_text", error_text, error_text_capacity),
            ],
        )?;
        // SAFETY: the header demands room for as many bytes as each capacity gives, and for the numbers.
        let (out, error_text) = unsafe {
            write_number(out_length, 0);
            write_number(expires_at, 0);
            let out = place("out", out, out_capacity);
            (out, place("error_text", error_text, error_text_capacity)?)
        };
        let fetched = || {
            let (out, read_field) = (out?, reader_of(field)?);
            // SAFETY: the header demands as many bytes as each length gives.
            let (id, secret, base_url, ca_file) = unsafe {
                (
                    read("client_id", client_id, client_id_length)?,
                    read("client_secret", client_secret, client_secret_length)?,
                    read("base_url", base_url, base_url_length)?,
                    read("ca_file", ca_file, ca_file_length)?,
                )
            };
            let mut options = Options::new();
            options.set_base_url(given(base_url))?.set_ca_file(given(ca_file))?;
            let credentials = CredentialSource::new(given(id), given(secret), &options)?;
            let token = crate::fetch(credentials, &options)?;
            let text = read_field(&token);
            // SAFETY: an out parameter.
            unsafe { write_number(out_length, i32::try_from(text.len()).unwrap_or(i32::MAX)) };
            if text.len() > out.len() {
                return Err(Error::new(
                    Status::BufferTooSmall,
                    format!("out is too small: {} bytes are needed", text.len()),
                ));
            }
            fill(out, text);
            // SAFETY: an out parameter.
            unsafe { write_number(expires_at, token.expires_at()) };
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
    use crate::ffi::token::SM_FIELD_ACCESS_TOKEN;

    /// Calls for the access token with a short error text and what the test sets.
    fn call(id: &[u8], secret: &[u8], base_url: &[u8], out: &mut [u8]) -> (sm_status, String) {
        call_for(SM_FIELD_ACCESS_TOKEN, id, secret, base_url, out)
    }

    fn call_for(
        field: i32,
        id: &[u8],
        secret: &[u8],
        base_url: &[u8],
        out: &mut [u8],
    ) -> (sm_status, String) {
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
                field,
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
    fn a_failure_blanks_the_field_and_is_text_within_its_place() {
        let mut out = [b'x'; 8];
        let (status, text) = call(b"id  ", b"secret\0\0 ", b"ftp://h   ", &mut out);
        assert_eq!(status, Status::InvalidArgument.code());
        assert_eq!(out, [b' '; 8]);
        assert_eq!(text.len(), 60);
        assert!(text.starts_with("base_url is not a URL that starts with https://"), "{text}");
        assert!(text.ends_with("  "), "{text:?}");
    }

    #[test]
    fn one_half_of_the_credentials_is_not_enough() {
        let (status, text) = call(b"    ", b"secret", b"https://h", &mut []);
        assert_eq!(status, Status::InvalidArgument.code());
        assert!(text.starts_with("client_id is missing"), "{text}");
    }

    #[test]
    fn a_field_that_does_not_exist_is_refused_before_a_request() {
        let (status, text) = call_for(4, b"id", b"secret", b"http://127.0.0.1:1", &mut [b'x'; 8]);
        assert_eq!(status, Status::InvalidArgument.code());
        assert!(text.starts_with("field is none of the SM_FIELD_ constants"), "{text}");
    }

    /// Calls without credentials and without a place for the error, though one is announced.
    fn call_without_a_place_for_the_error(capacity: i32) -> (sm_status, [u8; 8], i32, i64) {
        let mut out = [b'x'; 8];
        let (mut length, mut expires_at) = (-1, -1);
        let none = std::ptr::null();
        // SAFETY: each place comes with its own length, but for the one that has to be refused.
        let status = unsafe {
            sm_token_fetch_into(
                none,
                0,
                none,
                0,
                none,
                0,
                none,
                0,
                SM_FIELD_ACCESS_TOKEN,
                out.as_mut_ptr().cast(),
                out.len() as i32,
                &mut length,
                &mut expires_at,
                std::ptr::null_mut(),
                capacity,
            )
        };
        (status, out, length, expires_at)
    }

    #[test]
    fn a_refused_place_for_the_error_leaves_no_other_place_as_it_was() {
        for capacity in [1, -1] {
            let blanked = (Status::InvalidArgument.code(), [b' '; 8], 0, 0);
            assert_eq!(call_without_a_place_for_the_error(capacity), blanked, "{capacity}");
        }
    }

    /// Calls with texts and places in one piece of memory, each at its offset, and returns the status and
    /// whether anything was written.
    fn call_in_one_piece(offsets: [usize; 5]) -> (sm_status, bool) {
        let mut memory = [b'i'; 64];
        let before = memory;
        let [id, out, out_length, expires_at, error_text] = offsets;
        let start = memory.as_mut_ptr();
        // SAFETY: every text and place lies within the memory.
        let status = unsafe {
            sm_token_fetch_into(
                start.add(id).cast(),
                8,
                c"s".as_ptr(),
                1,
                c"ftp://h".as_ptr(),
                7,
                std::ptr::null(),
                0,
                0,
                start.add(out).cast(),
                8,
                start.add(out_length).cast(),
                start.add(expires_at).cast(),
                start.add(error_text).cast(),
                8,
            )
        };
        (status, memory != before)
    }

    #[test]
    fn places_that_overlap_are_refused_and_not_written_to() {
        let refused = (Status::InvalidArgument.code(), false);
        let apart = [0, 8, 16, 20, 28];
        assert_eq!(call_in_one_piece(apart), (Status::InvalidArgument.code(), true));
        for (one, at) in
            [(1, 7), (1, 9), (2, 5), (2, 8), (2, 19), (2, 31), (3, 2), (3, 15), (4, 7), (4, 21)]
        {
            let mut offsets = apart;
            offsets[one] = at;
            assert_eq!(call_in_one_piece(offsets), refused, "{offsets:?}");
        }
    }

    #[test]
    fn what_has_no_bytes_overlaps_nothing() {
        let (nothing, eight) = (("text", 104, 0), ("out", 100, 8));
        let none = ("none", 0, 0);
        assert!(refuse_overlaps([nothing, none, none, none], [eight, none, none, none]).is_ok());
        assert!(refuse_overlaps([eight, none, none, none], [nothing, none, none, none]).is_ok());
    }

    #[test]
    fn a_text_is_cut_between_two_characters() {
        let mut place = [b'?'; 4];
        fill(&mut place, "aéé");
        assert_eq!(&place, "aé ".as_bytes());
    }
}
