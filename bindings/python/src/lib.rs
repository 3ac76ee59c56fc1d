//! The native half of the Python package `sm_token`: the core with Python's types around it.
//!
//! `python/sm_token/_core.pyi` describes what this module offers, and documents it.

mod arguments;
mod call;
mod client;
mod error;
mod fetch;
mod log;
mod route;
mod token;
mod waiting;

/// The module `sm_token._core`.
///
/// Declared safe without the global interpreter lock: no state here is shared but what the core
/// guards.
#[pyo3::pymodule(gil_used = false)]
mod _core {
    use pyo3::exceptions::PyImportError;
    use pyo3::{ffi, prelude::*};

    #[pymodule_export]
    use crate::arguments::check_credentials;
    #[pymodule_export]
    use crate::client::{Client, cached_token, promise_token};
    #[pymodule_export]
    use crate::fetch::fetch;
    #[cfg(feature = "panic-test")]
    #[pymodule_export]
    use crate::fetch::panic_in_a_call;
    #[pymodule_export]
    use crate::route::{proxy_to, server_of};
    #[pymodule_export]
    use crate::token::Token;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        if !is_main_interpreter(module.py()) {
            return Err(PyImportError::new_err(
                "sm_token can't be used in a subinterpreter, only in the main one; under mod_wsgi set \
                 WSGIApplicationGroup %{GLOBAL}",
            ));
        }
        sm_token::face::silence_contained();
        module.add("VERSION", sm_token::VERSION)
    }

    /// The types of a module and the threads that it attaches belong to one interpreter.
    fn is_main_interpreter(_attached: Python<'_>) -> bool {
        // SAFETY: this thread is attached to an interpreter, and both calls only read.
        unsafe { ffi::PyInterpreterState_GetID(ffi::PyInterpreterState_Get()) == 0 }
    }
}
