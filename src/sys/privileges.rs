//! Whether the environment may be set by a user with fewer rights.

/// Whether the process runs with more rights than the user who started it (set-user-id, file
/// capabilities), so that its environment is not to be trusted.
#[cfg(unix)]
pub(crate) fn has_raised_privileges() -> bool {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        // SAFETY: `getauxval` reads a value that the kernel put into this process; any argument
        // is allowed.
        unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        // SAFETY: these only return numbers.
        unsafe { libc::getuid() != libc::geteuid() || libc::getgid() != libc::getegid() }
    }
}

#[cfg(not(unix))]
pub(crate) fn has_raised_privileges() -> bool {
    false
}
