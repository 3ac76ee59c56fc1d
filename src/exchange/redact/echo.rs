//! An echo of a secret in a text, however it is escaped or encoded there.

use std::ops::Range;

use zeroize::{Zeroize, Zeroizing};

use crate::exchange::deceptive::is_deceptive;

/// A text may be escaped or encoded twice: a URL in JSON, JSON in a page, a form in Base64.
const LAYERS: usize = 2;

/// A shorter secret is not looked for in what is decoded: any word gives some letters by chance.
const SHORTEST_ENCODED: usize = 4;

/// Reads the escape that a text begins with, if any: the character that it stands for, and how many
/// letters it is long.
type Unescape = fn(&[SourceChar]) -> Option<(char, usize)>;

/// The ways in which writers escape.
const WAYS: [Unescape; 3] = [percent, backslash, entity];

/// A way in which writers encode bytes as digits.
struct Encoding {
    digit: fn(char) -> Option<u8>,
    bits: u32,
    /// After so many digits a byte begins where one began before.
    shifts: usize,
    /// What may stand between two bytes.
    separators: &'static str,
}

/// Base64 of either alphabet, with or without padding (RFC 4648 sections 4 and 5), and hexadecimal.
const ENCODINGS: [Encoding; 2] = [
    Encoding { digit: base64_digit, bits: 6, shifts: 4, separators: "" },
    Encoding { digit: hexadecimal_digit, bits: 4, shifts: 2, separators: " :-," },
];

/// A character, and the bytes of the text that encode it.
#[derive(Clone, Copy)]
struct SourceChar {
    letter: char,
    from: usize,
    to: usize,
}

impl Zeroize for SourceChar {
    fn zeroize(&mut self) {
        self.letter.zeroize();
    }
}

type SourceChars = Zeroizing<Vec<SourceChar>>;

/// Where a text holds one of the secrets, in bytes of the text, in order and apart from each other.
pub(super) fn echoes(text: &str, secrets: &[Zeroizing<String>]) -> Vec<Range<usize>> {
    let letters = text.char_indices().map(|(from, letter)| {
        let to = from + letter.len_utf8();
        SourceChar { letter, from, to }
    });
    let mut found = Vec::new();
    // As long as the text in bytes: a buffer that grew would leave a copy behind.
    let mut read = Zeroizing::new(Vec::with_capacity(text.len()));
    read.extend(letters);
    search(&read, secrets, LAYERS, 1, &mut found);
    apart(found)
}

fn search(
    text: &[SourceChar],
    secrets: &[Zeroizing<String>],
    layers: usize,
    shortest: usize,
    found: &mut Vec<Range<usize>>,
) {
    for secret in secrets.iter().filter(|secret| secret.chars().count() >= shortest) {
        for start in 0..text.len() {
            if let Some(length) = begins_with(&text[start..], secret) {
                found.push(text[start].from..text[start + length - 1].to);
            }
        }
    }
    if layers > 0 {
        for unescape in WAYS {
            if let Some(text) = unescaped(text, unescape) {
                search(&text, secrets, layers - 1, shortest, found);
            }
        }
        for encoding in ENCODINGS {
            // What precedes a secret shifts its bits: each shift is a reading of its own.
            for skipped in 0..encoding.shifts {
                if let Some(text) = decoded(text, &encoding, skipped) {
                    search(&text, secrets, layers - 1, SHORTEST_ENCODED, found);
                }
            }
        }
    }
}

/// How many letters of the text the secret, which is not empty, takes. Case is nothing: the host of a URL is echoed in
/// lower case. A blank is as good as a plus, which stands for it in a form.
fn begins_with(text: &[SourceChar], secret: &str) -> Option<usize> {
    let alike = |c: char| if c == '+' { ' ' } else { c.to_ascii_lowercase() };
    let mut length = 0;
    for expected in secret.chars() {
        if alike(text.get(length)?.letter) != alike(expected) {
            return None;
        }
        length += 1;
    }
    Some(length)
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
fn unescaped(text: &[SourceChar], unescape: Unescape) -> Option<SourceChars> {
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
            plain.push(SourceChar { letter, from: text[at].from, to: text[at + length - 1].to });
        }
        at += length;
    }
    any.then_some(plain)
}

