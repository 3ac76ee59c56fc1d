//! Calls of the core that can block: detached from the interpreter while they wait, attached for all that Python
//! runs meanwhile.
//!
//! Nothing attaches inside a detached section: a signal or log handler may switch greenlets, which come back in
//! another order than they left, and each would find the state of another's section.

use std::process;
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use sm_token::{Token, internal};

use crate::{error, log};

/// How often a thread that handles signals looks whether one has come.
const LOOK_FOR_SIGNALS_EVERY: Duration = Duration::from_millis(50);

/// Runs a call of the core detached.
pub(crate) fn detached<T: Send>(
    py: Python<'_>,
    call: impl FnOnce() -> Result<T, sm_token::Error> + Send,
) -> PyResult<T> {
    let (outcome, records) =
        py.detach(|| (internal::contain(call).and_then(|outcome| outcome), log::take_records()));
    log::emit(py, records)?;
    outcome.map_err(|error| error::of_core(py, &error))
}

/// Runs a call of the core that does not block, without detaching.
pub(crate) fn attached<T>(py: Python<'_>, call: impl FnOnce() -> T) -> PyResult<T> {
    let outcome = internal::contain(call);
    if log::has_records() {
        log::emit(py, log::take_records())?;
    }
    outcome.map_err(|error| error::of_core(py, &error))
}

/// Waits piece by piece, by `wait` with the longest that it may take, and ends with what Python raises in
/// between: Ctrl-C, another signal handler's exception, or what a log handler let through.
pub(crate) fn wait<T: Send>(
    py: Python<'_>,
    wait: impl Fn(Duration) -> Option<Result<T, sm_token::Error>> + Sync,
) -> PyResult<T> {
    let at_most = if handles_signals(py)? { LOOK_FOR_SIGNALS_EVERY } else { Duration::MAX };
    loop {
        if let Some(outcome) = detached(py, || wait(at_most).transpose())? {
            return Ok(outcome);
        }
        py.check_signals()?;
    }
}

/// As [`wait`], for at most so long.
pub(crate) fn wait_within(
    py: Python<'_>,
    within: Duration,
    piece: impl Fn(Duration) -> Option<Result<Token, sm_token::Error>> + Sync,
) -> PyResult<Token> {
    let began = Instant::now();
    wait(py, |at_most| {
        let left = within.saturating_sub(began.elapsed());
        piece(at_most.min(left))
            .or_else(|| (began.elapsed() >= within).then(|| Err(internal::not_yet())))
    })
}

/// Whether signals are handled on this thread: Python does that on its main thread alone. The others
/// need not compete for the interpreter to find that out again and again.
fn handles_signals(py: Python<'_>) -> PyResult<bool> {
    let modules = py.import("sys")?.getattr("modules")?;
    let Ok(threading) = modules.get_item("threading") else {
        return Ok(true);
    };
    let main = threading.call_method0("main_thread")?;
    if threading.call_method0("get_ident")?.eq(main.getattr("ident")?)? {
        return Ok(true);
    }
    // Under gevent and eventlet each greenlet has an `ident` of its own; its native identifier is that of its
    // thread. Linux gives the main thread that of the process, also after a fork.
    let native = threading.call_method0("get_native_id")?;
    if cfg!(windows) { native.eq(main.getattr("native_id")?) } else { native.eq(process::id()) }
}
