//! The core's errors as the exceptions of `sm_token._errors`, which know their classes.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use sm_token::{Error, Status, internal};

/// The exception for a failure of the core.
pub(crate) fn of_core(py: Python<'_>, error: &Error) -> PyErr {
    exception(py, error.message(), error.status(), |details| {
        details.set_item("http_status", error.http_status())?;
        details.set_item("oauth_code", error.oauth_code())?;
        details.set_item("oauth_description", error.oauth_description())?;
        details.set_item("retryable", error.is_retryable())?;
        details.set_item("retry_after", error.retry_after().map(|wait| wait.as_secs_f64()))
    })
}

/// The exception for an argument that can't be handed to the core.
pub(crate) fn invalid_argument(py: Python<'_>, message: &str) -> PyErr {
    exception(py, message, Status::InvalidArgument, |_| Ok(()))
}

/// The failure where the system has no thread to give.
pub(crate) fn no_thread(reason: &std::io::Error) -> Error {
    internal::internal_error(format!("no thread to wait on: {reason}"))
}

/// The exception for what this half itself can't do.
pub(crate) fn internal(py: Python<'_>, message: &str) -> PyErr {
    exception(py, message, Status::Internal, |_| Ok(()))
}

fn exception(
    py: Python<'_>,
    message: &str,
    status: Status,
    add_details: impl FnOnce(&Bound<'_, PyDict>) -> PyResult<()>,
) -> PyErr {
    let make = || -> PyResult<PyErr> {
        let details = PyDict::new(py);
        details.set_item("status", status.code())?;
        details.set_item("code", status.name())?;
        add_details(&details)?;
        let exception = py
            .import(intern!(py, "sm_token._errors"))?
            .getattr(intern!(py, "exception_of"))?
            .call((message,), Some(&details))?;
        Ok(PyErr::from_value(exception))
    };
    make().unwrap_or_else(|failure| failure)
}
