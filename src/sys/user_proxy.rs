//! What the account of the user says about proxies, where the system keeps that.

/// The settings of the user's account, as browsers take them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct UserProxy {
    /// A proxy for all protocols, or a list of `PROTOCOL=PROXY`.
    pub(crate) proxies: String,
    /// The hosts that are reached without.
    pub(crate) exceptions: String,
    /// Whether a script is named that finds the proxy (PAC).
    pub(crate) has_script: bool,
    /// Whether the network is asked for such a script (WPAD).
    pub(crate) is_detected: bool,
}

#[cfg(not(windows))]
pub(crate) fn user_proxy() -> Option<UserProxy> {
    None
}

#[cfg(windows)]
pub(crate) use windows::user_proxy;

#[cfg(windows)]
mod windows {
    use std::ffi::{CStr, OsString, c_void};
    use std::os::windows::ffi::OsStringExt;
    use std::{mem, ptr, slice};

    use super::UserProxy;

    type Module = *mut c_void;
    type Function = unsafe extern "system" fn() -> isize;

    /// `WINHTTP_CURRENT_USER_IE_PROXY_CONFIG`
    #[repr(C)]
    struct Config {
        is_detected: i32,
        script: *mut u16,
        proxies: *mut u16,
        exceptions: *mut u16,
    }

    type GetConfig = unsafe extern "system" fn(*mut Config) -> i32;

    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetSystemDirectoryW(buffer: *mut u16, capacity: u32) -> u32;
        fn LoadLibraryW(path: *const u16) -> Module;
        fn GetProcAddress(module: Module, name: *const i8) -> Option<Function>;
        fn FreeLibrary(module: Module) -> i32;
        fn GlobalFree(memory: *mut c_void) -> *mut c_void;
    }

    /// The settings of the account that the process runs as; `None` where it has none, as that of a service.
    pub(crate) fn user_proxy() -> Option<UserProxy> {
        // Loaded for this call alone: the library itself needs nothing of it.
        let module = load(r"\winhttp.dll")?;
        let name: &CStr = c"WinHttpGetIEProxyConfigForCurrentUser";
        // SAFETY: the module is loaded, and the name ends with a NUL.
        let function = unsafe { GetProcAddress(module, name.as_ptr().cast()) };
        let settings = function.and_then(|function| {
            // SAFETY: the function of this name has had this signature since Windows XP.
            let get = unsafe { mem::transmute::<Function, GetConfig>(function) };
            let mut config = Config {
                is_detected: 0,
                script: ptr::null_mut(),
                proxies: ptr::null_mut(),
                exceptions: ptr::null_mut(),
            };
            // SAFETY: `config` is a valid place to write to.
            let is_known = unsafe { get(&mut config) } != 0;
            let [script, proxies, exceptions] =
                [config.script, config.proxies, config.exceptions].map(taken);
            is_known.then_some(UserProxy {
                proxies,
                exceptions,
                has_script: !script.is_empty(),
                is_detected: config.is_detected != 0,
            })
        });
        // SAFETY: the module was loaded above, and nothing of it is used any more.
        unsafe { FreeLibrary(module) };
        settings
    }

    /// Loads a DLL of the system's directory, and no other of that name: the way there is searched by nobody.
    fn load(name: &str) -> Option<Module> {
        const LONGEST: usize = 260;
        let mut path = [0_u16; LONGEST + 16];
        // SAFETY: the buffer is as large as is said.
        let length = unsafe { GetSystemDirectoryW(path.as_mut_ptr(), LONGEST as u32) } as usize;
        if length == 0 || length >= LONGEST {
            return None;
        }
        for (place, unit) in path[length..].iter_mut().zip(name.encode_utf16().chain([0])) {
            *place = unit;
        }
        // SAFETY: the path ends with a NUL.
        let module = unsafe { LoadLibraryW(path.as_ptr()) };
        (!module.is_null()).then_some(module)
    }

    /// The text at this place, which is freed; `""` for NULL.
    fn taken(text: *mut u16) -> String {
        if text.is_null() {
            return String::new();
        }
        // SAFETY: the system wrote a text with a NUL at its end, and leaves it to the caller.
        unsafe {
            let length = (0..).take_while(|at| *text.add(*at) != 0).count();
            let taken = OsString::from_wide(slice::from_raw_parts(text, length));
            GlobalFree(text.cast());
            taken.to_string_lossy().into_owned()
        }
    }
}
