//! The head of an answer, brought into the form that the parser takes.
//!
//! Servers and proxies send heads that RFC 9112 tells a recipient how to mend: lines that are folded (section 5.2),
//! blanks before a colon (section 5.1), control characters in a value (section 2.2, RFC 9110 section 5.5). Each is
//! mended in place, by as many bytes.

/// How many bytes the head at the start takes, its empty line included; `None` where it does not end yet.
pub(crate) fn length(bytes: &[u8]) -> Option<usize> {
    let mut line = skip_empty_lines(bytes);
    loop {
        let end = line + memchr::memchr(b'\n', &bytes[line..])?;
        if bytes[line..end].iter().all(|byte| *byte == b'\r') {
            return Some(end + 1);
        }
        line = end + 1;
    }
}

/// Whether the bytes can be the start of an answer: an empty part of one can.
pub(crate) fn is_http(bytes: &[u8]) -> bool {
    const START: &[u8] = b"HTTP/1.";
    bytes[skip_empty_lines(bytes)..].iter().zip(START).all(|(byte, due)| byte == due)
}

/// The status of a whole head, where it has one.
pub(crate) fn status(head: &[u8]) -> Option<u16> {
    let line = head[skip_empty_lines(head)..].split(|byte| *byte == b'\n').next()?;
    let code = line
        .split(|byte| *byte == b' ')
        .find(|word| !word.starts_with(b"HTTP/") && !word.is_empty())?;
    std::str::from_utf8(code.trim_ascii_end()).ok()?.parse().ok()
}

/// Mends a whole head.
pub(crate) fn mend(head: &mut [u8]) {
    let Some(mut line) = next_line(head, skip_empty_lines(head)) else { return };
    while let Some(after) = next_line(head, line) {
        if is_blank(head[line]) {
            // A folded line. Its break becomes blanks.
            let ended =
                line - head[..line].iter().rev().take_while(|b| b"\r\n".contains(b)).count();
            head[ended..line].fill(b' ');
        }
        line = after;
    }
    let Some(mut line) = next_line(head, skip_empty_lines(head)) else { return };
    while let Some(after) = next_line(head, line) {
        let end = line + head[line..after].trim_ascii_end().len();
        if let Some(colon) = memchr::memchr(b':', &head[line..end]) {
            let (name, value) = head[line..end].split_at_mut(colon);
            let length = name.trim_ascii_end().len();
            if length < colon && length > 0 {
                name[length] = b':';
                name[length + 1..].fill(b' ');
                value[0] = b' ';
            }
            for byte in &mut name[..length] {
                if !is_token(*byte) {
                    *byte = b'_';
                }
            }
            mend_value(&mut value[1..]);
        }
        line = after;
    }
}

/// Leading empty lines are passed over (RFC 9112 section 2.2).
fn skip_empty_lines(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| b"\r\n".contains(byte)).count()
}

fn next_line(bytes: &[u8], line: usize) -> Option<usize> {
    memchr::memchr(b'\n', &bytes[line..]).map(|end| line + end + 1)
}

fn mend_value(value: &mut [u8]) {
    for byte in value {
        if byte.is_ascii_control() && !b"\t\0".contains(byte) {
            *byte = b' ';
        }
    }
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// A character of a header's name (RFC 9110 section 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(head: &str) -> String {
        let mut bytes = head.as_bytes().to_vec();
        assert_eq!(length(&bytes), Some(bytes.len()), "{head:?}");
        mend(&mut bytes);
        assert_eq!(length(&bytes), Some(bytes.len()), "{head:?}");
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_head_ends_with_its_first_empty_line() {
        for (text, due) in [
            ("HTTP/1.1 200 OK\r\nA: b\r\n\r\nrest", Some(25)),
            ("HTTP/1.1 200 OK\nA: b\n\nrest", Some(22)),
            ("\r\n\r\nHTTP/1.1 200\r\n\r\n", Some(20)),
            ("HTTP/1.1 200 OK\r\nA: b\r\n", None),
            ("HTTP/1.1 200 OK\r\nA: b\r\n \r\n", None),
            ("\r\n\r\n", None),
            ("", None),
        ] {
            assert_eq!(length(text.as_bytes()), due, "{text:?}");
        }
    }

    #[test]
    fn what_can_not_be_an_answer_is_seen_at_once() {
        for text in ["", "\r\n", "HT", "HTTP/1.0 200", "\nHTTP/1.1"] {
            assert!(is_http(text.as_bytes()), "{text:?}");
        }
        for text in ["SSH", "HTTP/2", "http/1.1", "<", " HTTP/1.1"] {
            assert!(!is_http(text.as_bytes()), "{text:?}");
        }
    }

    #[test]
    fn a_status_is_read() {
        assert_eq!(status(b"HTTP/1.1 103 Early Hints\r\n\r\n"), Some(103));
        assert_eq!(status(b"\r\nHTTP/1.0 200\r\n\r\n"), Some(200));
        assert_eq!(status(b"HTTP/1.1 OK\r\n\r\n"), None);
        assert_eq!(status(b"HTTP/1.1\r\n\r\n"), None);
    }

    #[test]
    fn heads_are_mended_by_as_many_bytes() {
        for (head, due) in [
            ("HTTP/1.1 200 OK\r\nA: b\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n\r\n"),
            (
                "HTTP/1.1 200 OK\r\nA: b\r\n\t c\r\n d\r\n\r\n",
                "HTTP/1.1 200 OK\r\nA: b  \t c   d\r\n\r\n",
            ),
            ("HTTP/1.1 200 OK\nA: b\n c\n\n", "HTTP/1.1 200 OK\nA: b  c\n\n"),
            (
                "HTTP/1.1 200 OK\r\n first\r\nA: b\r\n\r\n",
                "HTTP/1.1 200 OK   first\r\nA: b\r\n\r\n",
            ),
            ("HTTP/1.1 200 OK\r\nA \t: b\r\n\r\n", "HTTP/1.1 200 OK\r\nA:   b\r\n\r\n"),
            ("HTTP/1.1 200 OK\r\nA b: c\r\n\r\n", "HTTP/1.1 200 OK\r\nA_b: c\r\n\r\n"),
            ("HTTP/1.1 200 OK\r\nA: b\x01c\x07\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b c \r\n\r\n"),
            // The parser refuses it, as others do.
            ("HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n"),
            ("HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b c\r\n\r\n"),
            ("HTTP/1.1 200 OK\r\n: b\r\n\r\n", "HTTP/1.1 200 OK\r\n: b\r\n\r\n"),
            ("HTTP/1.1 200 OK\r\n : b\r\n\r\n", "HTTP/1.1 200 OK   : b\r\n\r\n"),
            ("HTTP/1.1 200 OK\r\nA\r\n : b\r\n\r\n", "HTTP/1.1 200 OK\r\nA:    b\r\n\r\n"),
            ("HTTP/1.1 200 OK\r\nA:\r\n\r\n", "HTTP/1.1 200 OK\r\nA:\r\n\r\n"),
        ] {
            assert_eq!(mended(head), due, "{head:?}");
        }
    }
}
