//! The exchange, without any I/O: a request out of credentials, a token or an error out of an
//! answer.

mod content_coding;
mod deceptive;
mod json;
mod limits;
mod redact;
mod request;
mod response;
mod retry_after;
mod token_response;

pub(crate) use deceptive::is_deceptive;
pub(crate) use limits::{MAX_BODY, MAX_HEADERS};
pub(crate) use redact::Redactor;
pub(crate) use request::TokenRequest;
pub(crate) use response::{Answer, interpret};
pub(crate) use retry_after::parse as retry_after;
pub(crate) use token_response::Grant;
