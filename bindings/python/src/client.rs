//! `Client`.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyString;
use sm_token::internal::{self, TokenWait};

use crate::arguments::{self, Keywords, Text, Value};
use crate::sockets::Number;
use crate::token::Token;
use crate::waiting::{Wait, Waiting};
use crate::{call, log};

/// Keeps a valid access token and hands it out.
///
/// Most of the time a call is answered from memory. Late in the token's life one request behind the
/// callers fetches the next. Only where there is none callers wait, all of them for one request; its
/// failure is theirs too, and is remembered for a while. Making a client asks the server nothing.
///
/// Safe to use from any number of threads, and in the children of a process that was forked. As a
/// context manager it shuts down at the end of its block; one that is no longer used needs no
/// farewell.
///
/// The arguments are those of fetch(), read once, as is the environment; credential files are read again
/// for each token request. timeout is how long a caller waits at most.
///
/// Raises ConfigError for what the caller or the environment gave, TLSError where there is nothing
/// to trust.
#[pyclass(frozen, weakref, module = "sm_token")]
pub(crate) struct Client {
    pub(crate) core: Arc<sm_token::Client>,
    served: ArcSwapOption<Served>,
    pub(crate) waiting: Waiting,
}

/// A token and what is handed out of it, so that a call that is answered from memory makes no new
/// object.
struct Served {
    token: Py<Token>,
    authorization: Py<PyString>,
}

impl Served {
    fn new(py: Python<'_>, token: sm_token::Token) -> PyResult<Self> {
        let authorization = PyString::new(py, token.authorization()).unbind();
        Ok(Served { token: Py::new(py, Token::from(token))?, authorization })
    }
}

#[pymethods]
impl Client {
    #[new]
    #[pyo3(signature = (
        client_id=None, client_secret=None, *, base_url=None, scope=None, user_agent=None, proxy=None,
        ca_file=None, client_id_file=None, client_secret_file=None, trust=None, timeout=None,
        connect_timeout=None, max_retries=None
    ))]
    #[expect(clippy::too_many_arguments, reason = "Python calls it with keywords")]
    fn new(
        py: Python<'_>,
        client_id: Text<'_, '_>,
        client_secret: Text<'_, '_>,
        base_url: Text<'_, '_>,
        scope: Text<'_, '_>,
        user_agent: Text<'_, '_>,
        proxy: Text<'_, '_>,
        ca_file: Value<'_, '_>,
        client_id_file: Value<'_, '_>,
        client_secret_file: Value<'_, '_>,
        trust: Text<'_, '_>,
        timeout: Value<'_, '_>,
        connect_timeout: Value<'_, '_>,
        max_retries: Value<'_, '_>,
    ) -> PyResult<Self> {
        let keywords = Keywords {
            base_url,
            scope,
            user_agent,
            proxy,
            ca_file,
            client_id_file,
            client_secret_file,
            trust,
            timeout,
            connect_timeout,
            max_retries,
        };
        let mut options = keywords.options(py)?;
        let credentials = arguments::credentials(py, client_id, client_secret, &options)?;
        log::listen(&mut options);
        let making = call::detached(py, || internal::make_client(credentials, &options))?;
        let core = call::wait(py, |at_most| making.wait(at_most))?;
        Ok(Client {
            core: Arc::new(core),
            served: ArcSwapOption::empty(),
            waiting: Waiting::default(),
        })
    }

    /// The current token, fetched where there is none.
    ///
    /// wait: for how long at most, as seconds or a timedelta; 0 never waits, but starts a request where
    /// one is needed. None, and what is above the timeout, mean the timeout.
    ///
    /// Raises as fetch() does, at once where a failure is remembered, with retry_after set to what
    /// is left of that; TimeoutError, retryable, where the request goes on after the wait;
    /// CanceledError after shutdown().
    #[pyo3(signature = (wait=None))]
    fn token(&self, py: Python<'_>, wait: Value<'_, '_>) -> PyResult<Py<Token>> {
        self.serve(py, wait, |served| served.token.clone_ref(py))
    }

    /// "Bearer TOKEN" of the current token, ready for the Authorization header; as token() does, and
    /// quicker: ask for it anew for each request.
    #[pyo3(signature = (wait=None))]
    fn authorization(&self, py: Python<'_>, wait: Value<'_, '_>) -> PyResult<Py<PyString>> {
        self.serve(py, wait, |served| served.authorization.clone_ref(py))
    }

    #[classattr]
    fn token_async(py: Python<'_>) -> PyResult<Py<PyAny>> {
        coroutine_function(py, "token_async")
    }

    #[classattr]
    fn authorization_async(py: Python<'_>) -> PyResult<Py<PyAny>> {
        coroutine_function(py, "authorization_async")
    }

    /// Drops a token that a resource refused (401), if it is still the current one, so that the next
    /// call waits for another. token: the Token, or the text that was sent.
    ///
    /// However many callers drop the same token, they cause one request. Against a resource that
    /// refuses every token, requests start 1, 2, 4 ... 30 s apart, and what is dropped sooner stays
    /// in service. None drops whichever is current, at once, and forgets a remembered failure.
    #[pyo3(signature = (token=None))]
    fn invalidate(&self, py: Python<'_>, token: Value<'_, '_>) -> PyResult<()> {
        let had_one = self.cached(py)?.is_some();
        self.drop_token(py, token)?;
        if self.cached(py)?.is_none() {
            self.served.store(None);
            if had_one {
                self.waiting.close();
            }
        }
        Ok(())
    }

    /// Puts client credentials in place of those before, wherever they came from: for a vault or a broker
    /// that hands out new ones. The next request uses them, a remembered refusal is forgotten, and the
    /// current token stays. A request that is under way keeps its own.
    ///
    /// Raises ConfigError, which leaves those before in place.
    fn set_credentials(
        &self,
        py: Python<'_>,
        client_id: &Bound<'_, PyString>,
        client_secret: &Bound<'_, PyString>,
    ) -> PyResult<()> {
        let credentials = arguments::required_credentials(client_id, client_secret)?;
        call::attached(py, || self.core.set_credentials(credentials))
    }

    /// Lets every waiting caller go with CanceledError, at once and from now on. Can be repeated.
    fn shutdown(&self) {
        self.core.shutdown();
        self.served.store(None);
    }

    fn __enter__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __exit__(&self, _kind: Value<'_, '_>, _error: Value<'_, '_>, _traceback: Value<'_, '_>) {
        self.shutdown();
    }

    fn __repr__(&self) -> &str {
        "<sm_token.Client, client credentials hidden>"
    }

    fn __copy__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __deepcopy__(this: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        this
    }

    fn __reduce__(&self) -> PyResult<()> {
        Err(PyTypeError::new_err(
            "a Client refuses to be pickled, because the pickle would hold the client secret in clear \
             text; let each process make one of its own, or keep it in a global that forked \
             processes inherit",
        ))
    }
}