/// The bytes that the runs of digits in a text stand for, as text; `None` where no run is long enough. Of each run
/// the first digits are `skipped`.
fn decoded(text: &[SourceChar], encoding: &Encoding, skipped: usize) -> Option<SourceChars> {
    let mut plain = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text;
    while let Some(start) = rest.iter().position(|one| (encoding.digit)(one.letter).is_some()) {
        let (bytes, length) = run_of(&rest[start..], encoding, skipped);
        if bytes.len() >= SHORTEST_ENCODED {
            let mut at = 0;
            while let Some((letter, length)) = character(bytes[at..].iter().map(|byte| byte.value))
            {
                if !is_deceptive(letter) {
                    let (from, to) = (bytes[at].from, bytes[at + length - 1].to);
                    plain.push(SourceChar { letter, from, to });
                }
                at += length;
            }
            // No secret reaches from one run into the next.
            let end = bytes[at - 1].to;
            plain.push(SourceChar { letter: char::REPLACEMENT_CHARACTER, from: end, to: end });
        }
        rest = &rest[start + length..];
    }
    (!plain.is_empty()).then_some(plain)
}

/// A byte, and the bytes of the text that encode it.
struct SourceByte {
    value: u8,
    from: usize,
    to: usize,
}

impl Zeroize for SourceByte {
    fn zeroize(&mut self) {
        self.value.zeroize();
    }
}

/// The bytes of the run of digits that a text begins with, and how many letters the run takes.
fn run_of(
    text: &[SourceChar],
    encoding: &Encoding,
    skipped: usize,
) -> (Zeroizing<Vec<SourceByte>>, usize) {
    let digit = |at: usize| text.get(at).and_then(|one| (encoding.digit)(one.letter));
    let end = text.len();
    let mut bytes = Zeroizing::new(Vec::with_capacity(end.min(64 * 1024)));
    let (mut at, mut bits, mut buffer, mut digits) = (0, 0, 0_u32, 0);
    loop {
        let Some(value) = digit(at) else {
            let is_between = bits == 0
                && digits > skipped
                && text.get(at).is_some_and(|one| encoding.separators.contains(one.letter));
            if is_between && digit(at + 1).is_some() {
                at += 1;
                continue;
            }
            break;
        };
        digits += 1;
        if digits > skipped {
            buffer = (buffer << encoding.bits) + u32::from(value);
            bits += encoding.bits;
            if bits >= 8 {
                bits -= 8;
                let value = (buffer >> bits & 0xff) as u8;
                // Each byte begins in the digit before, since a digit has 4 bits or 6.
                bytes.push(SourceByte { value, from: text[at - 1].from, to: text[at].to });
                buffer &= (1 << bits) - 1;
            }
        }
        at += 1;
    }
    (bytes, at)
}

