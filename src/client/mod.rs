//! A client that always has a valid token.
//!
//! [`CachedToken`](cached_token::CachedToken) is a token in service and knows which part of its life it is in.
//! [`TokenCache`](cache::TokenCache) serves it, refreshes it and waits for it. [`BackOff`](back_off::BackOff)
//! decides what a failure or an invalidation does to the next request. [`Messenger`](messenger::Messenger) calls those
//! back who do not wait. [`Rotation`](rotation::Rotation) holds the client credentials, and reads them anew. None of them reads a clock, draws a random number or opens a connection by itself: that is the [`World`](world::World)'s.

mod back_off;
mod cache;
mod cached_token;
mod messenger;
#[cfg(all(test, loom))]
mod model;
mod rotation;
mod waiting;
mod world;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cache::TokenCache;
use rotation::Rotation;
use waiting::Waiting;
use world::Service;

use crate::clock::Deadline;
use crate::options::KeepWaiting;
use crate::options::settings::Settings;
use crate::{CredentialSource, Credentials, Error, Options, Token, sys, transport};

/// Keeps a valid token and hands it out, from any number of threads.
///
/// A token is served from memory for the most part of its life. Then it is still served at once
/// while one request in the background fetches the next. Only where there is none callers wait,
/// all for the same request; its failure is theirs too, and is remembered for a while. No thread
/// lives on between requests: after a time with no calls in which the token expired, the next call
/// waits for a fetch.
///
/// Works on in a child after `fork()`. Dropping it lets go of whatever is under way.
pub struct Client {
    cache: Arc<TokenCache<Service>>,
    keep_waiting: Option<KeepWaiting>,
}

impl Client {
    /// Makes a client. Reads the environment, the trust roots and the credentials, but makes no request yet.
    ///
    /// Credentials that come from files are read again for each token request.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`, `INSECURE_URL` or `NO_TRUST_ROOTS`, for what the options or the
    /// environment hold; `NO_CREDENTIALS` where a file of the credentials can't be read; `TIMEOUT` where the files are
    /// not read within the timeout, `CANCELED` where the [`Options::set_keep_waiting`] of the options returned false
    /// meanwhile, `RESOURCES` where no thread or descriptor can be had.
    pub fn new(credentials: impl Into<CredentialSource>, options: &Options) -> Result<Self, Error> {
        let deadline = Deadline::after(options.timeout);
        let keep_waiting = options.keep_waiting.clone();
        let mut goes_on = || match &keep_waiting {
            Some(keep_waiting) if !keep_waiting.ask() => Err(Error::canceled()),
            _ => Ok(()),
        };
        transport::prepare();
        let settings = Settings::resolve(options)?.read_aside(deadline, &mut goes_on)?;
        let credentials = Rotation::new(credentials.into(), deadline, &mut goes_on)?;
        let (log, timeout) = (settings.log.clone(), settings.timeout);
        let service = Service::new(credentials, settings);
        Ok(Client { cache: Arc::new(TokenCache::new(service, log, timeout)), keep_waiting })
    }

    /// The same, for a caller that waits in another way.
    pub(crate) fn asking_nobody(mut self) -> Self {
        self.keep_waiting = None;
        self
    }

    /// The current token, fetched where there is none; waits for at most the timeout of the
    /// options.
    ///
    /// # Errors
    /// As [`fetch`](crate::fetch), at once where the failure is remembered, with
    /// [`Error::retry_after`] set to what is left of that; `CANCELED` after [`Client::shutdown`], and where the
    /// [`Options::set_keep_waiting`] of the options returned false.
    pub fn token(&self) -> Result<Token, Error> {
        self.token_within(Duration::MAX)
    }

    /// As [`Client::token`], waiting for at most so long, and at most the timeout. [`Duration::ZERO`] never waits, but
    /// starts a request where one is needed.
    ///
    /// # Errors
    /// As [`Client::token`], and `TIMEOUT`, retryable and without [`Error::retry_after`], while the request goes on.
    pub fn token_within(&self, at_most: Duration) -> Result<Token, Error> {
        match &self.keep_waiting {
            Some(keep_waiting) => {
                self.cache.token_within(at_most, Some(&mut || keep_waiting.ask()))
            }
            None => self.cache.token_within(at_most, None),
        }
    }

    /// As [`Client::token`], and asks this `keep_waiting` in place of the options', at least every 100 ms, whether to
    /// go on waiting. What is under way goes on for others.
    ///
    /// # Errors
    /// As [`Client::token`], and `CANCELED` where `keep_waiting` returned false.
    pub fn token_interruptible(
        &self,
        mut keep_waiting: impl FnMut() -> bool,
    ) -> Result<Token, Error> {
        self.cache.token_within(Duration::MAX, Some(&mut keep_waiting))
    }

    /// The current token where it can be had without waiting.
    pub fn cached(&self) -> Option<Token> {
        self.cache.with_cached(Token::clone)
    }

    /// Hands the current token to `see` without counting it up, which is the quickest; fetched
    /// where there is none.
    ///
    /// # Errors
    /// As [`Client::token`].
    pub fn with_token<T>(&self, see: impl Fn(&Token) -> T) -> Result<T, Error> {
        self.with_token_within(Duration::MAX, see)
    }

