//! What the core has to say goes to the logger `sm_token`.

use pyo3::prelude::*;
use sm_token::{LogLevel, Options};

use crate::call;

const LOGGER: &str = "sm_token";

/// Has the logger hear what happens during a call, down to the level that it wants now.
pub(crate) fn listen(py: Python<'_>, options: &mut Options) -> PyResult<()> {
    match wanted_level(py)? {
        LogLevel::Off => options.clear_log(),
        level => options.set_log(level, hear),
    };
    Ok(())
}

/// The effective level of the logger. Where the program has not imported `logging` it is the level
/// of a `logging` that nobody configured, warnings, so that it makes no difference who else imports
/// it; it is then imported with the first message.
fn wanted_level(py: Python<'_>) -> PyResult<LogLevel> {
    let modules = py.import("sys")?.getattr("modules")?;
    let Ok(logging) = modules.get_item("logging") else {
        return Ok(LogLevel::Warn);
    };
    let level: i64 = logging
        .call_method1("getLogger", (LOGGER,))?
        .call_method0("getEffectiveLevel")?
        .extract()?;
    Ok(match level {
        ..=10 => LogLevel::Debug,
        11..=20 => LogLevel::Info,
        21..=30 => LogLevel::Warn,
        31..=40 => LogLevel::Error,
        41.. => LogLevel::Off,
    })
}

/// Hands a message to the logger, on the thread that is inside a call.
fn hear(level: LogLevel, message: &str) {
    if call::has_raised() {
        return;
    }
    // An interpreter that is shutting down has nobody left who listens.
    Python::try_attach(|py| {
        if let Err(raised) = log(py, level, message) {
            call::log_handler_raised(py, raised);
        }
    });
}

fn log(py: Python<'_>, level: LogLevel, message: &str) -> PyResult<()> {
    let level = match level {
        LogLevel::Off => return Ok(()),
        LogLevel::Error => 40,
        LogLevel::Warn => 30,
        LogLevel::Info => 20,
        LogLevel::Debug => 10,
    };
    py.import("logging")?
        .call_method1("getLogger", (LOGGER,))?
        .call_method1("log", (level, "%s", message))?;
    Ok(())
}
