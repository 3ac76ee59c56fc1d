//! Keeps a panic of this library, which is always a defect of it, from leaving it.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::Error;

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Runs a piece of this library; a panic in it becomes `INTERNAL`.
///
/// # Errors
/// `INTERNAL` where `body` panicked.
pub fn contain<T>(body: impl FnOnce() -> T) -> Result<T, Error> {
    let outer = CONTAINED.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(body));
    CONTAINED.set(outer);
    result.map_err(|_| Error::internal("a defect of sm-token (a caught panic); please report it"))
}

/// Prints nothing about contained panics from here on; every other panic is printed as before.
///
/// For the libraries that live in programs of other languages. A Rust program's panics are its own
/// business: nothing in the core calls this.
#[inline]
pub fn silence_contained() {
    static SILENCED: AtomicBool = AtomicBool::new(false);
    if !SILENCED.load(Ordering::Relaxed) && !SILENCED.swap(true, Ordering::AcqRel) {
        set_quiet_hook();
    }
}

#[cold]
fn set_quiet_hook() {
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !CONTAINED.get() {
            previous(info);
        }
    }));
}
