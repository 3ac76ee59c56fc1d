//! The streams of a Unix: descriptors, and what they were when the process began.
//!
//! Before `main` the standard library opens `/dev/null` for a stream that is closed. A token that is written there
//! is lost, and the command would report success. So the streams are looked at before.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fd::AsFd;
use rustix::io::Errno;
use rustix::stdio::{stderr, stdin, stdout};

static INPUT_IS_CLOSED: AtomicBool = AtomicBool::new(false);
static OUTPUT_IS_CLOSED: AtomicBool = AtomicBool::new(false);

extern "C" fn look() {
    INPUT_IS_CLOSED.store(is_closed(stdin()), Ordering::Relaxed);
    OUTPUT_IS_CLOSED.store(is_closed(stdout()), Ordering::Relaxed);
}

fn is_closed(stream: impl AsFd) -> bool {
    rustix::io::fcntl_getfd(stream).is_err()
}

// SAFETY: the loader calls each function of this section once, before `main`. `look` makes two system calls and
// stores two flags; it needs nothing that is set up later.
#[used]
#[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".init_array"))]
#[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__mod_init_func"))]
static LOOK: extern "C" fn() = look;

/// Whether the process began without standard input.
pub(crate) fn is_input_closed() -> bool {
    INPUT_IS_CLOSED.load(Ordering::Relaxed)
}

/// Whether the process began without standard output.
pub(crate) fn is_output_closed() -> bool {
    OUTPUT_IS_CLOSED.load(Ordering::Relaxed)
}

pub(crate) fn write_output(bytes: &[u8]) -> io::Result<()> {
    write_all(stdout(), bytes)
}

pub(crate) fn write_error(bytes: &[u8]) -> io::Result<()> {
    write_all(stderr(), bytes)
}

/// Reads what is there, or waits for some; 0 bytes at the end.
pub(crate) fn read_input(into: &mut [u8]) -> io::Result<usize> {
    read(stdin(), into)
}

pub(crate) fn read(stream: impl AsFd, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match rustix::io::read(&stream, &mut *into) {
            Err(Errno::INTR) => {}
            outcome => return Ok(outcome?),
        }
    }
}

pub(crate) fn write_all(stream: impl AsFd, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(&stream, bytes) {
            Ok(amount) => bytes = &bytes[amount..],
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
