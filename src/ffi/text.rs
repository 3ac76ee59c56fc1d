//! Text in and out of the library.

use std::ffi::{CStr, CString, c_char};

use crate::{Error, Status};

/// A text that came in, or `None` for NULL. `parameter` is what messages call it.
///
/// # Safety
/// `pointer` is a text that outlives the call.
pub(super) unsafe fn read<'a>(
    parameter: &str,
    pointer: *const c_char,
) -> Result<Option<&'a str>, Error> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL, hence NUL-terminated.
    let text = unsafe { CStr::from_ptr(pointer) };
    text.to_str()
        .map(Some)
        .map_err(|_| Error::invalid_argument(format!("{parameter} is not UTF-8")))
}

/// A text that accessors lend out.
pub(super) struct Lent(CString);

impl Lent {
    /// Copies a text, without any NUL in it.
    pub(super) fn new(text: &str) -> Self {
        Lent(owned(text))
    }

    pub(super) fn as_ptr(&self) -> *const c_char {
        self.0.as_ptr()
    }
}

/// A text with a NUL at its end, and none in it.
pub(super) fn owned(text: &str) -> CString {
    CString::new(text.replace('\0', "")).unwrap_or_default()
}

/// Copies a text with a NUL at its end into the caller's buffer, whole or not at all.
///
/// # Errors
/// `BUFFER_TOO_SMALL`; `INVALID_ARGUMENT` for no buffer with a capacity.
///
/// # Safety
/// `buffer` is NULL or has room for `capacity` bytes; `length` is an out parameter.
pub(super) unsafe fn copy_out(
    text: &str,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> Result<(), Error> {
    if buffer.is_null() && capacity != 0 {
        return Err(Error::invalid_argument("buffer is NULL, but capacity is not 0"));
    }
    if !length.is_null() {
        // SAFETY: not NULL, hence writable.
        unsafe { length.write(text.len()) };
    }
    if buffer.is_null() {
        return Ok(());
    }
    if capacity <= text.len() {
        return Err(Error::new(
            Status::BufferTooSmall,
            format!("buffer is too small: {} bytes are needed, NUL included", text.len() + 1),
        ));
    }
    // SAFETY: the buffer has room for the text and its NUL, as was just checked, and can't overlap
    // a text of the library's own.
    unsafe {
        buffer.cast::<u8>().copy_from_nonoverlapping(text.as_ptr(), text.len());
        buffer.add(text.len()).write(0);
    }
    Ok(())
}

/// The empty text, for what is missing.
pub(super) const EMPTY: *const c_char = c"".as_ptr();
