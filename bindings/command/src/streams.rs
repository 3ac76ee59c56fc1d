//! What the streams were when the process began, and what the terminal takes.
//!
//! Before `main` the standard library opens `/dev/null` for a stream that is closed. A token that is written there
//! is lost, and the command would report success. So the streams are looked at before.

use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fd::AsFd;
use rustix::stdio::{stdin, stdout};

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

/// Whether standard output is a terminal that shows colours, and nobody said no (`NO_COLOR`, no-color.org).
pub(crate) fn takes_colours() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
    rustix::termios::isatty(stdout()) && !is_set("NO_COLOR") && !is_dumb
}
