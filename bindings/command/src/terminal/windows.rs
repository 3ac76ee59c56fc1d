//! The console of Windows, which is left as it was.

use std::fs::File;
use std::io::{self, Read, Write};
use std::str;

use winapi_util::{HandleRef, console};
use zeroize::Zeroizing;

use crate::exit_code::INTERRUPTED;
use crate::output;

/// Lets Ctrl-C end the process with the exit code 130.
pub(crate) fn end_quietly() {
    // Where that fails, Ctrl-C ends the process as it always does.
    let _ = ctrlc::set_handler(|| std::process::exit(INTERRUPTED));
}

/// Asks at the console; where the process can't open it, on standard error. Returns how many bytes were typed, the
/// line break included: 0 at the end of input.
pub(crate) fn ask(prompt: &str, into: &mut [u8]) -> io::Result<usize> {
    let silent = KeyByKey::begin()?;
    say(prompt);
    let typed = read_line(into);
    drop(silent);
    say("\n");
    match typed? {
        Line::Typed(length) => Ok(length),
        Line::Interrupted => std::process::exit(INTERRUPTED),
    }
}

fn say(text: &str) {
    match File::options().write(true).open("CONOUT$") {
        Ok(mut console) => {
            let _ = console.write_all(text.as_bytes());
        }
        Err(_) => output::complain(text),
    }
}

/// A console that shows no key and hands over each at once, Ctrl-C too, until this is dropped.
struct KeyByKey {
    before: u32,
}

impl KeyByKey {
    /// `ENABLE_PROCESSED_INPUT`, `ENABLE_LINE_INPUT` and `ENABLE_ECHO_INPUT`.
    const COOKED: u32 = 0x1 | 0x2 | 0x4;

    fn begin() -> io::Result<Self> {
        let before = console::mode(HandleRef::stdin())?;
        console::set_mode(HandleRef::stdin(), before & !KeyByKey::COOKED)?;
        Ok(KeyByKey { before })
    }
}

impl Drop for KeyByKey {
    fn drop(&mut self) {
        let _ = console::set_mode(HandleRef::stdin(), self.before);
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Line {
    Typed(usize),
    Interrupted,
}

fn read_line(into: &mut [u8]) -> io::Result<Line> {
    // More than the standard library's own buffer has room for, so that nothing is put there.
    let mut keys = Zeroizing::new([0; 16 * 1024]);
    let mut length = 0;
    loop {
        let amount = io::stdin().read(&mut *keys)?;
        let text = str::from_utf8(&keys[..amount]).map_err(io::Error::other)?;
        if let Some(line) = take_keys(text, into, &mut length) {
            return Ok(line);
        }
    }
}

/// Takes what was typed, up to the end of the line. No key at all is the end of input.
fn take_keys(keys: &str, into: &mut [u8], length: &mut usize) -> Option<Line> {
    for key in keys.chars() {
        match key {
            '\x03' => return Some(Line::Interrupted),
            '\r' | '\n' => {
                append('\n', into, length);
                return Some(Line::Typed(*length));
            }
            '\x08' => {
                let typed = str::from_utf8(&into[..*length]).unwrap_or_default();
                *length -= typed.chars().next_back().map_or(0, char::len_utf8);
            }
            key => append(key, into, length),
        }
    }
    keys.is_empty().then_some(Line::Typed(*length))
}

/// What finds no room is left out.
fn append(key: char, into: &mut [u8], length: &mut usize) {
    if let Some(room) = into.get_mut(*length..*length + key.len_utf8()) {
        key.encode_utf8(room);
        *length += key.len_utf8();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(pieces: &[&str]) -> (Option<Line>, String) {
        let (mut into, mut length) = ([0; 16], 0);
        let line = pieces.iter().find_map(|keys| take_keys(keys, &mut into, &mut length));
        (line, String::from_utf8(into[..length].to_vec()).unwrap())
    }

    #[test]
    fn a_line_ends_at_its_break() {
        assert_eq!(typed(&["se", "cret\rmore"]), (Some(Line::Typed(7)), "secret\n".to_owned()));
    }

    #[test]
    fn a_key_is_taken_back_whole() {
        let backspaces = "\u{8}".repeat(9);
        let line = typed(&["a\u{1f511}", "\u{8}\u{fc}\r"]);
        assert_eq!(line, (Some(Line::Typed(4)), "a\u{fc}\n".to_owned()));
        assert_eq!(typed(&["ab", &backspaces, "c\r"]).1, "c\n");
    }

    #[test]
    fn ctrl_c_and_the_end_of_input_end_it() {
        assert_eq!(typed(&["sec\u{3}"]).0, Some(Line::Interrupted));
        assert_eq!(typed(&["", "x"]), (Some(Line::Typed(0)), String::new()));
        assert_eq!(typed(&["sec"]).0, None);
    }

    #[test]
    fn what_finds_no_room_is_left_out() {
        assert_eq!(typed(&["0123456789abcdef\u{fc}", "\r"]).1, "0123456789abcdef");
    }
}
