//! The exchange, without any I/O: a request out of credentials, a token or an error out of an
//! answer.

mod judge;
mod request;
mod retry_after;
mod spoken;
mod token_response;

pub(crate) use judge::{Answer, judge};
pub(crate) use request::TokenRequest;
pub(crate) use token_response::Grant;

/// A larger body is no token response: 64 KiB.
pub(crate) const MAX_BODY: usize = 64 * 1024;

/// Larger headers are no token response's: 64 KiB.
pub(crate) const MAX_HEADERS: usize = 64 * 1024;
