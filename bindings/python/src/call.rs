//! A call that can block: detached from the interpreter, and ended by what Python raises meanwhile.

use std::cell::RefCell;

use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use sm_token::face;

use crate::error;

thread_local! {
    /// What Python raised on this thread while the core was running a call on it: Ctrl-C, another
    /// signal handler's exception, or what a log handler let through.
    static RAISED: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// Runs a call of the core detached. The call asks what it is given, at least every 50 ms, whether
/// to go on; what Python raised meanwhile is raised here, whatever the call came to.
pub(crate) fn detached<T: Send>(
    py: Python<'_>,
    call: impl FnOnce(&dyn Fn() -> bool) -> Result<T, sm_token::Error> + Send,
) -> PyResult<T> {
    let takes_signals = takes_signals(py)?;
    let outcome = py.detach(|| {
        let goes_on = || {
            if takes_signals {
                handle_signals();
            }
            !has_raised()
        };
        face::contain(|| call(&goes_on)).and_then(|outcome| outcome)
    });
    conclude(py, outcome)
}

/// Runs a call of the core that does not block, without detaching.
pub(crate) fn attached<T>(py: Python<'_>, call: impl FnOnce() -> T) -> PyResult<T> {
    conclude(py, face::contain(call))
}

fn conclude<T>(py: Python<'_>, outcome: Result<T, sm_token::Error>) -> PyResult<T> {
    match RAISED.take() {
        Some(raised) => Err(raised),
        None => outcome.map_err(|error| error::of_core(py, &error)),
    }
}

/// Whether this thread is to be left because Python has raised something on it.
pub(crate) fn has_raised() -> bool {
    RAISED.with_borrow(Option::is_some)
}

/// Takes care of what a log handler raised: an interruption ends the call, anything else is told as
/// Python tells what it can raise nowhere.
pub(crate) fn log_handler_raised(py: Python<'_>, raised: PyErr) {
    if raised.is_instance_of::<PyException>(py) {
        raised.write_unraisable(py, None);
    } else {
        RAISED.set(Some(raised));
    }
}

/// Runs Python's handlers of the signals that have come.
fn handle_signals() {
    // An interpreter that is shutting down can't be attached to, and handles no signal any more.
    if let Some(Err(raised)) = Python::try_attach(|py| py.check_signals()) {
        RAISED.set(Some(raised));
    }
}

/// Whether signals are handled on this thread: Python does that on its main thread alone. The others
/// need not compete for the interpreter to find that out again and again.
fn takes_signals(py: Python<'_>) -> PyResult<bool> {
    let modules = py.import("sys")?.getattr("modules")?;
    let Ok(threading) = modules.get_item("threading") else {
        return Ok(true);
    };
    let main = threading.call_method0("main_thread")?.getattr("ident")?;
    threading.call_method0("get_ident")?.eq(main)
}
