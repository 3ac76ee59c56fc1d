//! The successful answer (RFC 6749 section 5.1), read strictly.

use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::deceptive::is_deceptive;
use super::json::{self, Unexpected};

/// The longest token that is taken: 16 KiB.
const MAX_TOKEN: usize = 16 * 1024;

/// The longest lifetime that is taken: ten years, in seconds.
const MAX_LIFETIME: u64 = 315_360_000;

/// What a token response grants.
pub(crate) struct Grant {
    /// The token, in the characters that RFC 6750 section 2.1 allows.
    pub(crate) access_token: Zeroizing<String>,
    /// The type as the server wrote it; `bearer` in some case.
    pub(crate) token_type: String,
    /// The granted scope; `""` where the server gave none.
    pub(crate) scope: String,
    /// How long the token lives from when it was asked for.
    pub(crate) lifetime: Duration,
}

/// The fields, each still as the server wrote it, so that each is refused by its own name.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow)]
    access_token: Option<&'a RawValue>,
    #[serde(borrow)]
    token_type: Option<&'a RawValue>,
    #[serde(borrow)]
    expires_in: Option<&'a RawValue>,
    #[serde(borrow)]
    scope: Option<&'a RawValue>,
}

impl Grant {
    /// Reads a body.
    ///
    /// # Errors
    /// What is wrong with it, in a text that quotes nothing of it.
    pub(super) fn parse(body: &[u8]) -> Result<Self, &'static str> {
        // The JSON library does not check what it skips.
        let body = std::str::from_utf8(body).map_err(|_| "it is not UTF-8")?;
        let fields: Fields =
            json::read(body.as_bytes()).map_err(|unexpected| match unexpected {
                Unexpected::TooDeep => "its JSON is nested deeper than 128 levels",
                Unexpected::NotJson => "it is not JSON",
                Unexpected::OtherJson => "it is not one JSON object with each field once",
            })?;
        Ok(Grant {
            access_token: access_token(fields.access_token)?,
            token_type: token_type(fields.token_type)?,
            scope: scope(fields.scope)?,
            lifetime: lifetime(fields.expires_in)?,
        })
    }
}

fn text(field: &RawValue) -> Option<Zeroizing<String>> {
    serde_json::from_str(field.get()).map(Zeroizing::new).ok()
}

fn access_token(field: Option<&RawValue>) -> Result<Zeroizing<String>, &'static str> {
    let token =
        text(field.ok_or("access_token is missing")?).ok_or("access_token is not a string")?;
    if token.len() > MAX_TOKEN {
        return Err("access_token is longer than 16 KiB");
    }
    if !is_b64token(&token) {
        return Err("access_token is empty or holds a character that no bearer token may hold");
    }
    Ok(token)
}

/// `b64token` of RFC 6750 section 2.1, which keeps a token from breaking out of its header.
fn is_b64token(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    !body.is_empty() && body.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b))
}

fn token_type(field: Option<&RawValue>) -> Result<String, &'static str> {
    let kind = text(field.ok_or("token_type is missing")?).ok_or("token_type is not a string")?;
    if kind.eq_ignore_ascii_case("bearer") {
        Ok(kind.to_string())
    } else {
        Err("token_type is not bearer")
    }
}

fn scope(field: Option<&RawValue>) -> Result<String, &'static str> {
    let Some(field) = field else { return Ok(String::new()) };
    let scope = text(field).ok_or("scope is not a string")?;
    if scope.chars().any(is_deceptive) {
        return Err("scope holds a control character, or one that is not seen or reorders others");
    }
    Ok(scope.to_string())
}

