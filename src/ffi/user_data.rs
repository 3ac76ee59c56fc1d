//! What a caller has handed to its callbacks.

use std::ffi::c_void;

/// The caller's `user_data`, which the library only hands back.
pub(super) struct UserData(pub(super) *mut c_void);

// SAFETY: the library does not look into it. On which threads the callback is called is said in the header, and the
// caller's `user_data` is made for it.
unsafe impl Send for UserData {}
// SAFETY: as above.
unsafe impl Sync for UserData {}

impl UserData {
    /// A method, so that a closure captures the whole and not the bare pointer.
    pub(super) fn get(&self) -> *mut c_void {
        self.0
    }
}
