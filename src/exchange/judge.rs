//! How an answer is judged: the first rule that fits decides.

use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::spoken::Spoken;
use super::{Grant, MAX_BODY, retry_after};
use crate::endpoint::{Endpoint, split_port};
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
    /// The body, or the first `MAX_BODY + 1` bytes of it.
    pub(crate) body: Zeroizing<Vec<u8>>,
    /// Whether the connection ended in a way that may have cut the body short.
    pub(crate) was_cut_short: bool,
}

/// Finds the token in an answer, or the reason why there is none.
pub(crate) fn judge(
    answer: &Answer,
    credentials: &Credentials,
    endpoint: &Endpoint,
) -> Result<Grant, Error> {
    let server = endpoint.authority();
    if answer.body.len() > MAX_BODY {
        return Err(Error::new(
            Status::ResponseTooLarge,
            format!("the answer of {server} is longer than 64 KiB, which no token response is"),
        )
        .with_http_status(answer.status));
    }
    let error = match answer.status {
        200 => match Grant::parse(&answer.body) {
            // A whole token response tells its end by itself.
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
        status @ 300..=399 => redirect(&server, status, answer, &Spoken::to(credentials)),
        _ => refusal(&server, answer, &Spoken::to(credentials)),
    };
    Err(error.with_http_status(answer.status))
}

/// Never followed: it would turn the POST into a GET, or carry the secret away.
fn redirect(server: &str, status: u16, answer: &Answer, spoken: &Spoken) -> Error {
    let target = match answer.location.as_deref().map(redirect_host) {
        None => "nowhere".to_owned(),
        Some(None) => "another path of the same server".to_owned(),
        Some(Some(host)) => spoken.clean(host, 100),
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
fn refusal(server: &str, answer: &Answer, spoken: &Spoken) -> Error {
    let status = answer.status;
    let wait = || wait_asked_for(answer);
    let oauth = OAuthError::parse(&answer.body, spoken);
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

fn wait_asked_for(answer: &Answer) -> Option<Duration> {
    let value = answer.retry_after.as_deref()?;
    retry_after::parse(value, answer.date.as_deref(), SystemTime::now())
}

/// An OAuth error (RFC 6749 section 5.2), whatever the answer's media type, cleaned.
struct OAuthError {
    code: String,
    description: String,
}

impl OAuthError {
    fn parse(body: &[u8], spoken: &Spoken) -> Option<Self> {
        #[derive(Deserialize)]
        struct Fields<'a> {
            error: String,
            #[serde(borrow)]
            error_description: Option<&'a RawValue>,
        }
        let fields: Fields = serde_json::from_slice(body).ok()?;
        let description: Option<String> =
            fields.error_description.and_then(|raw| serde_json::from_str(raw.get()).ok());
        let code = spoken.clean(&fields.error, MAX_OAUTH_CODE);
        (!code.is_empty()).then(|| OAuthError {
            code,
            description: spoken.clean(&description.unwrap_or_default(), MAX_OAUTH_DESCRIPTION),
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
mod tests {
    use super::*;

    const SECRET: &str = "s3cret-of-mine";

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            location: None,
            retry_after: None,
            date: None,
            body: Zeroizing::new(body.as_bytes().to_vec()),
            was_cut_short: false,
        }
    }

    fn judged(answer: &Answer) -> Result<Grant, Error> {
        let credentials = Credentials::new("id", SECRET).unwrap();
        judge(answer, &credentials, &Endpoint::parse("base_url", "https://api.example").unwrap())
    }

    fn error(status: u16, body: &str) -> Error {
        judged(&answer(status, body)).err().expect("an error")
    }

    const TOKEN: &str = r#"{"access_token":"t","expires_in":60,"token_type":"bearer"}"#;

    #[test]
    fn only_a_200_brings_a_token() {
        assert_eq!(judged(&answer(200, TOKEN)).ok().unwrap().access_token.as_str(), "t");
        for status in [201, 202, 204, 206, 226] {
            assert_eq!(error(status, TOKEN).status(), Status::InvalidResponse, "{status}");
        }
        assert_eq!(error(200, "{}").status(), Status::InvalidResponse);
    }

    #[test]
    fn an_answer_that_was_cut_short_is_a_broken_connection_unless_it_is_whole() {
        let cut = |body| Answer { was_cut_short: true, ..answer(200, body) };
        assert!(judged(&cut(TOKEN)).is_ok());
        let error = judged(&cut(&TOKEN[..9])).err().unwrap();
        assert_eq!(error.status(), Status::Io);
        assert!(error.is_retryable());
    }

    #[test]
    fn size_decides_before_anything_else() {
        let large = " ".repeat(MAX_BODY + 1);
        for status in [200, 302, 401, 429, 500] {
            let error = error(status, &large);
            assert_eq!(error.status(), Status::ResponseTooLarge, "{status}");
            assert_eq!(error.http_status(), status);
        }
        assert_ne!(error(401, &large[..MAX_BODY]).status(), Status::ResponseTooLarge);
    }

    #[test]
    fn rate_limits_and_failing_servers_are_told_whatever_the_body() {
        let body = r#"{"error":"invalid_client"}"#;
        assert_eq!(error(429, body).status(), Status::RateLimited);
        for status in [408, 425, 500, 502, 503, 504, 599] {
            assert_eq!(error(status, body).status(), Status::Server, "{status}");
            assert!(error(status, body).is_retryable());
        }
    }

    #[test]
    fn refusals_are_told_apart_by_status_and_oauth_code() {
        for (status, body, expected) in [
            (401, "", Status::InvalidClient),
            (401, r#"{"error":"invalid_scope"}"#, Status::InvalidClient),
            (400, r#"{"error":"invalid_client"}"#, Status::InvalidClient),
            (403, r#"{"error":"invalid_client"}"#, Status::InvalidClient),
            (400, r#"{"error":"invalid_scope"}"#, Status::InvalidScope),
            (400, r#"{"error":"unsupported_grant_type"}"#, Status::OAuth),
            (403, r#"{"error":"access_denied"}"#, Status::OAuth),
            (400, "<html>", Status::Http),
            (400, r#"{"error":7}"#, Status::Http),
            (400, r#"{"error":""}"#, Status::Http),
            (404, "<html>", Status::Http),
            (405, "", Status::Http),
            (600, r#"{"error":"invalid_client"}"#, Status::Http),
        ] {
            let error = error(status, body);
            assert_eq!(error.status(), expected, "{status} {body}");
            assert!(!error.is_retryable(), "{status} {body}");
            assert_eq!(error.http_status(), status);
        }
    }

    #[test]
    fn a_refusal_is_told_with_the_servers_own_words() {
        for (body, words) in [
            (r#"{"error":"access_denied"}"#, "(HTTP 400): access_denied"),
            (
                r#"{"error":"access_denied","error_description":"not you"}"#,
                "(HTTP 400): access_denied (not you)",
            ),
        ] {
            let error = error(400, body);
            assert_eq!(error.message(), format!("api.example:443 refused the request {words}"));
        }
    }

    #[test]
    fn an_unexpected_status_is_told_with_what_it_points_to() {
        for (status, hint) in [
            (403, "; a firewall or gateway may stand in the way"),
            (404, "; check the base URL: the token endpoint is not there"),
            (405, "; check the base URL: the token endpoint is not there"),
            (407, "; a proxy in the way wants credentials"),
            (410, ""),
        ] {
            let told = format!("api.example:443 answered HTTP {status}{hint}");
            assert_eq!(error(status, "<html>").message(), told);
        }
    }

    #[test]
    fn a_redirect_is_named_by_its_host_and_shows_nothing_else_of_it() {
        for (location, named) in [
            ("https://user:pw@evil.example:8443/path?token=x", "evil.example"),
            ("//other.example/x", "other.example"),
            ("/login", "another path"),
        ] {
            for status in [301, 302, 303, 307, 308] {
                let mut answer = answer(status, "");
                answer.location = Some(location.to_owned());
                let error = judged(&answer).err().unwrap();
                assert_eq!(error.status(), Status::Http);
                assert!(error.message().contains(named), "{error}");
                assert!(!error.message().contains("pw") && !error.message().contains("token=x"));
            }
        }
    }

    #[test]
    fn retry_after_is_told_for_429_and_5xx() {
        for status in [429, 503] {
            let mut answer = answer(status, "");
            answer.retry_after = Some("7".to_owned());
            let error = judged(&answer).err().unwrap();
            assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
        }
    }

    #[test]
    fn what_the_server_says_is_cleaned_cut_and_never_the_secret() {
        let body = format!(
            r#"{{"error":"bad\u0007_code","error_description":"your secret {SECRET} is wrong {}"}}"#,
            "x".repeat(500)
        );
        let error = error(400, &body);
        assert_eq!(error.oauth_code(), "bad_code");
        assert!(error.oauth_description().starts_with("your secret [secret] is wrong x"));
        assert_eq!(error.oauth_description().chars().count(), MAX_OAUTH_DESCRIPTION);
        assert!(!error.message().contains(SECRET));
    }
}
