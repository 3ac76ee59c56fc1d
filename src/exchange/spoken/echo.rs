//! An echo of a secret in a text, however it is escaped there.

use std::ops::Range;

use zeroize::{Zeroize, Zeroizing};

use super::is_deceptive;

/// A text may be escaped twice: a URL in JSON, JSON in a page.
const LAYERS: usize = 2;

/// Reads the escape that a text begins with, if any: the character that it stands for, and how many
/// letters it is long.
type Unescape = fn(&[Letter]) -> Option<(char, usize)>;

/// The ways in which writers escape.
const WAYS: [Unescape; 3] = [percent, backslash, entity];

/// A character, and which bytes of the text tell it.
#[derive(Clone, Copy)]
struct Letter {
    letter: char,
    from: usize,
    to: usize,
}

impl Zeroize for Letter {
    fn zeroize(&mut self) {
        self.letter.zeroize();
    }
}

type Letters = Zeroizing<Vec<Letter>>;

/// Where a text holds one of the secrets, in bytes of the text, in order and apart from each other.
pub(super) fn echoes(text: &str, secrets: &[Zeroizing<String>]) -> Vec<Range<usize>> {
    let letters = text.char_indices().map(|(from, letter)| {
        let to = from + letter.len_utf8();
        Letter { letter, from, to }
    });
    let mut found = Vec::new();
    // As long as the text in bytes: a buffer that grew would leave a copy behind.
    let mut read = Zeroizing::new(Vec::with_capacity(text.len()));
    read.extend(letters);
    search(&read, secrets, LAYERS, &mut found);
    apart(found)
}

fn search(
    text: &[Letter],
    secrets: &[Zeroizing<String>],
    layers: usize,
    found: &mut Vec<Range<usize>>,
) {
    for secret in secrets {
        for start in 0..text.len() {
            if let Some(length) = begins_with(&text[start..], secret) {
                found.push(text[start].from..text[start + length - 1].to);
            }
        }
    }
    if layers > 0 {
        for unescape in WAYS {
            if let Some(text) = unescaped(text, unescape) {
                search(&text, secrets, layers - 1, found);
            }
        }
    }
}

/// How many letters of the text the secret takes. Case is nothing: the host of a URL is echoed in
/// lower case. A blank is as good as a plus, which stands for it in a form.
fn begins_with(text: &[Letter], secret: &str) -> Option<usize> {
    let alike = |c: char| if c == '+' { ' ' } else { c.to_ascii_lowercase() };
    let mut length = 0;
    for expected in secret.chars() {
        if alike(text.get(length)?.letter) != alike(expected) {
            return None;
        }
        length += 1;
    }
    (length > 0).then_some(length)
}