fn base64_digit(letter: char) -> Option<u8> {
    let byte = u8::try_from(letter).ok()?;
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

fn hexadecimal_digit(letter: char) -> Option<u8> {
    u8::try_from(letter.to_digit(16)?).ok()
}

/// `%2B`, as in URLs and forms (RFC 3986 section 2.1).
fn percent(text: &[SourceChar]) -> Option<(char, usize)> {
    bytes(text, "%")
}

/// `\u002b`, `\/` and the like, as in JSON (RFC 8259 section 7), JavaScript, C and Python.
fn backslash(text: &[SourceChar]) -> Option<(char, usize)> {
    if text.first()?.letter != '\\' {
        return None;
    }
    match text.get(1)?.letter {
        'u' => {
            let unit = |text: &[SourceChar]| u16::try_from(hexadecimal(text, "\\u", 4)?).ok();
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
fn entity(text: &[SourceChar]) -> Option<(char, usize)> {
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
fn bytes(text: &[SourceChar], prefix: &str) -> Option<(char, usize)> {
    let escape = prefix.len() + 2;
    let byte = |at: usize| u8::try_from(hexadecimal(text.get(at * escape..)?, prefix, 2)?).ok();
    let mut utf8 = Zeroizing::new([byte(0)?, 0, 0, 0]);
    for (at, place) in utf8.iter_mut().enumerate().skip(1) {
        let Some(byte) = byte(at) else { break };
        *place = byte;
    }
    character(utf8.iter().copied()).map(|(letter, length)| (letter, length * escape))
}

/// The character that bytes begin with in UTF-8, else the first byte in Latin-1; and how many bytes it takes.
fn character(mut bytes: impl Iterator<Item = u8>) -> Option<(char, usize)> {
    let mut utf8 = Zeroizing::new([bytes.next()?, 0, 0, 0]);
    let length = match utf8[0] {
        0..0x80 => 1,
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0.. => 4,
    };
    for (place, byte) in utf8[1..length].iter_mut().zip(bytes) {
        *place = byte;
    }
    match std::str::from_utf8(&utf8[..length]).ok().and_then(|text| text.chars().next()) {
        Some(letter) => Some((letter, length)),
        None => Some((char::from(utf8[0]), 1)),
    }
}

/// The number that is written in so many digits after the prefix.
fn hexadecimal(text: &[SourceChar], prefix: &str, digits: usize) -> Option<u32> {
    let is_there = prefix.chars().zip(text).all(|(expected, letter)| expected == letter.letter);
    let digits = text.get(prefix.len()..prefix.len() + digits)?;
    if !is_there {
        return None;
    }
    digits.iter().try_fold(0, |number, digit| Some(number * 16 + digit.letter.to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, Engine as _};

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
    fn a_word_that_decodes_to_a_short_secret_stays() {
        // "Zm9v" is "foo" in Base64, "666f6f" in hexadecimal.
        assert_eq!(found("a Zm9vZm9v 666f6f666f6f", "foo"), [""; 0]);
        assert_eq!(found("a Zm9vZm9v 666f6f666f6f", "foof"), ["Zm9vZm", "666f6f66"]);
    }

    #[test]
    fn no_secret_reaches_over_two_runs() {
        // "zzsecr" and "etzz".
        assert_eq!(found("enpzZWNy ZXR6eg", "secret"), [""; 0]);
    }

    #[test]
    fn two_layers_are_undone_and_no_third() {
        assert_eq!(found("a%252Bb", "a+b"), ["a%252Bb"]);
        assert_eq!(found("a%25252Bb", "a+b"), [""; 0]);
    }

    #[test]
    fn an_echo_in_base64_begins_with_the_digit_of_its_first_bits() {
        for (before, echo) in [("", "c2VjcmV0"), ("x", "HNlY3JldA"), ("xy", "lzZWNyZXQ")] {
            let text = BASE64_STANDARD.encode(format!("{before}secret"));
            assert_eq!(found(&text, "secret"), [echo], "{text}");
        }
    }

    #[test]
    fn two_layers_are_decoded_and_no_third() {
        let once = BASE64_STANDARD.encode("s3cret");
        let twice = BASE64_STANDARD.encode(&once);
        assert_eq!(found(&twice, "s3cret"), [twice.trim_end_matches('=')]);
        assert_eq!(found(&BASE64_STANDARD.encode(&twice), "s3cret"), [""; 0]);
    }

    #[test]
    fn a_digit_before_a_separator_shifts_nothing_behind_it() {
        // After "a:f", "secret" in hexadecimal.
        assert_eq!(found("a:f736563726574", "secret"), ["736563726574"]);
    }

    #[test]
    fn a_run_of_digits_takes_no_separator_at_its_end() {
        let text: Vec<SourceChar> = (0..)
            .zip("41:42: ".chars())
            .map(|(from, letter)| SourceChar { letter, from, to: from + 1 })
            .collect();
        let (bytes, length) = run_of(&text, &ENCODINGS[1], 0);
        let values: Vec<u8> = bytes.iter().map(|byte| byte.value).collect();
        assert_eq!((values.as_slice(), length), ([0x41, 0x42].as_slice(), 5));
    }

    #[test]
    fn a_wiped_letter_or_byte_is_none() {
        let mut letter = SourceChar { letter: 's', from: 0, to: 1 };
        letter.zeroize();
        assert_eq!(letter.letter, '\0');
        let mut byte = SourceByte { value: b's', from: 0, to: 1 };
        byte.zeroize();
        assert_eq!(byte.value, 0);
    }
}
