//! Characters that are copied along from a page, a mail or a spreadsheet and that nobody sees. A server may have
//! issued them, so that they are no error.

use crate::Credentials;
use crate::exchange::is_deceptive;

pub(super) const ADVICE: &str = "remove it, if it was copied along";

/// The names (Unicode) of those that are met most.
const NAMES: [(char, &str); 16] = [
    (' ', "SPACE"),
    ('\u{a0}', "NO-BREAK SPACE"),
    ('\u{ad}', "SOFT HYPHEN"),
    ('\u{2002}', "EN SPACE"),
    ('\u{2003}', "EM SPACE"),
    ('\u{2009}', "THIN SPACE"),
    ('\u{200b}', "ZERO WIDTH SPACE"),
    ('\u{200e}', "LEFT-TO-RIGHT MARK"),
    ('\u{202f}', "NARROW NO-BREAK SPACE"),
    ('\u{2060}', "WORD JOINER"),
    ('\u{2800}', "BRAILLE PATTERN BLANK"),
    ('\u{3000}', "IDEOGRAPHIC SPACE"),
    ('\u{3164}', "HANGUL FILLER"),
    ('\u{fe0f}', "VARIATION SELECTOR-16"),
    ('\u{feff}', "ZERO WIDTH NO-BREAK SPACE"),
    ('\u{e0020}', "TAG SPACE"),
];

/// The characters at the ends of the credentials that nobody sees; `None` where there are none.
pub(super) fn at_an_end_of(credentials: &Credentials) -> Option<String> {
    let halves =
        [("client id", credentials.client_id()), ("client secret", credentials.client_secret())];
    let mut unseen = Vec::new();
    for (half, text) in halves {
        for (verb, end) in [("begins", text.chars().next()), ("ends", text.chars().next_back())] {
            if let Some(character) = end.filter(|character| is_unseen(*character)) {
                let name = NAMES.iter().find(|(known, _)| *known == character);
                let name = name.map_or("", |(_, name)| name);
                let code = u32::from(character);
                let what = format!("the {half} {verb} with U+{code:04X} {name}");
                unseen.push(what.trim_end().to_owned());
            }
        }
    }
    (!unseen.is_empty()).then(|| unseen.join("; "))
}

/// Blanks, what is deceptive, and the braille pattern of no dot.
fn is_unseen(c: char) -> bool {
    c.is_whitespace() || is_deceptive(c) || c == '\u{2800}'
}
