//! The library's own threads.

use std::io;
#[cfg(not(loom))]
use std::thread;
#[cfg(all(unix, not(loom)))]
use std::{mem, ptr};

#[cfg(all(unix, not(loom)))]
use crate::sys::floating_point;

/// The stack of each thread that the library starts, in bytes; only what is used takes memory.
///
/// A size of its own, because the standard library's default follows `RUST_MIN_STACK`, which is read from
/// the environment of a process with raised privileges too. A request used at most 156 KB in a debug build,
/// over every path of the tests: TLS with long chains, proxies, each fault. A look-up runs the modules of
/// the C library's name services, which others write: hence the room.
#[cfg(not(loom))]
const STACK_SIZE: usize = 1024 * 1024;

/// Starts a short-lived thread on which every signal is blocked, so that the program's handlers
/// run on the program's own threads, and in the default floating-point environment.
///
/// # Errors
/// Where the system has no thread to give.
#[cfg(all(unix, not(loom)))]
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
    let in_the_default = move || {
        floating_point::use_default();
        body();
    };
    let spawned = spawn_boxed(name, Box::new(in_the_default));
    // SAFETY: `before` was filled in by the call above.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &before, ptr::null_mut()) };
    spawned
}

/// For every body the same code, of which the standard library has much.
#[cfg(not(loom))]
fn spawn_boxed(name: &str, body: Box<dyn FnOnce() + Send>) -> io::Result<()> {
    let builder = thread::Builder::new().name(name.to_owned()).stack_size(STACK_SIZE);
    builder.spawn(body).map(drop)
}

/// A thread of the model.
#[cfg(loom)]
pub fn spawn(_name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
    loom::thread::spawn(body);
    Ok(())
}

/// Starts a short-lived thread.
///
/// # Errors
/// Where the system has no thread to give.
#[cfg(all(windows, not(loom)))]
pub fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
    crate::sys::loaded::stay_loaded();
    spawn_boxed(name, Box::new(body))
}

#[cfg(all(test, unix, not(loom)))]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    // promise: signals-blocked
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
}
