//! Why a call failed: a message that names what to do, and values that a program can act on.

use std::fmt;
use std::time::Duration;

use crate::Status;
use crate::io_reason::io_reason;

/// Why a call failed.
///
/// Holds no secret, no token and no raw answer: a server's text is cut, cleaned of control and
/// bidirectional characters, and of any echo of the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Details>);

#[derive(Clone, PartialEq, Eq)]
struct Details {
    status: Status,
    message: String,
    retryable: bool,
    retry_after: Option<Duration>,
    http_status: u16,
    oauth_code: String,
    oauth_description: String,
}

impl Error {
    pub(crate) fn new(status: Status, message: impl Into<String>) -> Self {
        Error(Box::new(Details {
            status,
            message: message.into(),
            retryable: false,
            retry_after: None,
            http_status: 0,
            oauth_code: String::new(),
            oauth_description: String::new(),
        }))
    }

    pub(crate) fn invalid_argument(message: impl Into<String>) -> Self {
        Error::new(Status::InvalidArgument, message)
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Error::new(Status::Internal, message)
    }

    pub(crate) fn canceled() -> Self {
        Error::new(Status::Canceled, "the call was canceled before a token arrived")
    }

    /// For a caller who stops waiting before the outcome of a request that goes on.
    pub(crate) fn not_yet() -> Self {
        let message = "no token came within the wait; the request goes on";
        Error::new(Status::Timeout, message).retryable()
    }

    /// What the machine has none of to give now, such as a thread.
    pub(crate) fn no_resources(what: &str, error: &std::io::Error) -> Self {
        let reason = io_reason(error);
        Error::new(
            Status::Resources,
            format!(
                "this machine has no {what} to give now ({reason}); raise its limits, or try later"
            ),
        )
        .retryable()
    }

    /// A connection that broke before a whole answer came.
    pub(crate) fn broken_answer(server: &str, why: &str) -> Self {
        Error::new(
            Status::Io,
            format!("the connection to {server} broke before a whole answer came: {why}"),
        )
        .retryable()
    }

    /// Marks a failure that may pass by itself.
    pub(crate) fn retryable(mut self) -> Self {
        self.0.retryable = true;
        self
    }

    pub(crate) fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    pub(crate) fn with_http_status(mut self, http_status: u16) -> Self {
        self.0.http_status = http_status;
        self
    }

    pub(crate) fn with_oauth(mut self, code: String, description: String) -> Self {
        self.0.oauth_code = code;
        self.0.oauth_description = description;
        self
    }

    /// The kind of failure.
    pub fn status(&self) -> Status {
        self.0.status
    }

    /// What happened, to what, and what to do: lower case, one line, no secret.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Whether the same call may succeed later without any change.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// How long to wait before the next try, from the server's `Retry-After` (RFC 9110 section
    /// 10.2.3) or from a remembered failure; `None` where neither gives one.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The status code of the server's answer; 0 where no answer came.
    pub fn http_status(&self) -> u16 {
        self.0.http_status
    }

    /// The server's `error` code (RFC 6749 section 5.2), at most 64 characters; `""` where it gave
    /// none.
    pub fn oauth_code(&self) -> &str {
        &self.0.oauth_code
    }

    /// The server's `error_description` (RFC 6749 section 5.2), at most 256 characters; `""` where
    /// it gave none.
    pub fn oauth_description(&self) -> &str {
        &self.0.oauth_description
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.status.name(), self.0.message)
    }
}

impl std::error::Error for Error {}
