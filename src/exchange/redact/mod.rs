//! A server's text, made fit for a message: cleaned, without any echo of the secret, and cut.

mod echo;

use zeroize::Zeroizing;

use super::deceptive::is_deceptive;

use super::request::TokenRequest;
use crate::Credentials;

const REDACTED: &str = "[secret]";

/// Cleans the texts of the servers that one client talks to.
pub(crate) struct Redactor {
    /// What a server was sent and could echo: the secret, and the Base64 of the header that carries it. Of a short
    /// secret no other encoding is looked for ([`echo`]), so that this one has to be given as it is.
    secrets: Vec<Zeroizing<String>>,
}

impl Redactor {
    pub(crate) fn to(credentials: &Credentials) -> Self {
        let authorization = TokenRequest::new(credentials, None).authorization;
        let basic = authorization.split_once(' ').map_or("", |(_, encoded)| encoded);
        Redactor::of([credentials.client_secret(), basic, basic.trim_end_matches('=')])
    }

    /// Redacts these secrets.
    pub(crate) fn of<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let secrets = secrets.into_iter().map(cleaned).filter(|secret| !secret.is_empty());
        Redactor { secrets: secrets.collect() }
    }

    /// Redacts further secrets too.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.secrets.extend(other.secrets);
        self
    }

    /// The text without control and bidirectional characters and without the secret, at most
    /// `max_chars` characters. Cutting comes last, so that it can't leave half a secret.
    pub(crate) fn redact(&self, text: &str, max_chars: usize) -> String {
        let text = cleaned(text);
        let mut redacted = String::with_capacity(text.len());
        let mut rest = 0;
        for echo in echo::echoes(&text, &self.secrets) {
            redacted.push_str(&text[rest..echo.start]);
            redacted.push_str(REDACTED);
            rest = echo.end;
        }
        redacted.push_str(&text[rest..]);

        if redacted.chars().count() > max_chars {
            redacted = redacted.chars().take(max_chars - 1).chain(['…']).collect();
        }
        redacted
    }
}

