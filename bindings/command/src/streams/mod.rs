//! The three streams. The standard library takes a write to a stream that can't be written for a success, so that
//! the system's own calls are used.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::io::{self, IsTerminal};

#[cfg(unix)]
pub(crate) use unix::*;
#[cfg(windows)]
pub(crate) use windows::*;

/// Fills the buffer from standard input, up to the end of the stream; returns how much came.
pub(crate) fn read_whole_input(into: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < into.len() {
        match read_input(&mut into[length..])? {
            0 => break,
            amount => length += amount,
        }
    }
    Ok(length)
}

/// Whether standard output is a terminal that shows colours, and nobody said no (`NO_COLOR`, no-color.org).
pub(crate) fn takes_colours() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
    io::stdout().is_terminal() && !is_set("NO_COLOR") && !is_dumb
}
