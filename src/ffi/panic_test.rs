//! An export that panics, for the test of the panic guard. Not in the header, and in no release.

use crate::ffi::error::sm_error;
use crate::ffi::guard;
use crate::ffi::status::sm_status;

/// Panics inside the guard.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sm_panic_test(error: *mut *mut sm_error) -> sm_status {
    // SAFETY: an out parameter.
    unsafe { guard::fallible(error, || panic!("provoked")) }
}
