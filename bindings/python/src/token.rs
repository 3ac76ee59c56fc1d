//! `Token`.

use std::hint::black_box;
use std::time::Duration;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyString, PyTzInfo};

/// An access token and how long it is good. Immutable; made by fetch() and Client.token().
///
/// Two tokens are equal where their texts are, compared in constant time.
#[pyclass(frozen, module = "sm_token")]
pub(crate) struct Token(sm_token::Token);

impl From<sm_token::Token> for Token {
    fn from(token: sm_token::Token) -> Self {
        Token(token)
    }
}

impl Token {
    pub(crate) fn core(&self) -> &sm_token::Token {
        &self.0
    }

    /// Whether this is the very token, not only one of the same text.
    pub(crate) fn is(&self, token: &sm_token::Token) -> bool {
        std::ptr::eq(self.0.authorization(), token.authorization())
    }
}

#[pymethods]
impl Token {
    /// The token itself. Keep it out of logs.
    #[getter]
    fn access_token(&self) -> &str {
        self.0.access_token()
    }

    /// "Bearer TOKEN", ready for the Authorization header (RFC 6750 section 2.1).
    #[getter]
    fn authorization(&self) -> &str {
        self.0.authorization()
    }

    /// The type as the server wrote it: "Bearer", in some case.
    #[getter]
    fn token_type(&self) -> &str {
        self.0.token_type()
    }

    /// The granted scope, space separated; "" where the server did not say.
    #[getter]
    fn scope(&self) -> &str {
        self.0.scope()
    }

    /// When it expires, an aware datetime in UTC, counted from when the request was sent.
    #[getter]
    fn expires_at<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDateTime>> {
        // Exact: a float holds every whole second of the years that a datetime has.
        PyDateTime::from_timestamp(py, self.0.expires_at() as f64, Some(&*PyTzInfo::utc(py)?))
    }

    /// How long it is still good, on whichever of the machine's clocks ends first; zero when it has
    /// expired.
    #[getter]
    fn expires_in(&self) -> Duration {
        self.0.expires_in()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!(
            "<sm_token.Token, access token hidden, scope {}, expires at {}>",
            PyString::new(py, self.0.scope()).repr()?,
            self.expires_at(py)?.str()?
        ))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> Option<bool> {
        let other = other.cast::<Token>().ok()?.get();
        Some(same_text(self.0.access_token(), other.0.access_token()))
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        PyString::new(py, self.0.access_token()).hash()
    }

    fn __copy__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __deepcopy__(this: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        this
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err(
            "a Token refuses to be pickled, because the pickle would hold the access token in clear \
             text; let the other process fetch one of its own, or send it token.access_token knowingly",
        ))
    }
}

/// Compares in a time that depends on the lengths alone.
fn same_text(one: &str, other: &str) -> bool {
    one.len() == other.len()
        && black_box(
            one.bytes().zip(other.bytes()).fold(0, |different, (a, b)| different | (a ^ b)),
        ) == 0
}
