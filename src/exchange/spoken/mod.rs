//! What a server said, made fit for a message: cleaned, without any echo of the secret, and cut.

mod echo;

use zeroize::Zeroizing;

use super::request::TokenRequest;
use crate::Credentials;

const REDACTED: &str = "[secret]";

/// Cleans what servers say to one client.
pub(super) struct Spoken {
    /// What a server was sent and could echo: the secret, and the header that carries it.
    secrets: [Zeroizing<String>; 2],
}

impl Spoken {
    pub(super) fn to(credentials: &Credentials) -> Self {
        let basic = TokenRequest::new(credentials, None).authorization;
        let basic = basic.split_once(' ').map_or("", |(_, encoded)| encoded);
        let secret = cleaned(credentials.client_secret());
        Spoken { secrets: [secret, Zeroizing::new(basic.to_owned())] }
    }

    /// The text without control and bidirectional characters and without the secret, at most
    /// `max_chars` characters. Cutting comes last, so that it can't leave half a secret.
    pub(super) fn clean(&self, text: &str, max_chars: usize) -> String {
        let text = cleaned(text);
        let mut told = String::with_capacity(text.len());
        let mut rest = 0;
        for echo in echo::echoes(&text, &self.secrets) {
            told.push_str(&text[rest..echo.start]);
            told.push_str(REDACTED);
            rest = echo.end;
        }
        told.push_str(&text[rest..]);

        if told.chars().count() > max_chars {
            told = told.chars().take(max_chars - 1).chain(['…']).collect();
        }
        told
    }
}

fn cleaned(text: &str) -> Zeroizing<String> {
    let mut clean = Zeroizing::new(String::with_capacity(text.len()));
    clean.extend(text.chars().filter(|c| !is_deceptive(*c)));
    clean
}

/// Characters that move the cursor, reorder what is read, or can't be seen.
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(secret: &str) -> Spoken {
        Spoken::to(&Credentials::new("id", secret).unwrap())
    }

    #[test]
    fn control_and_bidirectional_characters_are_dropped() {
        let text = "a\u{1b}[31mb\u{202e}c\r\nd\u{2066}e\0f";
        assert_eq!(spoken("secret").clean(text, 99), "a[31mbcdef");
    }

    #[test]
    fn every_form_of_the_secret_is_redacted() {
        let spoken = spoken("p+q/r s");
        let basic = "aWQ6cCUyQnElMkZyK3M=";
        for echo in ["p+q/r s", "p%2Bq%2Fr+s", basic, "p\u{200e}+q/\r\nr s"] {
            assert_eq!(spoken.clean(&format!("bad {echo}!"), 99), "bad [secret]!", "{echo:?}");
        }
    }

    #[test]
    fn the_secret_is_redacted_however_it_is_escaped() {
        let spoken = spoken("p+q/r sü&");
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
                spoken.clean(&format!("50% \\o/ R&D {echo}!"), 99),
                "50% \\o/ R&D [secret]!",
                "{echo:?}"
            );
        }
    }

    #[test]
    fn a_secret_that_looks_escaped_is_redacted() {
        let spoken = spoken(r"a%2Bb\u0041&lt;");
        for echo in [r"a%2Bb\u0041&lt;", "a%252Bb%5Cu0041%26lt%3B", r"a%2Bb\\u0041&amp;lt;"] {
            assert_eq!(spoken.clean(echo, 99), "[secret]", "{echo:?}");
        }
    }

    #[test]
    fn echoes_that_overlap_leave_no_rest() {
        assert_eq!(spoken("aba").clean("ababa aba", 99), "[secret] [secret]");
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
            assert_eq!(spoken("secret").clean(said, 99), said);
        }
    }

    #[test]
    fn a_cut_leaves_no_half_of_the_secret() {
        let said = spoken("0123456789").clean("see 0123456789", 8);
        assert_eq!(said, "see [se…");
    }

    #[test]
    fn a_text_of_just_the_length_is_not_cut() {
        assert_eq!(spoken("s3").clean("éé", 2), "éé");
    }
}