fn cleaned(text: &str) -> Zeroizing<String> {
    let mut clean = Zeroizing::new(String::with_capacity(text.len()));
    clean.extend(text.chars().filter(|c| !is_deceptive(*c)));
    clean
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::*;

    use super::*;

    fn redactor(secret: &str) -> Redactor {
        Redactor::to(&Credentials::new("id", secret).unwrap())
    }

    #[test]
    fn control_and_bidirectional_characters_are_dropped() {
        let text = "a\u{1b}[31mb\u{202e}c\r\nd\u{2066}e\0f";
        assert_eq!(redactor("secret").redact(text, 99), "a[31mbcdef");
    }

    #[test]
    // promise: server-text
    fn every_form_of_the_secret_is_redacted() {
        let redactor = redactor("p+q/r s");
        let basic = "aWQ6cCUyQnElMkZyK3M=";
        let bare = basic.trim_end_matches('=');
        for echo in ["p+q/r s", "p%2Bq%2Fr+s", basic, bare, "p\u{200e}+q/\r\nr s"] {
            assert_eq!(redactor.redact(&format!("bad {echo}!"), 99), "bad [secret]!", "{echo:?}");
        }
    }

    #[test]
    // promise: server-text
    fn the_secret_is_redacted_however_it_is_escaped() {
        let redactor = redactor("p+q/r sü&");
        for echo in [
            "p%2bq%2fr%20s%c3%bc%26",
            "p+q/r s%FC&",
            r"p\u002Bq\/r s\u00fc\u0026",
            r"p+q/r s\xc3\xbc&",
            r"p+q/r s\xFC\x26",
            "p+q/r sü&amp;",
            "p&#43;q&#x2F;r s&#xfc;&#38;",
            "p%252Bq%252Fr%2Bs%25C3%25BC%2526",
            "p%2Bq%2Fr+s&#xfc;%26",
            "P+Q/R%20Sü&",
            r"aWQ6cCUyQnElMkZyK3MlQzMlQkMlMjY\u003d",
            "p\u{200b}+q%E2%80%8B/r sü&#8203;&",
        ] {
            assert_eq!(
                redactor.redact(&format!("50% \\o/ R&D {echo}!"), 99),
                "50% \\o/ R&D [secret]!",
                "{echo:?}"
            );
        }
    }

    #[test]
    fn the_secret_is_redacted_however_it_is_encoded() {
        let redactor = redactor("p+q/rüé?>~");
        let pair = "id:p+q/rüé?>~";
        let quoted = "id:p%2Bq%2Fr%C3%BC%C3%A9%3F%3E%7E";
        let hexadecimal =
            |text: &str| -> String { text.bytes().map(|byte| format!("{byte:02x}")).collect() };
        let dump = |text: &str, between: &str| {
            let pairs: Vec<String> = text.bytes().map(|byte| format!("{byte:02X}")).collect();
            pairs.join(between)
        };
        for text in [&pair[3..], pair, quoted, &format!("x{pair}"), &format!("Basic {quoted}")] {
            for echo in [
                BASE64_STANDARD.encode(text),
                BASE64_STANDARD_NO_PAD.encode(text),
                BASE64_URL_SAFE.encode(text),
                BASE64_URL_SAFE_NO_PAD.encode(text),
                BASE64_STANDARD
                    .encode(text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()),
                hexadecimal(text),
                dump(text, " "),
                dump(text, ":"),
                hexadecimal(&BASE64_STANDARD.encode(text)),
                BASE64_STANDARD
                    .encode(text)
                    .replace('+', "%2B")
                    .replace('/', "%2F")
                    .replace('=', "%3D"),
            ] {
                let redacted = redactor.redact(&format!("/token/{echo}!"), 999);
                let (before, after) = redacted.split_once("[secret]").unwrap_or((&redacted, "?"));
                // What stands before it is the id, what stands behind it padding, or UTF-16's last zero.
                let most = echo.len() * text.find("p").unwrap() / text.len() + 3;
                let before = before.strip_prefix("/token/").unwrap();
                assert!(before.len() <= most, "{text} {echo:?}: {redacted}");
                assert!(
                    after.trim_start_matches(['=', '%', '3', 'D', 'd', 'A']) == "!",
                    "{text} {echo:?}: {redacted}"
                );
            }
        }
    }

    #[test]
    fn words_that_could_be_digits_stay_as_they_are() {
        for said in ["deadbeefcafe 01:02:03", "AuthenticationFailedException/internal-error_4711"] {
            assert_eq!(redactor("secret").redact(said, 99), said);
        }
    }

    #[test]
    fn a_secret_that_looks_escaped_is_redacted() {
        let redactor = redactor(r"a%2Bb\u0041&lt;");
        for echo in [r"a%2Bb\u0041&lt;", "a%252Bb%5Cu0041%26lt%3B", r"a%2Bb\\u0041&amp;lt;"] {
            assert_eq!(redactor.redact(echo, 99), "[secret]", "{echo:?}");
        }
    }

    #[test]
    fn echoes_that_overlap_leave_no_rest() {
        assert_eq!(redactor("aba").redact("ababa aba", 99), "[secret] [secret]");
    }

    #[test]
    fn escapes_that_hold_no_secret_stay_as_they_are() {
        for said in [
            "100%",
            "%zz %2",
            r"\",
            r"C:\new \u12 \ud800 \x4",
            "&amp; &#; &#1114112; &#x110000; &so;",
            "a%20b",
        ] {
            assert_eq!(redactor("secret").redact(said, 99), said);
        }
    }

    #[test]
    fn a_cut_leaves_no_half_of_the_secret() {
        let said = redactor("0123456789").redact("see 0123456789", 8);
        assert_eq!(said, "see [se…");
    }

    #[test]
    fn a_text_of_just_the_length_is_not_cut() {
        assert_eq!(redactor("s3").redact("éé", 2), "éé");
    }
}
