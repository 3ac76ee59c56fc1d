//! The secret from standard input: of a program, or of a person.

use std::fs::File;
use std::io::{self, Write};

use rustix::fd::AsFd;
use zeroize::Zeroizing;

use crate::interrupt;
use crate::output::{self, Failure};
use crate::streams;

/// Longer than any secret: what is fed in is then something else.
const LONGEST: usize = 64 * 1024;

const PROMPT: &str = "client secret: ";

/// The client id from the environment and the secret from standard input.
///
/// # Errors
/// What can't be read or used.
pub(crate) fn from_stdin() -> Result<(String, Zeroizing<String>), Failure> {
    let unusable = |what: &str| Failure::Unusable(what.to_owned());
    let client_id = match std::env::var_os("SMX_CLIENT_ID") {
        Some(client_id) if !client_id.is_empty() => client_id,
        _ => return Err(unusable("the environment variable SMX_CLIENT_ID is not set")),
    };
    let not_utf8 = "the environment variable SMX_CLIENT_ID is not UTF-8";
    let client_id = client_id.into_string().map_err(|_| unusable(not_utf8))?;
    if streams::is_input_closed() {
        return Err(unusable("standard input is closed"));
    }
    let stdin = rustix::stdio::stdin();
    let secret = if rustix::termios::isatty(stdin) { from_person()? } else { all_of(stdin)? };
    Ok((client_id, secret))
}

/// The secret without the line break that `echo` and editors put behind it.
fn all_of(stream: impl AsFd) -> Result<Zeroizing<String>, Failure> {
    let mut bytes = Zeroizing::new(vec![0; LONGEST]);
    let length = read(&stream, &mut bytes, |_| false).map_err(|error| {
        Failure::Unusable(format!("standard input can't be read: {}", output::reason(&error)))
    })?;
    let text = std::str::from_utf8(&bytes[..length])
        .map_err(|_| Failure::Unusable("the secret on standard input is not UTF-8".to_owned()))?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    Ok(Zeroizing::new(text.strip_suffix('\r').unwrap_or(text).to_owned()))
}

/// Asks at the terminal of the process; where it has none, on standard error and standard input.
fn from_person() -> Result<Zeroizing<String>, Failure> {
    match File::options().read(true).write(true).open("/dev/tty") {
        Ok(terminal) => {
            let told = terminal.try_clone();
            prompted(&terminal, |text| {
                if let Ok(mut told) = told.as_ref() {
                    let _ = told.write_all(text.as_bytes());
                }
            })
        }
        Err(_) => prompted(rustix::stdio::stdin(), output::complain),
    }
}

fn prompted(terminal: impl AsFd, say: impl Fn(&str)) -> Result<Zeroizing<String>, Failure> {
    let silent = interrupt::without_echo(&terminal);
    say(PROMPT);
    let mut bytes = Zeroizing::new(vec![0; LONGEST]);
    let read = read(&terminal, &mut bytes, |read| read.ends_with(b"\n"));
    drop(silent);
    say("\n");
    let nothing = || Failure::Unusable("no secret was entered".to_owned());
    let length = read.ok().filter(|length| *length > 0).ok_or_else(nothing)?;
    let text = std::str::from_utf8(&bytes[..length])
        .map_err(|_| Failure::Unusable("the secret on standard input is not UTF-8".to_owned()))?;
    Ok(Zeroizing::new(text.strip_suffix('\n').unwrap_or(text).to_owned()))
}

/// Fills the buffer up to the end of the stream, or to where it `is_whole`; returns how much came.
fn read(stream: impl AsFd, into: &mut [u8], is_whole: impl Fn(&[u8]) -> bool) -> io::Result<usize> {
    let mut length = 0;
    while length < into.len() && !is_whole(&into[..length]) {
        match rustix::io::read(&stream, &mut into[length..]) {
            Ok(0) => break,
            Ok(amount) => length += amount,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(length)
}
