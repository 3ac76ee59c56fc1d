//! What Python hands over, as the core takes it.

use std::ffi::OsString;
use std::time::Duration;

use pyo3::exceptions::{PyOverflowError, PyTypeError, PyUnicodeError};
use pyo3::prelude::*;
use pyo3::types::PyString;
use sm_token::{CredentialSource, Credentials, Error, Options, Trust};

use crate::error::{invalid_argument, of_core};

/// Text as the caller gives it, or `None`.
pub(crate) type Text<'a, 'py> = Option<&'a Bound<'py, PyString>>;

/// Any other value as the caller gives it, or `None`.
pub(crate) type Value<'a, 'py> = Option<&'a Bound<'py, PyAny>>;

/// The client credentials: the caller's, or where the options and the environment have them where there are neither id
/// nor secret.
pub(crate) fn credentials(
    py: Python<'_>,
    client_id: Text<'_, '_>,
    client_secret: Text<'_, '_>,
    options: &Options,
) -> PyResult<CredentialSource> {
    let client_id = utf8("client_id", client_id)?;
    let client_secret = utf8("client_secret", client_secret)?;
    CredentialSource::new(client_id, client_secret, options).map_err(|error| of_core(py, &error))
}

/// Client credentials that the caller has to give.
pub(crate) fn required_credentials(
    client_id: &Bound<'_, PyString>,
    client_secret: &Bound<'_, PyString>,
) -> PyResult<Credentials> {
    let py = client_id.py();
    let id = utf8("client_id", Some(client_id))?.unwrap_or_default();
    let secret = utf8("client_secret", Some(client_secret))?.unwrap_or_default();
    Credentials::new(id, secret).map_err(|error| of_core(py, &error))
}

/// Sets the files of the client credentials, paths as `open()` takes them.
fn set_credential_files(
    options: &mut Options,
    client_id_file: Value<'_, '_>,
    client_secret_file: Value<'_, '_>,
) -> PyResult<Result<(), Error>> {
    let id = client_id_file.map(|value| path("client_id_file", value)).transpose()?;
    let secret = client_secret_file.map(|value| path("client_secret_file", value)).transpose()?;
    Ok(options.set_credential_files(id.as_deref(), secret.as_deref()).map(drop))
}

/// The keywords by which a caller chooses how a token is fetched. `None` means the default.
pub(crate) struct Keywords<'a, 'py> {
    pub(crate) base_url: Text<'a, 'py>,
    pub(crate) scope: Text<'a, 'py>,
    pub(crate) user_agent: Text<'a, 'py>,
    pub(crate) proxy: Text<'a, 'py>,
    pub(crate) ca_file: Value<'a, 'py>,
    pub(crate) client_id_file: Value<'a, 'py>,
    pub(crate) client_secret_file: Value<'a, 'py>,
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
        let ca_file = self.ca_file.map(|value| path("ca_file", value)).transpose()?;
        options.set_ca_file(ca_file.as_deref()).map_err(refused)?;
        set_credential_files(&mut options, self.client_id_file, self.client_secret_file)?
            .map_err(refused)?;
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
            options.set_max_retries(max_retries(count)?).map_err(refused)?;
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

/// A path as `open()` takes it.
fn path(name: &str, value: &Bound<'_, PyAny>) -> PyResult<OsString> {
    let py = value.py();
    match system_path(value) {
        Err(error) if error.is_instance_of::<PyTypeError>(py) => {
            Err(PyTypeError::new_err(format!("{name} is neither str, bytes nor os.PathLike")))
        }
        Err(error) if error.is_instance_of::<PyUnicodeError>(py) => {
            Err(invalid_argument(py, &format!("{name} has a path that can't be encoded")))
        }
        outcome => outcome,
    }
}

/// On a Unix a path is bytes.
#[cfg(unix)]
fn system_path(value: &Bound<'_, PyAny>) -> PyResult<OsString> {
    use std::os::unix::ffi::OsStringExt;
    let bytes = value.py().import("os")?.call_method1("fsencode", (value,))?;
    Ok(OsString::from_vec(bytes.extract()?))
}

/// On Windows a path is UTF-16, with which Python's text can always be written.
#[cfg(windows)]
fn system_path(value: &Bound<'_, PyAny>) -> PyResult<OsString> {
    value.py().import("os")?.call_method1("fsdecode", (value,))?.extract()
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
    let seconds = seconds(name, value)?;
    let out_of_range = if seconds > 0.0 { Duration::MAX } else { Duration::ZERO };
    Ok(Duration::try_from_secs_f64(seconds).unwrap_or(out_of_range))
}

fn seconds(name: &str, value: &Bound<'_, PyAny>) -> PyResult<f64> {
    let py = value.py();
    match value.extract() {
        Ok(seconds) => Ok(seconds),
        Err(error) if error.is_instance_of::<PyOverflowError>(py) => Ok(f64::INFINITY),
        Err(_) => {
            let timedelta = py.import("datetime")?.getattr("timedelta")?;
            if !value.is_instance(&timedelta)? {
                return Err(PyTypeError::new_err(format!(
                    "{name} is neither a number of seconds nor a datetime.timedelta"
                )));
            }
            value.call_method0("total_seconds")?.extract()
        }
    }
}

/// How long a call waits: a number of seconds or a timedelta, from 0 on; `None` for the timeout.
pub(crate) fn wait(value: Value<'_, '_>) -> PyResult<Duration> {
    let Some(value) = value else { return Ok(Duration::MAX) };
    let seconds = seconds("wait", value)?;
    if seconds >= 0.0 {
        Ok(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
    } else {
        Err(invalid_argument(value.py(), "wait is negative"))
    }
}

/// What no `u32` can hold becomes the largest, which the core then refuses in its own words.
fn max_retries(value: &Bound<'_, PyAny>) -> PyResult<u32> {
    value.extract().or_else(|error: PyErr| {
        if error.is_instance_of::<PyOverflowError>(value.py()) {
            Ok(u32::MAX)
        } else {
            Err(PyTypeError::new_err("max_retries is not an int"))
        }
    })
}
