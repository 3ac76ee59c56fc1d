//! The terminal of a Unix, which is left as it was.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Mutex, PoisonError};

use rustix::fd::AsFd;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::SIGINT;
use signal_hook::iterator::Signals;

use crate::exit_code::INTERRUPTED;
use crate::{output, streams};

/// A terminal whose echo is off, and how it was before.
static SILENCED: Mutex<Option<(OwnedFd, Termios)>> = Mutex::new(None);

/// Lets SIGINT end the process with the exit code 130.
pub(crate) fn end_quietly() {
    // On the thread itself: where there is none, the signal ends the process as it always does.
    let wait = || {
        let Ok(mut signals) = Signals::new([SIGINT]) else { return };
        if signals.forever().next().is_some() {
            restore();
            std::process::exit(INTERRUPTED);
        }
    };
    let _ = std::thread::Builder::new().stack_size(64 * 1024).spawn(wait);
}

/// Asks at the terminal of the process; where it has none, on standard error and standard input. Returns how many
/// bytes were typed, the line break included: 0 at the end of input.
pub(crate) fn ask(prompt: &str, into: &mut [u8]) -> io::Result<usize> {
    match File::options().read(true).write(true).open("/dev/tty") {
        Ok(terminal) => ask_at(&terminal, prompt, into, |text| {
            let _ = streams::write_all(&terminal, text.as_bytes());
        }),
        Err(_) => ask_at(rustix::stdio::stdin(), prompt, into, output::complain),
    }
}

fn ask_at(
    terminal: impl AsFd,
    prompt: &str,
    into: &mut [u8],
    say: impl Fn(&str),
) -> io::Result<usize> {
    let silent = without_echo(&terminal);
    say(prompt);
    let typed = read_line(&terminal, into);
    drop(silent);
    say("\n");
    typed
}

fn read_line(terminal: impl AsFd, into: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < into.len() && !into[..length].ends_with(b"\n") {
        match streams::read(&terminal, &mut into[length..])? {
            0 => break,
            amount => length += amount,
        }
    }
    Ok(length)
}

/// A terminal without echo, until this is dropped.
struct WithoutEcho;

/// Turns the echo of a terminal off.
fn without_echo(terminal: impl AsFd) -> WithoutEcho {
    let terminal = terminal.as_fd();
    if let (Ok(before), Ok(kept)) = (tcgetattr(terminal), terminal.try_clone_to_owned()) {
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        *SILENCED.lock().unwrap_or_else(PoisonError::into_inner) = Some((kept, before));
        let _ = tcsetattr(terminal, OptionalActions::Flush, &silent);
    }
    WithoutEcho
}

impl Drop for WithoutEcho {
    fn drop(&mut self) {
        restore();
    }
}

fn restore() {
    let silenced = SILENCED.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some((terminal, before)) = silenced {
        let _ = tcsetattr(terminal, OptionalActions::Flush, &before);
    }
}
