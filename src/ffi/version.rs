//! Section "version" of the header.

use std::ffi::c_char;

use crate::ffi::guard;

/// Returns the version of the library that runs, as "MAJOR.MINOR.PATCH".
///
/// Returns a text that lives for ever. Never fails, and may be called from any thread.
#[unsafe(no_mangle)]
pub extern "system" fn sm_version() -> *const c_char {
    guard::infallible(c"".as_ptr(), || concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast())
}
