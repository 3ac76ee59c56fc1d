//! How an answer is interpreted: the first rule that fits decides.

use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::content_coding;
use super::json;
use super::limits::MAX_BODY;
use super::redact::Redactor;
use super::retry_after;
use super::token_response::Grant;
use crate::options::endpoint::Endpoint;
use crate::options::host::split_port;
use crate::{Credentials, Error, Status};

const MAX_OAUTH_CODE: usize = 64;
const MAX_OAUTH_DESCRIPTION: usize = 256;

/// What a server answered, as far as it matters here.
pub(crate) struct Answer {
    /// The HTTP status code.
    pub(crate) status: u16,
    /// The `Location` header.
    pub(crate) location: Option<String>,
    /// The `Retry-After` header.
    pub(crate) retry_after: Option<String>,
    /// The `Date` header.
    pub(crate) date: Option<String>,
    /// The `Content-Encoding` header.
    pub(crate) content_encoding: Option<String>,
    /// The body, or the first `MAX_BODY + 1` bytes of it.
    pub(crate) body: Zeroizing<Vec<u8>>,
    /// Whether the connection ended in a way that may have cut the body short.
    pub(crate) was_cut_short: bool,
}

/// Returns the token in an answer, or the reason why there is none. `now` is the time at which the
/// answer came: a date in `Retry-After` without a `Date` is compared with it.
pub(crate) fn interpret(
    answer: &Answer,
    credentials: &Credentials,
    endpoint: &Endpoint,
    now: SystemTime,
) -> Result<Grant, Error> {
    let server = endpoint.authority();
    let coding = answer.content_encoding.as_deref().unwrap_or_default();
    let body = content_coding::decode(coding, &answer.body);
    let body = body.as_deref().unwrap_or(&answer.body);
    if body.len() > MAX_BODY || answer.body.len() > MAX_BODY {
        return Err(Error::new(
            Status::ResponseTooLarge,
            format!("the answer of {server} is longer than 64 KiB, which no token response is"),
        )
        .with_http_status(answer.status));
    }
    let error = match answer.status {
        200 => match Grant::parse(body) {
            // A complete token response needs no other sign of its end.
            Ok(grant) => return Ok(grant),
            Err(_) if answer.was_cut_short => {
                Error::broken_answer(&server, "the other side closed it early")
            }
            Err(why) => Error::new(
                Status::InvalidResponse,
                format!("the answer of {server} is not a token response: {why}"),
            ),
        },
        status @ 200..=299 => Error::new(
            Status::InvalidResponse,
            format!("{server} answered HTTP {status} and no token, where 200 and a token were due"),
        ),
        status @ 300..=399 => redirect(&server, status, answer, &Redactor::to(credentials)),
        _ => refusal(&server, answer, body, &Redactor::to(credentials), now),
    };
    Err(error.with_http_status(answer.status))
}

/// Never followed: it would turn the POST into a GET, or carry the secret away.
fn redirect(server: &str, status: u16, answer: &Answer, redactor: &Redactor) -> Error {
    let target = match answer.location.as_deref().map(redirect_host) {
        None => "nowhere".to_owned(),
        Some(None) => "another path of the same server".to_owned(),
        Some(Some(host)) => redactor.redact(host, 100),
    };
    Error::new(
        Status::Http,
        format!(
            "{server} answered HTTP {status}, a redirect to {target}, which is not followed because it \
             would carry the secret along; check the base URL"
        ),
    )
}

/// The host in a `Location`; `None` for one without.
fn redirect_host(location: &str) -> Option<&str> {
    let (_, rest) = location.split_once("//")?;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let authority = authority.rsplit('@').next()?;
    let host = split_port(authority).map_or(authority, |(host, _)| host);
    (!host.is_empty()).then_some(host)
}

/// A 4xx, a 5xx, or a status that HTTP does not know.
fn refusal(
    server: &str,
    answer: &Answer,
    body: &[u8],
    redactor: &Redactor,
    now: SystemTime,
) -> Error {
    let status = answer.status;
    let wait = || wait_asked_for(answer, now);
    let oauth = OAuthError::parse(body, redactor);
    let said = oauth.as_ref().map_or_else(String::new, OAuthError::quoted);
    let is_4xx = (400..=499).contains(&status);

    let error = if status == 429 {
        Error::new(
            Status::RateLimited,
            format!("{server} asks for fewer requests (HTTP 429){said}; share one token, and wait"),
        )
        .retryable()
        .with_retry_after(wait())
    } else if matches!(status, 408 | 425 | 500..=599) {
        Error::new(Status::Server, format!("{server} failed (HTTP {status}){said}"))
            .retryable()
            .with_retry_after(wait())
    } else if status == 401
        || (is_4xx && oauth.as_ref().is_some_and(|oauth| oauth.code == "invalid_client"))
    {
        Error::new(
            Status::InvalidClient,
            format!(
                "{server} does not accept the client credentials (HTTP {status}){said}; check client_id \
                 and client_secret: a secret is shown once, when it is made under Settings, Developer \
                 Settings"
            ),
        )
    } else if let (true, Some(oauth)) = (is_4xx, &oauth) {
        if oauth.code == "invalid_scope" {
            Error::new(
                Status::InvalidScope,
                format!("{server} does not grant the scope that was asked for{said}"),
            )
        } else {
            Error::new(Status::OAuth, format!("{server} refused the request (HTTP {status}){said}"))
        }
    } else {
        let hint = match status {
            404 | 405 => "; check the base URL: the token endpoint is not there",
            403 => "; a firewall or gateway may stand in the way",
            407 => "; a proxy in the way wants credentials",
            _ => "",
        };
        Error::new(Status::Http, format!("{server} answered HTTP {status}{hint}"))
    };
    match oauth {
        Some(oauth) => error.with_oauth(oauth.code, oauth.description),
        None => error,
    }
}

fn wait_asked_for(answer: &Answer, now: SystemTime) -> Option<Duration> {
    let value = answer.retry_after.as_deref()?;
    retry_after::parse(value, answer.date.as_deref(), now)
}

/// An OAuth error (RFC 6749 section 5.2), whatever the answer's media type, cleaned.
struct OAuthError {
    code: String,
    description: String,
}

impl OAuthError {
    fn parse(body: &[u8], redactor: &Redactor) -> Option<Self> {
        #[derive(Deserialize)]
        struct Fields<'a> {
            error: String,
            #[serde(borrow)]
            error_description: Option<&'a RawValue>,
        }
        let fields: Fields = json::read(body).ok()?;
        let description: Option<String> =
            fields.error_description.and_then(|raw| serde_json::from_str(raw.get()).ok());
        let code = redactor.redact(&fields.error, MAX_OAUTH_CODE);
        (!code.is_empty()).then(|| OAuthError {
            code,
            description: redactor.redact(&description.unwrap_or_default(), MAX_OAUTH_DESCRIPTION),
        })
    }

    fn quoted(&self) -> String {
        if self.description.is_empty() {
            format!(": {}", self.code)
        } else {
            format!(": {} ({})", self.code, self.description)
        }
    }
}

#[cfg(test)]
mod tests;
