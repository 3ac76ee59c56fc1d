//! The streams of Windows: handles, of consoles among others.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::os::windows::io::{AsHandle, AsRawHandle};

/// `ERROR_INVALID_HANDLE`.
const NO_HANDLE: i32 = 6;

/// Whether the process has no standard input.
pub(crate) fn is_input_closed() -> bool {
    as_file(&io::stdin()).is_err()
}

/// Whether the process has no standard output.
pub(crate) fn is_output_closed() -> bool {
    as_file(&io::stdout()).is_err()
}

pub(crate) fn write_output(bytes: &[u8]) -> io::Result<()> {
    write_all(io::stdout(), bytes)
}

pub(crate) fn write_error(bytes: &[u8]) -> io::Result<()> {
    write_all(io::stderr(), bytes)
}

/// Reads what is there, or waits for some; 0 bytes at the end. Of no console.
pub(crate) fn read_input(into: &mut [u8]) -> io::Result<usize> {
    as_file(&io::stdin())?.read(into)
}

fn write_all(mut stream: impl AsHandle + IsTerminal + Write, bytes: &[u8]) -> io::Result<()> {
    if stream.is_terminal() {
        // A console is given UTF-16, whatever its code page.
        stream.write_all(bytes)?;
        return stream.flush();
    }
    as_file(&stream)?.write_all(bytes)
}

/// The stream as the system has it.
///
/// # Errors
/// Where there is none.
fn as_file(stream: &impl AsHandle) -> io::Result<File> {
    let stream = stream.as_handle();
    if stream.as_raw_handle().is_null() {
        return Err(io::Error::from_raw_os_error(NO_HANDLE));
    }
    stream.try_clone_to_owned().map(File::from)
}
