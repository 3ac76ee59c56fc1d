//! JSON of a server (RFC 8259), of a bounded depth.

use serde::Deserialize;
use serde_json::error::Category;

use super::limits::MAX_DEPTH;

/// Why a text is not the JSON that was expected. Quotes nothing of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unexpected {
    /// Arrays and objects are nested in each other more often than [`MAX_DEPTH`].
    TooDeep,
    /// It is not JSON.
    NotJson,
    /// It is JSON of another kind.
    OtherJson,
}

/// Reads a whole text.
///
/// # Errors
/// Why it is not what is expected.
pub(super) fn read<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, Unexpected> {
    // The JSON library counts no levels in a member that it skips.
    if is_too_deep(json) {
        return Err(Unexpected::TooDeep);
    }
    serde_json::from_slice(json).map_err(|error| match error.classify() {
        Category::Data => Unexpected::OtherJson,
        Category::Io | Category::Syntax | Category::Eof => Unexpected::NotJson,
    })
}

fn is_too_deep(json: &[u8]) -> bool {
    let (mut depth, mut is_in_text, mut is_escaped) = (0_usize, false, false);
    for byte in json {
        match byte {
            _ if is_escaped => is_escaped = false,
            // Where no text is, it is no JSON, whatever follows.
            b'\\' => is_escaped = true,
            b'"' => is_in_text = !is_in_text,
            b'[' | b'{' if !is_in_text => depth += 1,
            b']' | b'}' if !is_in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use serde::de::IgnoredAny;

    use super::*;

    #[test]
    fn the_deepest_text_is_read_and_a_deeper_one_is_refused() {
        for (open, close) in [("[", "]"), (r#"{"a":["#, "]}")] {
            let levels = open.matches(['[', '{']).count();
            let nested = |depth: usize| {
                let middle = if depth % levels == 0 { "" } else { "[]" };
                open.repeat(depth / levels) + middle + &close.repeat(depth / levels)
            };
            assert!(read::<IgnoredAny>(nested(MAX_DEPTH).as_bytes()).is_ok());
            let deeper = read::<IgnoredAny>(nested(MAX_DEPTH + 1).as_bytes());
            assert_eq!(deeper.err(), Some(Unexpected::TooDeep));
        }
    }

    #[test]
    fn brackets_in_a_text_and_side_by_side_are_no_depth() {
        let brackets = "[{".repeat(MAX_DEPTH);
        let in_a_text = format!(r#""\"{brackets}\\""#);
        let side_by_side = format!("[{}[]]", "[{}],".repeat(MAX_DEPTH));
        for flat in [in_a_text, side_by_side] {
            assert!(read::<IgnoredAny>(flat.as_bytes()).is_ok(), "{flat}");
        }
    }

    #[test]
    fn brackets_after_a_text_are_counted_whatever_closes_in_it() {
        for text in [r#""\\""#.to_owned(), format!("\"{}\"", "]}".repeat(MAX_DEPTH))] {
            let deep = format!("[{text},{}]", "[".repeat(MAX_DEPTH));
            assert_eq!(read::<IgnoredAny>(deep.as_bytes()).err(), Some(Unexpected::TooDeep));
        }
    }
}
