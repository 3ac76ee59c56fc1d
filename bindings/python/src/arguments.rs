//! What Python hands over, as the core takes it.

use std::path::PathBuf;
use std::time::Duration;

use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyString;
use sm_token::{Credentials, Error, Options, Trust};

use crate::error::{invalid_argument, of_core};

/// Text as the caller gives it, or `None`.
pub(crate) type Text<'a, 'py> = Option<&'a Bound<'py, PyString>>;

/// Any other value as the caller gives it, or `None`.
pub(crate) type Value<'a, 'py> = Option<&'a Bound<'py, PyAny>>;

/// The client credentials: the caller's, or the environment's where there are neither id nor secret.
pub(crate) fn credentials(
    py: Python<'_>,
    client_id: Text<'_, '_>,
    client_secret: Text<'_, '_>,
) -> PyResult<Credentials> {
    let client_id = utf8("client_id", client_id)?;
    let client_secret = utf8("client_secret", client_secret)?;
    let only_one = |missing: &str| {
        let message = format!(
            "{missing} is None and the other is not; give both, or neither to take them from the environment"
        );
        Err(invalid_argument(py, &message))
    };
    let credentials = match (client_id, client_secret) {
        (Some(client_id), Some(client_secret)) => Credentials::new(client_id, client_secret),
        (None, None) => Credentials::from_env(),
        (None, Some(_)) => return only_one("client_id"),
        (Some(_), None) => return only_one("client_secret"),
    };
    credentials.map_err(|error| of_core(py, &error))
}

/// The keywords by which a caller chooses how a token is fetched. `None` means the default.
pub(crate) struct Keywords<'a, 'py> {
    pub(crate) base_url: Text<'a, 'py>,
    pub(crate) scope: Text<'a, 'py>,
    pub(crate) user_agent: Text<'a, 'py>,
    pub(crate) proxy: Text<'a, 'py>,
    pub(crate) ca_file: Value<'a, 'py>,
    pub(crate) trust: Text<'a, 'py>,
    pub(crate) timeout: Value<'a, 'py>,
    pub(crate) connect_timeout: Value<'a, 'py>,
    pub(crate) max_retries: Value<'a, 'py>,
}

impl Keywords<'_, '_> {
    pub(crate) fn options(&self, py: Python<'_>) -> PyResult<Options> {
        let refused = |error: Error| of_core(py, &error);
        let mut options = Options::new();
        options.set_base_url(utf8("base_url", self.base_url)?).map_err(refused)?;
        options.set_scope(utf8("scope", self.scope)?).map_err(refused)?;
        options.set_user_agent(utf8("user_agent", self.user_agent)?).map_err(refused)?;
        options.set_proxy(utf8("proxy", self.proxy)?).map_err(refused)?;
        let ca_file = self.ca_file.map(path).transpose()?;
        options.set_ca_file(ca_file.as_deref()).map_err(refused)?;
        if let Some(name) = self.trust {
            options.set_trust(trust(name)?);
        }
        if let Some(timeout) = self.timeout {
            options.set_timeout(duration("timeout", timeout)?).map_err(refused)?;
        }
        if let Some(timeout) = self.connect_timeout {
            options.set_connect_timeout(duration("connect_timeout", timeout)?).map_err(refused)?;
        }
        if let Some(count) = self.max_retries {
            options.set_max_retries(max_retries(count)?);
        }
        Ok(options)
    }
}

/// Python's text can hold half a surrogate pair, which no UTF-8 can. Python's own exception for that
/// carries the whole text, which may be the secret.
pub(crate) fn utf8<'a>(name: &str, text: Text<'a, '_>) -> PyResult<Option<&'a str>> {
    text.map(|text| {
        text.to_str().map_err(|_| {
            let message = format!("{name} holds a lone surrogate, which can't be put into UTF-8");
            invalid_argument(text.py(), &message)
        })
    })
    .transpose()
}

fn path(value: &Bound<'_, PyAny>) -> PyResult<String> {
    let path: PathBuf = value.extract()?;
    path.into_os_string()
        .into_string()
        .map_err(|_| invalid_argument(value.py(), "ca_file has a path that is not UTF-8"))
}

fn trust(name: &Bound<'_, PyString>) -> PyResult<Trust> {
    if name == "system" {
        Ok(Trust::System)
    } else if name == "bundled" {
        Ok(Trust::Bundled)
    } else {
        Err(invalid_argument(name.py(), "trust is neither \"system\" nor \"bundled\""))
    }
}

/// A number of seconds or a timedelta. What no duration can hold becomes the nearest that one can,
/// which the core then refuses in its own words.
fn duration(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Duration> {
    let py = value.py();
    let seconds: f64 = match value.extract() {
        Ok(seconds) => seconds,
        Err(error) if error.is_instance_of::<PyOverflowError>(py) => f64::INFINITY,
        Err(_) => {
            let timedelta = py.import("datetime")?.getattr("timedelta")?;
            if !value.is_instance(&timedelta)? {
                return Err(PyTypeError::new_err(format!(
                    "{name} is neither a number of seconds nor a datetime.timedelta"
                )));
            }
            value.call_method0("total_seconds")?.extract()?
        }
    };
    let out_of_range = if seconds > 0.0 { Duration::MAX } else { Duration::ZERO };
    Ok(Duration::try_from_secs_f64(seconds).unwrap_or(out_of_range))
}

fn max_retries(value: &Bound<'_, PyAny>) -> PyResult<u32> {
    let py = value.py();
    value.extract().map_err(|error: PyErr| {
        if error.is_instance_of::<PyOverflowError>(py) {
            let message = format!("max_retries is not between 0 and {}", u32::MAX);
            invalid_argument(py, &message)
        } else {
            PyTypeError::new_err("max_retries is not an int")
        }
    })
}

/// Raises what fetch() would raise for these credentials, without a request.
#[pyfunction]
#[pyo3(signature = (client_id=None, client_secret=None))]
pub(crate) fn check_credentials(
    py: Python<'_>,
    client_id: Text<'_, '_>,
    client_secret: Text<'_, '_>,
) -> PyResult<()> {
    credentials(py, client_id, client_secret).map(drop)
}
