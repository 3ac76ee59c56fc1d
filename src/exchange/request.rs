//! The request for a token (RFC 6749 section 4.4.2).

use std::mem;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

use crate::Credentials;

/// What is sent: two headers and a body, apart from what any HTTP request carries.
pub(crate) struct TokenRequest {
    /// The `Authorization` header's value.
    pub(crate) authorization: Zeroizing<String>,
    /// The form body, which holds no secret.
    pub(crate) body: String,
}

impl TokenRequest {
    /// The media type of the body (`requestBody`, `get-api-access-token.md`).
    pub(crate) const CONTENT_TYPE: &str = "application/x-www-form-urlencoded";

    /// Builds the request. An absent scope is not sent at all: the server refuses an empty one.
    pub(crate) fn new(credentials: &Credentials, scope: Option<&str>) -> Self {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if let Some(scope) = scope {
            form.append_pair("scope", scope);
        }
        TokenRequest { authorization: basic_authorization(credentials), body: form.finish() }
    }
}

/// Id and secret are each form-urlencoded, then joined and Base64-encoded (RFC 6749 section 2.3.1).
/// The server percent- and plus-decodes them, so that leaving this out breaks a secret with `+` or
/// `%`.
fn basic_authorization(credentials: &Credentials) -> Zeroizing<String> {
    const SCHEME: &str = "Basic ";
    let client_id = form_encoded(credentials.client_id());
    let client_secret = form_encoded(credentials.client_secret());

    // Capacities are exact, so that no growing buffer leaves a copy behind.
    let mut joined =
        Zeroizing::new(String::with_capacity(client_id.len() + 1 + client_secret.len()));
    joined.push_str(&client_id);
    joined.push(':');
    joined.push_str(&client_secret);

    // Into a buffer on the heap: encoding into a string goes through one on the stack, which is never wiped.
    let mut header = Zeroizing::new(vec![0; SCHEME.len() + joined.len().div_ceil(3) * 4]);
    header[..SCHEME.len()].copy_from_slice(SCHEME.as_bytes());
    let encoded = BASE64_STANDARD.encode_slice(joined.as_bytes(), &mut header[SCHEME.len()..]);
    debug_assert_eq!(encoded, Ok(header.len() - SCHEME.len()));
    Zeroizing::new(String::from_utf8(mem::take(&mut *header)).unwrap_or_default())
}

/// The text in `application/x-www-form-urlencoded` (RFC 6749 appendix B).
pub(super) fn form_encoded(text: &str) -> Zeroizing<String> {
    let mut encoded = Zeroizing::new(String::with_capacity(text.len() * 3));
    encoded.extend(form_urlencoded::byte_serialize(text.as_bytes()));
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(id: &str, secret: &str) -> String {
        let credentials = Credentials::new(id, secret).unwrap();
        TokenRequest::new(&credentials, None).authorization.to_string()
    }

    #[test]
    fn plain_credentials_are_joined_and_encoded() {
        // The example of RFC 7617 section 2.
        assert_eq!(header("Aladdin", "opensesame"), "Basic QWxhZGRpbjpvcGVuc2VzYW1l");
    }

    #[test]
    fn each_half_is_form_urlencoded_first() {
        let value = header("odd:id+%41 é", "s% +&=/:~ß");
        let decoded = BASE64_STANDARD.decode(value.strip_prefix("Basic ").unwrap()).unwrap();
        assert_eq!(
            String::from_utf8(decoded).unwrap(),
            "odd%3Aid%2B%2541+%C3%A9:s%25+%2B%26%3D%2F%3A%7E%C3%9F"
        );
    }

    #[test]
    fn the_body_names_the_grant_and_only_a_scope_that_was_asked_for() {
        let credentials = Credentials::new("id", "secret").unwrap();
        let body = |scope| TokenRequest::new(&credentials, scope).body;
        assert_eq!(body(None), "grant_type=client_credentials");
        assert_eq!(body(Some("read write")), "grant_type=client_credentials&scope=read+write");
    }
}
