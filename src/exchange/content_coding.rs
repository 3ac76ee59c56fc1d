//! Codings of a body (RFC 9110 section 8.4). None is asked for, but some gateways code all the same.

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_PARSE_ZLIB_HEADER, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};
use zeroize::Zeroizing;

use super::limits::MAX_BODY;

/// A body without its codings, at most `MAX_BODY + 1` bytes of it. `None` where it has none, or is not what they say.
pub(super) fn decode(codings: &str, body: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut decoded = None;
    // The last one was applied last.
    for coding in codings.rsplit(',').map(str::trim).filter(|coding| !coding.is_empty()) {
        let bytes: &[u8] = decoded.as_deref().map_or(body, Vec::as_slice);
        let is = |name: &str| coding.eq_ignore_ascii_case(name);
        decoded = match () {
            () if is("identity") => continue,
            () if is("gzip") || is("x-gzip") => Some(gunzip(bytes)?),
            // Some send the bare stream, others the one with a header that the standard means.
            () if is("deflate") => {
                Some(inflate(bytes, TINFL_FLAG_PARSE_ZLIB_HEADER).or_else(|| inflate(bytes, 0))?.0)
            }
            () => return None,
        };
    }
    decoded
}

/// The content of a gzip member (RFC 1952).
fn gunzip(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    const HAS_CHECK: u8 = 2;
    const HAS_EXTRA: u8 = 4;
    const HAS_NAME: u8 = 8;
    const HAS_COMMENT: u8 = 16;
    let (header, mut rest) = bytes.split_at_checked(10)?;
    let &[0x1f, 0x8b, 8, flags, ..] = header else { return None };
    if flags & HAS_EXTRA != 0 {
        let (length, after) = rest.split_first_chunk()?;
        rest = after.get(usize::from(u16::from_le_bytes(*length))..)?;
    }
    for text in [HAS_NAME, HAS_COMMENT] {
        if flags & text != 0 {
            rest = &rest[memchr::memchr(0, rest)? + 1..];
        }
    }
    if flags & HAS_CHECK != 0 {
        rest = rest.get(2..)?;
    }
    let (content, used) = inflate(rest, 0)?;
    // One that was cut off for its length is refused for that.
    let checksum = rest[used..].first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
    (content.len() > MAX_BODY || checksum == Some(crc32(&content))).then_some(content)
}

/// What a deflate stream (RFC 1951) holds, and how many bytes it takes.
fn inflate(stream: &[u8], flags: u32) -> Option<(Zeroizing<Vec<u8>>, usize)> {
    let mut content = Zeroizing::new(vec![0; MAX_BODY + 1]);
    let flags = flags | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let mut decompressor = Box::<DecompressorOxide>::default();
    let (status, used, length) = decompress(&mut decompressor, stream, &mut content, 0, flags);
    content.truncate(length);
    matches!(status, TINFLStatus::Done | TINFLStatus::HasMoreOutput).then_some((content, used))
}

/// The checksum of RFC 1952 section 8.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `{"error":"invalid_scope"}`, by gzip(1) with the name of a file, by zlib, and as a bare stream.
    const TEXT: &[u8] = br#"{"error":"invalid_scope"}"#;
    const BARE: &[u8] = b"\xab\x56\x4a\x2d\x2a\xca\x2f\x52\xb2\x52\xca\xcc\x2b\x4b\xcc\xc9\x4c\x89\x2f\x4e\xce\x2f\x48\x55\xaa\x05\x00";
    const CRC: u32 = 0x496386fb;

    fn gzip(flags: u8, fields: &[u8]) -> Vec<u8> {
        let header = [0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3];
        [&header, fields, BARE, &CRC.to_le_bytes(), &(TEXT.len() as u32).to_le_bytes()].concat()
    }

    fn decoded(codings: &str, body: &[u8]) -> Option<Vec<u8>> {
        decode(codings, body).map(|body| body.to_vec())
    }

    #[test]
    fn codings_that_were_not_asked_for_are_taken_off() {
        for (flags, fields) in [
            (0, &b""[..]),
            (8, b"name\0"),
            (16, b"comment\0"),
            (2, b"\0\0"),
            (28, b"\x02\0xxname\0comment\0"),
        ] {
            assert_eq!(decoded("gzip", &gzip(flags, fields)).as_deref(), Some(TEXT), "{flags}");
        }
        let zlib = [b"\x78\x9c", BARE, &0x76460945_u32.to_be_bytes()].concat();
        for (codings, body) in
            [("X-GZIP", gzip(0, b"")), ("deflate", zlib), (" deflate ", BARE.to_vec())]
        {
            assert_eq!(decoded(codings, &body).as_deref(), Some(TEXT), "{codings}");
        }
        assert_eq!(decoded("identity, gzip", &gzip(0, b"")).as_deref(), Some(TEXT));
    }

    #[test]
    fn what_is_not_coded_so_stays_as_it_is() {
        for (codings, body) in
            [("", TEXT), ("identity", TEXT), ("gzip", TEXT), ("deflate", TEXT), ("br", TEXT)]
        {
            assert_eq!(decoded(codings, body), None, "{codings}");
        }
        let whole = gzip(0, b"");
        for length in 0..whole.len() - 4 {
            assert_eq!(decoded("gzip", &whole[..length]), None, "{length}");
        }
        let mut wrong_checksum = whole.clone();
        wrong_checksum[whole.len() - 8] ^= 1;
        assert_eq!(decoded("gzip", &wrong_checksum), None);
        assert_eq!(decoded("gzip", &gzip(4, b"\xff\xff")), None);
    }
}
