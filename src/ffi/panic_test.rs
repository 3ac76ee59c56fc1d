//! An export that panics, for the test of the panic guard. Not in the header, and in no release.

use crate::ffi::call;
use crate::ffi::error::sm_error;
use crate::ffi::status::sm_status;

/// Panics inside the guard.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn sm_panic_test(error: *mut *mut sm_error) -> sm_status {
    // SAFETY: an out parameter.
    unsafe { call::fallible(error, || panic!("provoked")) }
}
