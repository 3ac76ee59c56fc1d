//! Keeps the DLL loaded, as the linker's `-z nodelete` keeps the library of a Unix.

use std::ffi::c_void;
use std::ptr;
use std::sync::Once;

/// The address is of a function in the module that is asked for, which is never unloaded from then on.
const FROM_ADDRESS_PINNED: u32 = 0x4 | 0x1;

#[link(name = "kernel32")]
unsafe extern "system" {
    fn GetModuleHandleExW(flags: u32, address: *const c_void, module: *mut *mut c_void) -> i32;
}

/// From here on `FreeLibrary` leaves the code of the library in memory: a thread of the library may still run it. Call
/// it before the first thread starts.
pub(super) fn stay_loaded() {
    static PINNED: Once = Once::new();
    PINNED.call_once(|| {
        let mut module = ptr::null_mut();
        let own_code = stay_loaded as fn() as *const c_void;
        // SAFETY: the address is one of this module, and `module` a valid place to write to.
        unsafe { GetModuleHandleExW(FROM_ADDRESS_PINNED, own_code, &mut module) };
    });
}
