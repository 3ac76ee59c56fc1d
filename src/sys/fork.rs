//! What happens around `fork()`.

#[cfg(not(unix))]
pub(crate) use elsewhere::*;
#[cfg(unix)]
pub(crate) use unix::*;

#[cfg(unix)]
mod unix {
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
    use std::thread;
    use std::time::Duration;

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
            wait_while(|| GATES_CLOSED.load(Ordering::SeqCst) > 0);
        }
        extern "C" fn in_the_parent() {
            FORKS_UNDER_WAY.fetch_sub(1, Ordering::SeqCst);
        }
        extern "C" fn in_the_child() {
            GENERATION.fetch_add(1, Ordering::Relaxed);
            FORKS_UNDER_WAY.store(0, Ordering::SeqCst);
            GATES_CLOSED.store(0, Ordering::SeqCst);
            crate::sys::exit::forget_other_calls();
        }
        // SAFETY: the handlers only touch atomics and sleep, which is allowed around a fork, and the
        // library stays loaded for ever (`-z nodelete`), so that they stay callable.
        unsafe {
            libc::pthread_atfork(Some(before_fork), Some(in_the_parent), Some(in_the_child));
        }
        HANDLERS_INSTALLED.store(true, Ordering::Release);
    }

    static FORKS_UNDER_WAY: AtomicU32 = AtomicU32::new(0);
    static GATES_CLOSED: AtomicU32 = AtomicU32::new(0);
    static GATE_DONE: AtomicBool = AtomicBool::new(false);

    /// The first steps of a process's first request, up to the end of its name look-up. While one of these
    /// lives a fork waits, for at most 2 s.
    ///
    /// In them glibc loads its resolver's modules, and the HTTP library fills in a static value, each under
    /// a lock that a child forked in the meantime would find held for ever. Later requests do not take
    /// these locks.
    pub(crate) struct ForkGate(());

    impl ForkGate {
        /// Begins them, once no fork is under way; `None` where some request has made them already.
        pub(crate) fn begin() -> Option<Self> {
            if GATE_DONE.load(Ordering::Acquire) {
                return None;
            }
            fork_generation();
            // Each side first registers itself and then looks for the other, so that one of them
            // always sees the other.
            GATES_CLOSED.fetch_add(1, Ordering::SeqCst);
            wait_while(|| {
                let must_wait = FORKS_UNDER_WAY.load(Ordering::SeqCst) > 0;
                if must_wait {
                    GATES_CLOSED.fetch_sub(1, Ordering::SeqCst);
                    thread::sleep(POLL_INTERVAL);
                    GATES_CLOSED.fetch_add(1, Ordering::SeqCst);
                }
                must_wait
            });
            Some(ForkGate(()))
        }
    }

    impl Drop for ForkGate {
        fn drop(&mut self) {
            GATE_DONE.store(true, Ordering::Release);
            GATES_CLOSED.fetch_sub(1, Ordering::SeqCst);
        }
    }

    const POLL_INTERVAL: Duration = Duration::from_millis(1);

    /// Waits for at most some 2 s.
    fn wait_while(mut must_wait: impl FnMut() -> bool) {
        for _ in 0..2_000 {
            if !must_wait() {
                return;
            }
            thread::sleep(POLL_INTERVAL);
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

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
    pub(crate) fn fork_generation() -> u32 {
        0
    }

    pub(crate) struct ForkGate(());

    impl ForkGate {
        pub(crate) fn begin() -> Option<Self> {
            None
        }
    }
}