    /// As [`Client::with_token`], waiting as [`Client::token_within`].
    ///
    /// # Errors
    /// As [`Client::token_within`].
    #[inline]
    pub fn with_token_within<T>(
        &self,
        at_most: impl Into<Duration>,
        see: impl Fn(&Token) -> T,
    ) -> Result<T, Error> {
        match self.cache.with_cached(&see) {
            Some(seen) => Ok(seen),
            None => self.token_within(at_most.into()).map(|token| see(&token)),
        }
    }

    /// Starts a request where one is needed, and calls `ready` exactly once with the outcome, on a thread of the
    /// library and never inside this call; with `CANCELED` at [`Client::shutdown`]. It must not block, since others
    /// may wait behind it. It is not called in the child of a fork, nor once the process exits.
    ///
    /// # Errors
    /// `CANCELED` after [`Client::shutdown`], `RESOURCES` where no thread can be had; `ready` is not called then.
    pub fn when_ready(
        &self,
        ready: impl FnOnce(Result<Token, Error>) + Send + 'static,
    ) -> Result<(), Error> {
        self.registration().when_ready(ready)
    }

    /// Starts a request where one is needed, and writes eight bytes to a descriptor that is open for writing (an
    /// `eventfd`, a pipe, a socket; on Windows, sets an event object) once when a wait of zero would give the outcome.
    /// The library writes to a duplicate: the caller may close its own at any time.
    ///
    /// An outcome that is not kept, such as a token that arrives past its margin, is handed to the next call within a
    /// second.
    ///
    /// # Errors
    /// As [`Client::when_ready`], also where no descriptor can be had; `INVALID_ARGUMENT` for what can't be written to.
    pub fn signal_when_ready(&self, descriptor: isize) -> Result<(), Error> {
        self.registration().signal_when_ready(descriptor)
    }

    pub(crate) fn registration(&self) -> Registration {
        Registration(Arc::clone(&self.cache))
    }

    /// Drops a token that a resource refused (401), if it is still the current one; the next call
    /// waits for another. `None` drops whichever is current and forgets a remembered failure.
    ///
    /// So that a resource which refuses every token does not turn into a storm, repeated
    /// invalidations are spread out over 1, 2, 4 … 30 s; one that comes sooner is ignored. A token
    /// that lives a minute unchallenged resets this.
    pub fn invalidate(&self, token: Option<&Token>) {
        match token {
            Some(token) => self.cache.invalidate(|current| current.is(token)),
            None => self.cache.invalidate_whichever(),
        }
    }

    /// As [`Client::invalidate`], for the text that was sent: `Bearer TOKEN`, or the token alone.
    pub fn invalidate_authorization(&self, authorization: &str) {
        self.cache.invalidate(|current| {
            current.authorization() == authorization || current.access_token() == authorization
        });
    }

    /// Puts these credentials in place of those before, wherever they came from. The next request uses them, a
    /// remembered refusal is forgotten, and the token in service stays. A request under way keeps its own.
    pub fn set_credentials(&self, credentials: Credentials) {
        self.cache.replace_credentials(|service| service.credentials.replace(credentials));
    }

    /// Lets every waiting caller go with `CANCELED`, at once and from now on.
    pub fn shutdown(&self) {
        self.cache.shutdown();
    }
}

/// A wait for the current token of a client, for a caller that waits piece by piece. What is under way goes on
/// when it is dropped.
pub struct TokenWait(Waiting<Service>);

impl TokenWait {
    /// Joins the request that is under way, or starts one.
    ///
    /// # Errors
    /// As [`Client::token`], for what is known without waiting.
    pub fn start(client: &Client) -> Result<Self, Error> {
        client.cache.start_waiting().map(TokenWait)
    }

    /// Waits for at most so long, and no longer than until the log handler was called. `None` where there is
    /// no outcome yet.
    pub fn wait(&self, at_most: Duration) -> Option<Result<Token, Error>> {
        self.0.wait(at_most)
    }
}

/// A registration in the making. The client may be freed under it: whom an outcome reaches can be quicker than the call
/// that registers.
pub(crate) struct Registration(Arc<TokenCache<Service>>);

impl Registration {
    /// See [`Client::when_ready`].
    pub(crate) fn when_ready(
        self,
        ready: impl FnOnce(Result<Token, Error>) + Send + 'static,
    ) -> Result<(), Error> {
        sys::watch_for_exit();
        let ready = Box::new(|outcome| sys::unless_it_exits(|| ready(outcome)));
        self.0.when_ready(ready)
    }

    /// See [`Client::signal_when_ready`].
    pub(crate) fn signal_when_ready(self, descriptor: isize) -> Result<(), Error> {
        let signal = sys::Signal::to(descriptor).map_err(|reason| match reason.kind() {
            std::io::ErrorKind::InvalidInput => {
                Error::invalid_argument("descriptor is not open for writing")
            }
            _ => Error::no_resources("descriptor for a signal", &reason),
        })?;
        let cache = Arc::clone(&self.0);
        self.0.when_ready(Box::new(move |outcome| {
            cache.leave(outcome);
            signal.give();
        }))
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.cache.shutdown();
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}
