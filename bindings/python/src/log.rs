//! What the core has to say goes to the logger `sm_token`.

use pyo3::prelude::*;
use sm_token::{LogLevel, Options};

use crate::{call, waiting};

const LOGGER: &str = "sm_token";

/// Has the logger hear what happens, and decide at each message whether it is wanted.
pub(crate) fn listen(options: &mut Options) {
    options.set_log(LogLevel::Debug, hear);
}

/// Hands a message to the logger, on the thread that is inside a call.
fn hear(level: LogLevel, message: &str) {
    if call::has_raised() {
        return;
    }
    // An interpreter that is shutting down has nobody left who listens.
    Python::try_attach(|py| {
        if let Err(raised) = tell(py, level, message) {
            call::log_handler_raised(py, raised);
        }
    });
}

fn tell(py: Python<'_>, level: LogLevel, message: &str) -> PyResult<()> {
    let number = match level {
        LogLevel::Off => return Ok(()),
        LogLevel::Error => 40,
        LogLevel::Warn => 30,
        LogLevel::Info => 20,
        LogLevel::Debug => 10,
    };
    // A `logging` that nobody configured would only let warnings through: it is not imported for
    // less, and it makes no difference who else imports it.
    if level > LogLevel::Warn && !is_logging_imported(py)? {
        return Ok(());
    }
    let log = py.import("logging")?.call_method1("getLogger", (LOGGER,))?.getattr("log")?;
    if let Some(event_loop) = waiting::event_loop_of_thread(py) {
        let told = event_loop.call_method1("call_soon_threadsafe", (&log, number, "%s", message));
        // A loop that is closed hears nothing.
        if told.is_ok() {
            return Ok(());
        }
    }
    log.call1((number, "%s", message)).map(drop)
}

fn is_logging_imported(py: Python<'_>) -> PyResult<bool> {
    py.import("sys")?.getattr("modules")?.contains("logging")
}
