//! The way to the server, for `python -m sm_token --check`.

use pyo3::prelude::*;
use sm_token::Options;
use sm_token::face::{self, Route};

use crate::arguments::{Text, utf8};
use crate::error::of_core;

type Server = (&'static str, String, u16);
type Proxy = (&'static str, String, u16, Option<String>, Option<String>);

/// The scheme, host and port that fetch() would ask, or what it would raise for this base URL and
/// the environment's.
#[pyfunction]
#[pyo3(signature = (base_url=None))]
pub(crate) fn server_of(py: Python<'_>, base_url: Text<'_, '_>) -> PyResult<Server> {
    let Route { scheme, host, port, .. } = route(py, base_url, Some(""))?;
    Ok((scheme, host, port))
}

/// The scheme, host, port, user name and password of the proxy that fetch() would use, or what it
/// would raise for the environment's.
#[pyfunction]
#[pyo3(signature = (base_url=None))]
pub(crate) fn proxy_to(py: Python<'_>, base_url: Text<'_, '_>) -> PyResult<Option<Proxy>> {
    let proxy = route(py, base_url, None)?.proxy;
    Ok(proxy.map(|proxy| (proxy.scheme, proxy.host, proxy.port, proxy.username, proxy.password)))
}

fn route(py: Python<'_>, base_url: Text<'_, '_>, proxy: Option<&str>) -> PyResult<Route> {
    let base_url = utf8("base_url", base_url)?;
    let mut options = Options::new();
    options
        .set_base_url(base_url)
        .and_then(|options| options.set_proxy(proxy))
        .and_then(|options| face::route(options))
        .map_err(|error| of_core(py, &error))
}
