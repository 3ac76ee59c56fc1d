//! The native half of the Python package `sm_token`: the core with Python's types around it.
//!
//! `python/sm_token/_core.pyi` describes what this module offers, and documents it.

mod arguments;
mod call;
mod check;
mod client;
mod error;
mod fetch;
mod log;
mod sockets;
mod token;
mod waiting;

use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::exceptions::PyImportError;
use pyo3::{ffi, prelude::*, wrap_pyfunction};

/// The module `sm_token._core`.
///
/// An interpreter without the global lock takes the lock back: nothing here was run without it.
#[pymodule(gil_used = true)]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    // Before any object of another interpreter is touched.
    refuse_a_second_interpreter(module.py())?;
    sm_token::internal::silence_contained();
    module.add("VERSION", sm_token::VERSION)?;
    module.add_class::<token::Token>()?;
    module.add_class::<client::Client>()?;
    module.add_class::<waiting::Wait>()?;
    module.add_function(wrap_pyfunction!(fetch::fetch, module)?)?;
    #[cfg(feature = "panic-test")]
    module.add_function(wrap_pyfunction!(fetch::panic_in_a_call, module)?)?;
    module.add_function(wrap_pyfunction!(client::cached_token, module)?)?;
    module.add_function(wrap_pyfunction!(client::start_waiting, module)?)?;
    module.add_function(wrap_pyfunction!(check::check, module)?)
}

/// Whether the interpreter that imported this module was finalized.
static IS_FINALIZED: AtomicBool = AtomicBool::new(false);

/// The types of this module and the objects that it keeps belong to one interpreter.
fn refuse_a_second_interpreter(py: Python<'_>) -> PyResult<()> {
    if !is_main_interpreter(py) {
        return Err(PyImportError::new_err(
            "sm_token can't be used in a subinterpreter, only in the main one; under mod_wsgi set \
             WSGIApplicationGroup %{GLOBAL}, under uWSGI single-interpreter",
        ));
    }
    if IS_FINALIZED.load(Ordering::Acquire) {
        return Err(PyImportError::new_err(
            "sm_token can't be imported again after Py_Finalize(), which ended the interpreter that it \
             belongs to; initialize Python once in a process",
        ));
    }
    static IS_REGISTERED: AtomicBool = AtomicBool::new(false);
    if !IS_REGISTERED.swap(true, Ordering::AcqRel) {
        // SAFETY: this thread is attached to an interpreter; the function calls nothing of Python's. It fails where
        // 32 functions are registered already, and then Python has no way to tell.
        unsafe { ffi::Py_AtExit(Some(note_the_end)) };
    }
    Ok(())
}

extern "C" fn note_the_end() {
    IS_FINALIZED.store(true, Ordering::Release);
}

fn is_main_interpreter(_attached: Python<'_>) -> bool {
    // SAFETY: this thread is attached to an interpreter, and both calls only read.
    unsafe { ffi::PyInterpreterState_GetID(ffi::PyInterpreterState_Get()) == 0 }
}