/// A whole number of seconds; as a string, or as a float without a fraction, it is taken too.
fn lifetime(field: Option<&RawValue>) -> Result<Duration, &'static str> {
    let written = field.ok_or("expires_in is missing")?.get();
    let seconds = if let Ok(whole) = serde_json::from_str::<u64>(written) {
        whole
    } else if let Ok(float) = serde_json::from_str::<f64>(written) {
        if float.fract() != 0.0 || !(0.0..=MAX_LIFETIME as f64).contains(&float) {
            return Err("expires_in is not a whole number from 1 to 315360000");
        }
        float as u64
    } else {
        serde_json::from_str::<String>(written)
            .ok()
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok())
            .ok_or("expires_in is not a number")?
    };
    if (1..=MAX_LIFETIME).contains(&seconds) {
        Ok(Duration::from_secs(seconds))
    } else {
        Err("expires_in is not a whole number from 1 to 315360000")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(field: &str, value: &str) -> Result<Grant, &'static str> {
        let mut fields = vec![
            ("access_token", r#""abc""#),
            ("expires_in", "3600"),
            ("token_type", r#""Bearer""#),
            ("scope", r#""read write""#),
        ];
        fields.retain(|(name, _)| *name != field);
        if !value.is_empty() {
            fields.push((field, value));
        }
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name:?}: {value}")).collect();
        Grant::parse(format!("{{{}}}", body.join(", ")).as_bytes())
    }

    #[test]
    fn the_specifications_example_is_read() {
        let body = br#"{"access_token": "ACCESS_TOKEN", "expires_in": 3600, "token_type": "Bearer", "scope": "read write"}"#;
        let grant = Grant::parse(body).unwrap();
        assert_eq!(grant.access_token.as_str(), "ACCESS_TOKEN");
        assert_eq!(grant.token_type, "Bearer");
        assert_eq!(grant.scope, "read write");
        assert_eq!(grant.lifetime, Duration::from_secs(3600));
    }

    #[test]
    fn a_lifetime_may_be_written_in_three_ways() {
        for written in ["60", "60.0", "6e1", r#""60""#, r#""060""#] {
            assert_eq!(
                with("expires_in", written).ok().unwrap().lifetime.as_secs(),
                60,
                "{written}"
            );
        }
    }

    #[test]
    fn any_other_lifetime_is_refused_by_name() {
        for written in [
            "",
            "null",
            "0",
            "-1",
            "0.0",
            "-3600.0",
            "3600.5",
            "315360001",
            "1e99",
            "true",
            "[]",
            "{}",
            r#""""#,
            r#""-5""#,
            r#""60 ""#,
            r#""6e1""#,
            r#""99999999999999999999""#,
            "99999999999999999999999",
        ] {
            let why =
                with("expires_in", written).err().unwrap_or_else(|| panic!("{written} taken"));
            assert!(why.starts_with("expires_in "), "{written}: {why}");
        }
    }

    #[test]
    fn the_longest_lifetime_and_token_are_taken_and_nothing_beyond() {
        assert!(with("expires_in", "315360000").is_ok());
        assert!(with("access_token", &format!("\"{}\"", "a".repeat(16_384))).is_ok());
        assert!(with("access_token", &format!("\"{}\"", "a".repeat(16_385))).is_err());
    }

    #[test]
    // promise: token-text
    fn a_token_that_could_break_out_of_its_header_is_refused() {
        for written in [
            "",
            "null",
            "7",
            r#""""#,
            r#""=""#,
            r#""a b""#,
            r#""a\r\nX: y""#,
            r#""a\u0000""#,
            r#""é""#,
            r#""a=b""#,
            r#""a,b""#,
            "[\"a\"]",
        ] {
            let why =
                with("access_token", written).err().unwrap_or_else(|| panic!("{written} taken"));
            assert!(why.starts_with("access_token "), "{written}: {why}");
        }
        assert!(with("access_token", r#""aZ0-._~+/==""#).is_ok());
    }

    #[test]
    fn the_type_is_bearer_in_any_case_and_the_scope_may_be_absent() {
        assert_eq!(with("token_type", r#""bEARER""#).ok().unwrap().token_type, "bEARER");
        for written in ["", "null", "1", r#""mac""#, r#""bearer ""#] {
            assert!(with("token_type", written).is_err(), "{written}");
        }
        for written in ["", "null"] {
            assert_eq!(with("scope", written).ok().unwrap().scope, "", "{written}");
        }
        assert!(with("scope", "[]").is_err());
        for deceptive in ["\\n", "\\u001b[31m", "\\u202e", "\u{2066}", "\u{200b}", "\u{feff}"] {
            let why = with("scope", &format!("\"a{deceptive}b\"")).err();
            assert!(why.is_some_and(|why| why.starts_with("scope holds")), "{deceptive:?}");
        }
    }

    #[test]
    // promise: bounded-answer
    fn what_is_not_one_json_object_is_refused() {
        let nested = "[".repeat(100_000);
        for body in [
            "",
            "null",
            "[]",
            "\"a\"",
            "{",
            "{} {}",
            "\u{feff}{}",
            "<html>",
            &nested,
            &format!(
                r#"{{"access_token":"a","expires_in":1,"token_type":"bearer","x":{nested}}}"#,
                nested = format_args!("{}{}", "[".repeat(128), "]".repeat(128))
            ),
            r#"{"access_token":"a","access_token":"b","expires_in":1,"token_type":"bearer"}"#,
        ] {
            assert!(Grant::parse(body.as_bytes()).is_err(), "{:.40}", body);
        }
        let elsewhere =
            b"{\"access_token\":\"a\",\"expires_in\":1,\"token_type\":\"bearer\",\"x\":\"\xff\"}";
        assert_eq!(Grant::parse(elsewhere).err(), Some("it is not UTF-8"));
    }
}
