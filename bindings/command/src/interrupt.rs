//! Ctrl-C ends the command without a word, and leaves the terminal as it was.

use std::os::fd::OwnedFd;
use std::sync::{Mutex, PoisonError};

use rustix::fd::AsFd;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::SIGINT;
use signal_hook::iterator::Signals;

use crate::exit_code::INTERRUPTED;

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

/// A terminal without echo, until this is dropped.
pub(crate) struct WithoutEcho;

/// Turns the echo of a terminal off.
pub(crate) fn without_echo(terminal: impl AsFd) -> WithoutEcho {
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
