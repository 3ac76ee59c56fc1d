//! The secret from standard input: of a program, or of a person.

use std::io::{self, IsTerminal};

use zeroize::Zeroizing;

use crate::output::{self, Failure};
use crate::{streams, terminal};

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
    let secret = if io::stdin().is_terminal() { from_person()? } else { from_program()? };
    Ok((client_id, secret))
}

/// The secret without the line break that `echo` and editors put behind it.
fn from_program() -> Result<Zeroizing<String>, Failure> {
    let mut bytes = Zeroizing::new(vec![0; LONGEST]);
    let length = streams::read_whole_input(&mut bytes).map_err(|error| {
        Failure::Unusable(format!("standard input can't be read: {}", output::reason(&error)))
    })?;
    let text = utf8(&bytes[..length])?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    Ok(Zeroizing::new(text.strip_suffix('\r').unwrap_or(text).to_owned()))
}

fn from_person() -> Result<Zeroizing<String>, Failure> {
    let mut bytes = Zeroizing::new(vec![0; LONGEST]);
    let nothing = || Failure::Unusable("no secret was entered".to_owned());
    let typed = terminal::ask(PROMPT, &mut bytes);
    let length = typed.ok().filter(|length| *length > 0).ok_or_else(nothing)?;
    let text = utf8(&bytes[..length])?;
    Ok(Zeroizing::new(text.strip_suffix('\n').unwrap_or(text).to_owned()))
}

fn utf8(bytes: &[u8]) -> Result<&str, Failure> {
    let not_utf8 = || Failure::Unusable("the secret on standard input is not UTF-8".to_owned());
    std::str::from_utf8(bytes).map_err(|_| not_utf8())
}
