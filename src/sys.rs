//! The calls to the operating system that no kept crate wraps, behind safe functions.
//!
//! On systems other than Unix each has a plain fallback.

#[cfg(unix)]
pub use unix::*;

#[cfg(not(unix))]
pub use elsewhere::*;

#[cfg(unix)]
mod unix {
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
    use std::time::Duration;
    use std::{io, mem, ptr, thread};

    /// Whether the process runs with more rights than the user who started it (set-user-id, file
    /// capabilities), so that its environment is not to be trusted.
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

    /// The monotonic clock, in nanoseconds; stands still while the machine is suspended.
    pub(crate) fn monotonic() -> u64 {
        read_clock(libc::CLOCK_MONOTONIC).unwrap_or_default()
    }

    /// The wall clock, in nanoseconds since the Unix epoch; zero before it.
    pub(crate) fn wall() -> u64 {
        read_clock(libc::CLOCK_REALTIME).unwrap_or_default()
    }

    /// The monotonic clock that goes on while the machine is suspended, where there is one.
    pub(crate) fn boot() -> Option<u64> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        return read_clock(libc::CLOCK_BOOTTIME);
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        return None;
    }

    /// As [`monotonic`], cheaper and late by up to a tick of the kernel's timer (at most 10 ms).
    pub(crate) fn coarse_monotonic() -> u64 {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        return read_clock(libc::CLOCK_MONOTONIC_COARSE).unwrap_or_default();
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        return monotonic();
    }

    /// As [`wall`], cheaper and late by up to a tick of the kernel's timer (at most 10 ms).
    pub(crate) fn coarse_wall() -> u64 {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        return read_clock(libc::CLOCK_REALTIME_COARSE).unwrap_or_default();
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        return wall();
    }

    /// In nanoseconds, which 64 bits hold for 584 years.
    fn read_clock(clock: libc::clockid_t) -> Option<u64> {
        let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: `now` is a valid place to write to.
        let failed = unsafe { libc::clock_gettime(clock, &mut now) } != 0;
        // The wall clock can be set to before the epoch.
        (!failed && now.tv_sec >= 0).then(|| {
            (now.tv_sec as u64).wrapping_mul(1_000_000_000).wrapping_add(now.tv_nsec as u64)
        })
    }

    /// Starts a short-lived thread on which every signal is blocked, so that the program's handlers
    /// run on the program's own threads.
    ///
    /// # Errors
    /// Where the system has no thread to give.
    #[cfg(not(loom))]
    pub fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
        // SAFETY: zero bytes are a valid `sigset_t`, and `sigfillset` makes it a full one.
        let mut every_signal: libc::sigset_t = unsafe { mem::zeroed() };
        // SAFETY: as above.
        let mut before: libc::sigset_t = unsafe { mem::zeroed() };
        // SAFETY: both sets live on this stack frame. A thread inherits the mask of the one that
        // starts it, so the mask is full from the new thread's first instruction; it is put back
        // below.
        unsafe {
            libc::sigfillset(&mut every_signal);
            libc::pthread_sigmask(libc::SIG_SETMASK, &every_signal, &mut before);
        }
        let spawned = thread::Builder::new().name(name.to_owned()).spawn(body);
        // SAFETY: `before` was filled in by the call above.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &before, ptr::null_mut()) };
        spawned.map(drop)
    }

    /// A thread of the model.
    #[cfg(loom)]
    pub fn spawn(_name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
        loom::thread::spawn(body);
        Ok(())
    }

    /// How many forks lie between the first call of this function and now, counted in the child.
    /// Costs no system call.
    pub(crate) fn fork_generation() -> u32 {
        if !HANDLERS_INSTALLED.load(Ordering::Acquire) {
            install_fork_handlers();
        }
        GENERATION.load(Ordering::Relaxed)
    }

    static GENERATION: AtomicU32 = AtomicU32::new(0);
    static HANDLERS_INSTALLED: AtomicBool = AtomicBool::new(false);

    /// Two threads that race here both install the handlers, which does no harm: the generation then
    /// grows by two.
    fn install_fork_handlers() {
        extern "C" fn before_fork() {
            FORKS_UNDER_WAY.fetch_add(1, Ordering::SeqCst);
            wait_while(|| FIRST_STEPS_UNDER_WAY.load(Ordering::SeqCst) > 0);
        }
        extern "C" fn in_the_parent() {
            FORKS_UNDER_WAY.fetch_sub(1, Ordering::SeqCst);
        }
        extern "C" fn in_the_child() {
            GENERATION.fetch_add(1, Ordering::Relaxed);
            FORKS_UNDER_WAY.store(0, Ordering::SeqCst);
            FIRST_STEPS_UNDER_WAY.store(0, Ordering::SeqCst);
        }
        // SAFETY: the handlers only touch atomics and sleep, which is allowed around a fork, and the
        // library stays loaded for ever (`-z nodelete`), so that they stay callable.
        unsafe {
            libc::pthread_atfork(Some(before_fork), Some(in_the_parent), Some(in_the_child));
        }
        HANDLERS_INSTALLED.store(true, Ordering::Release);
    }

    static FORKS_UNDER_WAY: AtomicU32 = AtomicU32::new(0);
    static FIRST_STEPS_UNDER_WAY: AtomicU32 = AtomicU32::new(0);
    static FIRST_STEPS_DONE: AtomicBool = AtomicBool::new(false);

    /// The first steps of a process's first request, up to the end of its name look-up. While one of these
    /// lives a fork waits, for at most 2 s.
    ///
    /// In them glibc loads its resolver's modules, and the HTTP library fills in a static value, each under
    /// a lock that a child forked in the meantime would find held for ever. Later requests do not take
    /// these locks.
    pub(crate) struct FirstSteps(());

    impl FirstSteps {
        /// Begins them, once no fork is under way; `None` where some request has made them already.
        pub(crate) fn begin() -> Option<Self> {
            if FIRST_STEPS_DONE.load(Ordering::Acquire) {
                return None;
            }
            fork_generation();
            // Each side first says that it is there and then looks for the other, so that one of them
            // always sees the other.
            FIRST_STEPS_UNDER_WAY.fetch_add(1, Ordering::SeqCst);
            wait_while(|| {
                let must_wait = FORKS_UNDER_WAY.load(Ordering::SeqCst) > 0;
                if must_wait {
                    FIRST_STEPS_UNDER_WAY.fetch_sub(1, Ordering::SeqCst);
                    thread::sleep(A_NAP);
                    FIRST_STEPS_UNDER_WAY.fetch_add(1, Ordering::SeqCst);
                }
                must_wait
            });
            Some(FirstSteps(()))
        }
    }

    impl Drop for FirstSteps {
        fn drop(&mut self) {
            FIRST_STEPS_DONE.store(true, Ordering::Release);
            FIRST_STEPS_UNDER_WAY.fetch_sub(1, Ordering::SeqCst);
        }
    }

    const A_NAP: Duration = Duration::from_millis(1);

    /// Waits for at most some 2 s.
    fn wait_while(mut must_wait: impl FnMut() -> bool) {
        for _ in 0..2_000 {
            if !must_wait() {
                return;
            }
            thread::sleep(A_NAP);
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use std::sync::mpsc;

        #[test]
        fn a_spawned_thread_blocks_every_signal_and_the_caller_keeps_its_mask() {
            let blocked = || {
                // SAFETY: the set is filled in by the call, which changes nothing.
                unsafe {
                    let mut set: libc::sigset_t = mem::zeroed();
                    libc::pthread_sigmask(libc::SIG_SETMASK, ptr::null(), &mut set);
                    libc::sigismember(&set, libc::SIGTERM) == 1
                }
            };
            assert!(!blocked());
            let (send, receive) = mpsc::channel();
            spawn("test", move || send.send(blocked()).unwrap()).unwrap();
            assert!(receive.recv().unwrap());
            assert!(!blocked());
        }

        #[test]
        fn a_child_is_of_another_generation() {
            let before = fork_generation();
            // SAFETY: the child only reads an atomic and leaves.
            let child = unsafe { libc::fork() };
            if child == 0 {
                let moved = fork_generation() != before;
                // SAFETY: ends the child without running anything of the parent's.
                unsafe { libc::_exit(i32::from(!moved)) };
            }
            let mut status = -1;
            // SAFETY: `status` is a valid place to write to.
            unsafe { libc::waitpid(child, &mut status, 0) };
            assert_eq!(status, 0);
            assert_eq!(fork_generation(), before);
        }
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use std::sync::LazyLock;
    use std::time::{Instant, SystemTime};
    use std::{io, thread};

    pub(crate) fn has_raised_privileges() -> bool {
        false
    }

    pub(crate) fn monotonic() -> u64 {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        START.elapsed().as_nanos() as u64
    }

    pub(crate) fn wall() -> u64 {
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        since_epoch.unwrap_or_default().as_nanos() as u64
    }

    pub(crate) fn boot() -> Option<u64> {
        None
    }

    pub(crate) fn coarse_monotonic() -> u64 {
        monotonic()
    }

    pub(crate) fn coarse_wall() -> u64 {
        wall()
    }

    pub(crate) fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
        thread::Builder::new().name(name.to_owned()).spawn(body).map(drop)
    }

    pub(crate) fn fork_generation() -> u32 {
        0
    }

    pub(crate) struct FirstSteps(());

    impl FirstSteps {
        pub(crate) fn begin() -> Option<Self> {
            None
        }
    }
}
