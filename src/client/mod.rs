//! A client that always has a valid token.
//!
//! [`Held`](held::Held) is a token in service and knows which part of its life it is in.
//! [`Keeper`](keeper::Keeper) serves it, refreshes it and waits for it. [`Memory`](memory::Memory)
//! decides what a failure or an invalidation does to the next request. None of them reads a clock,
//! draws a random number or opens a connection by itself: that is the [`World`](world::World)'s.

mod held;
mod keeper;
mod memory;
#[cfg(all(test, loom))]
mod model;
mod world;

use std::fmt;
use std::sync::Arc;

use keeper::Keeper;
use world::Service;

use crate::settings::Settings;
use crate::{Credentials, Error, Options, Token};

/// Keeps a valid token and hands it out, from any number of threads.
///
/// A token is served from memory for the most part of its life. Then it is still served at once
/// while one request behind the callers fetches the next. Only where there is none callers wait,
/// all for the same request; its failure is theirs too, and is remembered for a while. No thread
/// lives on between requests: after a time with no calls in which the token expired, the next call
/// waits for a fetch.
///
/// Works on in a child after `fork()`. Dropping it lets go of whatever is under way.
pub struct Client(Arc<Keeper<Service>>);

impl Client {
    /// Makes a client. Reads the environment and the trust roots, but makes no request yet.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`, `INSECURE_URL` or `NO_TRUST_ROOTS`, for what the options or the
    /// environment say.
    pub fn new(credentials: Credentials, options: &Options) -> Result<Self, Error> {
        let settings = Settings::resolve(options)?;
        let (log, timeout) = (settings.log.clone(), settings.timeout);
        Ok(Client(Arc::new(Keeper::new(Service::new(credentials, settings), log, timeout))))
    }

    /// The current token, fetched where there is none; waits for at most the timeout of the
    /// options.
    ///
    /// # Errors
    /// As [`fetch`](crate::fetch), at once where the failure is remembered, with
    /// [`Error::retry_after`] set to what is left of that; `CANCELED` after [`Client::shutdown`].
    pub fn token(&self) -> Result<Token, Error> {
        self.0.token(None)
    }

    /// As [`Client::token`], and asks `go_on` from time to time, at least every 50 ms, whether to
    /// go on waiting. What is under way goes on for others.
    ///
    /// # Errors
    /// As [`Client::token`], and `CANCELED` where `go_on` said no.
    pub fn token_interruptible(&self, mut go_on: impl FnMut() -> bool) -> Result<Token, Error> {
        self.0.token(Some(&mut go_on))
    }

    /// The current token where it can be had without waiting.
    pub fn cached(&self) -> Option<Token> {
        self.0.with_cached(Token::clone)
    }

    /// Hands the current token to `see` without counting it up, which is the quickest; fetched
    /// where there is none.
    ///
    /// # Errors
    /// As [`Client::token`].
    pub fn with_token<T>(&self, see: impl Fn(&Token) -> T) -> Result<T, Error> {
        match self.0.with_cached(&see) {
            Some(seen) => Ok(seen),
            None => self.token().map(|token| see(&token)),
        }
    }

    /// Drops a token that a resource refused (401), if it is still the current one; the next call
    /// waits for another. `None` drops whichever is current and forgets a remembered failure.
    ///
    /// So that a resource which refuses every token does not turn into a storm, repeated
    /// invalidations are spread out over 1, 2, 4 … 30 s; one that comes sooner is ignored. A token
    /// that lives a minute unchallenged resets this.
    pub fn invalidate(&self, token: Option<&Token>) {
        match token {
            Some(token) => self.0.invalidate(|current| current.is(token)),
            None => self.0.invalidate_whichever(),
        }
    }

    /// As [`Client::invalidate`], for the text that was sent: `Bearer TOKEN`, or the token alone.
    pub fn invalidate_authorization(&self, authorization: &str) {
        self.0.invalidate(|current| {
            current.authorization() == authorization || current.access_token() == authorization
        });
    }

    /// Lets every waiting caller go with `CANCELED`, at once and from now on.
    pub fn shutdown(&self) {
        self.0.shutdown();
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.0.shutdown();
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}