/// A method that only Python can define.
fn coroutine_function(py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
    Ok(py.import("sm_token._coroutines")?.getattr(name)?.unbind())
}

impl Client {
    fn serve<T>(
        &self,
        py: Python<'_>,
        wait: Value<'_, '_>,
        hand_out: impl Fn(&Served) -> T,
    ) -> PyResult<T> {
        let token = match self.cached(py)? {
            Some(token) => token,
            None => {
                let within = arguments::wait(wait)?;
                let waiting = call::detached(py, || TokenWait::start(&self.core))?;
                call::wait_within(py, within, |at_most| waiting.wait(at_most))?
            }
        };
        self.as_served(py, token, hand_out)
    }

    /// Shows a token with its Python objects, which are those of the last call if it is the same.
    fn as_served<T>(
        &self,
        py: Python<'_>,
        token: sm_token::Token,
        hand_out: impl Fn(&Served) -> T,
    ) -> PyResult<T> {
        let last = self.served.load();
        if let Some(served) = last.as_ref().filter(|last| last.token.get().is(&token)) {
            return Ok(hand_out(served));
        }
        let served = Arc::new(Served::new(py, token)?);
        self.served.store(Some(Arc::clone(&served)));
        Ok(hand_out(&served))
    }

    /// Stays attached: it takes less time than letting go of the interpreter would.
    fn cached(&self, py: Python<'_>) -> PyResult<Option<sm_token::Token>> {
        self.waiting.backlog.emit(py)?;
        call::attached(py, || self.core.cached())
    }

    fn drop_token(&self, py: Python<'_>, token: Value<'_, '_>) -> PyResult<()> {
        let Some(token) = token else {
            return call::attached(py, || self.core.invalidate(None));
        };
        if let Ok(token) = token.cast::<Token>() {
            let token = token.get().core();
            return call::attached(py, || self.core.invalidate(Some(token)));
        }
        let Ok(text) = token.cast::<PyString>() else {
            return Err(PyTypeError::new_err("token is neither a Token nor a str nor None"));
        };
        // What is not UTF-8 is no token of anybody's.
        let Ok(text) = text.to_str() else { return Ok(()) };
        call::attached(py, || self.core.invalidate_authorization(text))
    }
}

/// The thread that serves waiting tasks may still hold the core.
impl Drop for Client {
    fn drop(&mut self) {
        self.core.shutdown();
    }
}

/// The current token of a client where it can be had without waiting.
#[pyfunction]
pub(crate) fn cached_token(
    py: Python<'_>,
    client: &Bound<'_, Client>,
) -> PyResult<Option<Py<Token>>> {
    let client = client.get();
    let token = client.cached(py)?;
    token.map(|token| client.as_served(py, token, |served| served.token.clone_ref(py))).transpose()
}

/// Starts the wait of an event loop for the token that a client gets next. Returns the wait, and the
/// number of a socket, which brings a byte when there are log records and ends when there is an outcome.
#[pyfunction]
pub(crate) fn start_waiting(
    py: Python<'_>,
    client: &Bound<'_, Client>,
) -> PyResult<(Wait, Number)> {
    let client = client.get();
    Ok(py.detach(|| client.waiting.join(&client.core))?)
}