/// Merges what overlaps.
fn apart(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// The text without one layer of escapes; `None` where it has none of them.
fn unescaped(text: &[Letter], unescape: Unescape) -> Option<Letters> {
    let mut plain = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut any = false;
    let mut at = 0;
    while at < text.len() {
        let (letter, length) = match unescape(&text[at..]) {
            Some(escape) => {
                any = true;
                escape
            }
            None => (text[at].letter, 1),
        };
        if !is_deceptive(letter) {
            plain.push(Letter { letter, from: text[at].from, to: text[at + length - 1].to });
        }
        at += length;
    }
    any.then_some(plain)
}

/// `%2B`, as in URLs and forms (RFC 3986 section 2.1).
fn percent(text: &[Letter]) -> Option<(char, usize)> {
    bytes(text, "%")
}

/// `\u002b`, `\/` and the like, as in JSON (RFC 8259 section 7), JavaScript, C and Python.
fn backslash(text: &[Letter]) -> Option<(char, usize)> {
    if text.first()?.letter != '\\' {
        return None;
    }
    match text.get(1)?.letter {
        'u' => {
            let unit = |text: &[Letter]| u16::try_from(hexadecimal(text, "\\u", 4)?).ok();
            let first = unit(text)?;
            let is_half = (0xd800..0xdc00).contains(&first);
            let second = if is_half { text.get(6..).and_then(unit) } else { None };
            let letter = char::decode_utf16([Some(first), second].into_iter().flatten()).next()?;
            letter.ok().map(|letter| (letter, if second.is_some() { 12 } else { 6 }))
        }
        'U' => Some((char::from_u32(hexadecimal(text, "\\U", 8)?)?, 10)),
        'x' => bytes(text, "\\x"),
        'n' => Some(('\n', 2)),
        'r' => Some(('\r', 2)),
        't' => Some(('\t', 2)),
        letter => Some((letter, 2)),
    }
}

/// `&amp;`, `&#38;` or `&#x26;`, as in HTML and XML.
fn entity(text: &[Letter]) -> Option<(char, usize)> {
    const LONGEST: usize = "&#x10ffff;".len();
    if text.first()?.letter != '&' {
        return None;
    }
    let end = text.iter().take(LONGEST).position(|letter| letter.letter == ';')?;
    let name: Zeroizing<String> =
        Zeroizing::new(text[1..end].iter().map(|letter| letter.letter).collect());
    let letter = match name.as_str() {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let number = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            char::from_u32(number.ok()?)?
        }
    };
    Some((letter, end + 1))
}

/// A character whose bytes are escaped one by one, in UTF-8, or else the first byte in Latin-1.
fn bytes(text: &[Letter], prefix: &str) -> Option<(char, usize)> {
    let escape = prefix.len() + 2;
    let byte = |at: usize| u8::try_from(hexadecimal(text.get(at * escape..)?, prefix, 2)?).ok();
    let mut utf8 = Zeroizing::new([byte(0)?, 0, 0, 0]);
    for (at, place) in utf8.iter_mut().enumerate().skip(1) {
        let Some(byte) = byte(at) else { break };
        *place = byte;
    }
    let length = match utf8[0] {
        0..0x80 => 1,
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0.. => 4,
    };
    match std::str::from_utf8(&utf8[..length]).ok().and_then(|text| text.chars().next()) {
        Some(letter) => Some((letter, length * escape)),
        None => Some((char::from(utf8[0]), escape)),
    }
}

/// The number that is written in so many digits after the prefix.
fn hexadecimal(text: &[Letter], prefix: &str, digits: usize) -> Option<u32> {
    let is_there = prefix.chars().zip(text).all(|(expected, letter)| expected == letter.letter);
    let digits = text.get(prefix.len()..prefix.len() + digits)?;
    if !is_there {
        return None;
    }
    digits.iter().try_fold(0, |number, digit| Some(number * 16 + digit.letter.to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'a>(text: &'a str, secret: &str) -> Vec<&'a str> {
        let secrets = [Zeroizing::new(secret.to_owned())];
        echoes(text, &secrets).into_iter().map(|echo| &text[echo]).collect()
    }

    #[test]
    fn each_echo_is_told_apart() {
        assert_eq!(found("ss-s", "s"), ["s", "s", "s"]);
    }

    #[test]
    fn no_secret_is_found_nowhere() {
        assert_eq!(found("text", ""), [""; 0]);
    }

    #[test]
    fn every_character_that_html_names_is_known() {
        let text = "&amp;&lt;&gt;&quot;&apos;";
        assert_eq!(found(text, "&<>\"'"), [text]);
    }

    #[test]
    fn two_layers_are_undone_and_no_third() {
        assert_eq!(found("a%252Bb", "a+b"), ["a%252Bb"]);
        assert_eq!(found("a%25252Bb", "a+b"), [""; 0]);
    }

    #[test]
    fn a_wiped_letter_is_none() {
        let mut letter = Letter { letter: 's', from: 0, to: 1 };
        letter.zeroize();
        assert_eq!(letter.letter, '\0');
    }
}
