//! The end of the process, which callbacks must not see: what they use may be gone by then.

#[cfg(not(unix))]
pub(crate) use elsewhere::*;
#[cfg(unix)]
pub(crate) use unix::*;

#[cfg(unix)]
mod unix {
    use std::cell::Cell;
    use std::sync::Once;
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
    use std::thread;
    use std::time::Duration;

    static EXITS: AtomicBool = AtomicBool::new(false);
    static CALLS_UNDER_WAY: AtomicU32 = AtomicU32::new(0);

    thread_local! {
        static IS_IN_A_CALL: Cell<bool> = const { Cell::new(false) };
    }

    /// From here on an exit of the process is noticed: it waits for the calls of [`unless_it_exits`] that are under
    /// way, for at most 1 s.
    pub(crate) fn watch_for_exit() {
        extern "C" fn at_exit() {
            EXITS.store(true, Ordering::SeqCst);
            let own = u32::from(IS_IN_A_CALL.get());
            for _ in 0..1_000 {
                if CALLS_UNDER_WAY.load(Ordering::SeqCst) <= own {
                    return;
                }
                thread::sleep(Duration::from_millis(1));
            }
        }
        static WATCHES: Once = Once::new();
        // SAFETY: the handler only touches atomics and sleeps, and the library stays loaded for ever (`-z
        // nodelete`), so that it stays callable.
        WATCHES.call_once(|| unsafe {
            libc::atexit(at_exit);
        });
    }

    /// Makes a call, unless the process exits.
    pub(crate) fn unless_it_exits(call: impl FnOnce()) {
        // Each side first says that it is there and then looks for the other, so that one of them always sees the
        // other.
        CALLS_UNDER_WAY.fetch_add(1, Ordering::SeqCst);
        if EXITS.load(Ordering::SeqCst) {
            // What it holds may be gone already.
            std::mem::forget(call);
            CALLS_UNDER_WAY.fetch_sub(1, Ordering::SeqCst);
            return;
        }
        IS_IN_A_CALL.set(true);
        let _ends = Ends;
        call();
    }

    /// The end of a call, also by a panic.
    struct Ends;

    impl Drop for Ends {
        fn drop(&mut self) {
            IS_IN_A_CALL.set(false);
            CALLS_UNDER_WAY.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// Of the threads that make calls, a child of a fork has at most the one that forked.
    pub(crate) fn forget_other_calls() {
        CALLS_UNDER_WAY.store(u32::from(IS_IN_A_CALL.get()), Ordering::SeqCst);
    }
}

/// Where a process ends its threads before anything else, as Windows does.
#[cfg(not(unix))]
mod elsewhere {
    pub(crate) fn watch_for_exit() {}

    pub(crate) fn unless_it_exits(call: impl FnOnce()) {
        call();
    }
}
