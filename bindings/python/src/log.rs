//! What the core logs goes to the logger `sm_token`.
//!
//! The core calls its log handler on a thread that may be detached from the interpreter, where no Python code can
//! run. So the handler keeps the records, and whoever called the core emits them once it is attached again.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use sm_token::{LogLevel, Options};

/// A message and its level.
type Record = (LogLevel, String);

thread_local! {
    /// What the core logged in the call that runs on this thread.
    static RECORDS: RefCell<Vec<Record>> = const { RefCell::new(Vec::new()) };

    /// Whether that is anything. Read on each call from memory, so it is a plain byte that needs no destructor.
    static HAS_RECORDS: Cell<bool> = const { Cell::new(false) };
}

/// Keeps what is logged for [`take_records`]; the logger decides at each message whether it is wanted.
pub(crate) fn listen(options: &mut Options) {
    options.set_log(LogLevel::Debug, |level, message| {
        RECORDS.with_borrow_mut(|records| records.push((level, message.to_owned())));
        HAS_RECORDS.set(true);
    });
}

/// Takes what the call that just returned has logged. No Python code may run between the two: it could make
/// another call.
pub(crate) fn take_records() -> Vec<Record> {
    HAS_RECORDS.set(false);
    RECORDS.take()
}

/// Whether the call that just returned has logged anything.
#[inline]
pub(crate) fn has_records() -> bool {
    HAS_RECORDS.get()
}

/// Records that wait for a thread that can emit them. Without a lock, which a child of a fork could find held.
#[derive(Default)]
pub(crate) struct Backlog {
    records: ArcSwap<Vec<Record>>,
    has_any: AtomicBool,
}

impl Backlog {
    /// Adds what the call that just returned has logged. Returns whether that is anything.
    pub(crate) fn add(&self) -> bool {
        let records = take_records();
        if records.is_empty() {
            return false;
        }
        self.records.rcu(|before| [&before[..], &records[..]].concat());
        self.has_any.store(true, Ordering::Release);
        true
    }

    /// Emits the records, if there are any: what a look at the cached token can afford.
    pub(crate) fn emit(&self, py: Python<'_>) -> PyResult<()> {
        if !self.has_any.load(Ordering::Relaxed) || !self.has_any.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        emit(py, Arc::unwrap_or_clone(self.records.swap(Arc::default())))
    }
}

/// Hands records to the logger.
///
/// An exception of a handler is reported as Python reports what it can raise nowhere; what is no `Exception`,
/// such as `KeyboardInterrupt`, ends the call.
pub(crate) fn emit(py: Python<'_>, records: Vec<Record>) -> PyResult<()> {
    for (level, message) in records {
        match emit_one(py, level, &message) {
            Err(raised) if raised.is_instance_of::<PyException>(py) => {
                raised.write_unraisable(py, None);
            }
            emitted => emitted?,
        }
    }
    Ok(())
}

fn emit_one(py: Python<'_>, level: LogLevel, message: &str) -> PyResult<()> {
    let number = match level {
        LogLevel::Off => return Ok(()),
        LogLevel::Error => 40,
        LogLevel::Warn => 30,
        LogLevel::Info => 20,
        LogLevel::Debug => 10,
    };
    // A `logging` that nobody has imported has no handler.
    if !is_logging_imported(py)? {
        return Ok(());
    }
    logger(py)?.call_method1("log", (number, "%s", message)).map(drop)
}

/// The logger, with the handler by which a library leaves it to the program whether anything is printed.
fn logger<'py>(py: Python<'py>) -> PyResult<&'py Bound<'py, PyAny>> {
    static LOGGER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let logger = LOGGER.get_or_try_init(py, || {
        let logging = py.import("logging")?;
        let logger = logging.call_method1("getLogger", ("sm_token",))?;
        logger.call_method1("addHandler", (logging.call_method0("NullHandler")?,))?;
        PyResult::Ok(logger.unbind())
    })?;
    Ok(logger.bind(py))
}

fn is_logging_imported(py: Python<'_>) -> PyResult<bool> {
    py.import("sys")?.getattr("modules")?.contains("logging")
}
