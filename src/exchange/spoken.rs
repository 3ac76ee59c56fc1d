//! What a server said, made fit for a message: cleaned, without any echo of the secret, and cut.

use zeroize::Zeroizing;

use super::request::{TokenRequest, form_encoded};
use crate::Credentials;

const REDACTED: &str = "[secret]";

/// Cleans what servers say to one client.
pub(super) struct Spoken {
    /// Each form in which a server could echo the secret, the longest first.
    echoes: Vec<Zeroizing<String>>,
}

impl Spoken {
    pub(super) fn to(credentials: &Credentials) -> Self {
        let basic = TokenRequest::new(credentials, None).authorization;
        let basic = basic.split_once(' ').map_or("", |(_, encoded)| encoded);
        let mut echoes = vec![
            Zeroizing::new(cleaned(credentials.client_secret())),
            form_encoded(credentials.client_secret()),
            Zeroizing::new(basic.to_owned()),
        ];
        echoes.retain(|echo| !echo.is_empty());
        echoes.sort_by_key(|echo| std::cmp::Reverse(echo.len()));
        Spoken { echoes }
    }

    /// The text without control and bidirectional characters and without the secret, at most
    /// `max_chars` characters. Cutting comes last, so that it can't leave half a secret.
    pub(super) fn clean(&self, text: &str, max_chars: usize) -> String {
        let mut text = Zeroizing::new(cleaned(text));
        for echo in &self.echoes {
            if text.contains(echo.as_str()) {
                text = Zeroizing::new(text.replace(echo.as_str(), REDACTED));
            }
        }
        if text.chars().count() <= max_chars {
            return text.to_string();
        }
        text.chars().take(max_chars - 1).chain(['…']).collect()
    }
}

fn cleaned(text: &str) -> String {
    text.chars().filter(|c| !is_deceptive(*c)).collect()
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
    fn a_cut_leaves_no_half_of_the_secret() {
        let said = spoken("0123456789").clean("see 0123456789", 8);
        assert_eq!(said, "see [se…");
    }

    #[test]
    fn a_text_of_just_the_length_is_not_cut() {
        assert_eq!(spoken("s3").clean("éé", 2), "éé");
    }
}
