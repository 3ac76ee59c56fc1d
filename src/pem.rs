//! The certificates in a PEM text (RFC 7468).
//!
//! The TLS library's own reader decodes in constant time, for private keys. A system's store has
//! 200 KB of public certificates, and reading it that way takes more than twice the time of the
//! whole rest of a fetch.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rustls::pki_types::CertificateDer;

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
const END: &[u8] = b"-----END CERTIFICATE-----";

/// A certificate that does not end, or is not in Base64.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// Reads the certificates one by one; whatever stands between them is passed over.
pub(crate) fn certificates(
    text: &[u8],
) -> impl Iterator<Item = Result<CertificateDer<'static>, Malformed>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = from_boundary(rest, BEGIN)?;
        // No dash is in Base64, so the next one ends it.
        let Some(end) = memchr::memchr(b'-', rest).filter(|end| rest[*end..].starts_with(END))
        else {
            rest = &[];
            return Some(Err(Malformed));
        };
        let (body, after) = rest.split_at(end);
        rest = &after[END.len()..];
        let mut digits = Vec::with_capacity(body.len());
        for line in lines(body) {
            digits.extend_from_slice(line.trim_ascii());
        }
        Some(BASE64_STANDARD.decode(digits).map(CertificateDer::from).map_err(|_| Malformed))
    })
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut start = 0;
    memchr::memchr_iter(b'\n', text).chain([text.len()]).map(move |end| {
        let line = &text[start..end];
        start = (end + 1).min(text.len());
        line
    })
}

/// What follows the next boundary of this kind.
fn from_boundary<'a>(mut text: &'a [u8], boundary: &[u8]) -> Option<&'a [u8]> {
    loop {
        text = &text[memchr::memchr(b'-', text)?..];
        if let Some(after) = text.strip_prefix(boundary) {
            return Some(after);
        }
        text = &text[1..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::pki_types::pem::PemObject;

    fn read(text: &str) -> Vec<Result<Vec<u8>, Malformed>> {
        certificates(text.as_bytes()).map(|one| one.map(|der| der.to_vec())).collect()
    }

    #[test]
    fn certificates_are_found_among_other_things() {
        let text = "a comment - with a dash\n-----BEGIN CERTIFICATE-----\r\nAQ\r\nID\r\n\
                    -----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nAAAA\n\
                    -----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\nBA==\n\
                    -----END CERTIFICATE-----";
        assert_eq!(read(text), [Ok(vec![1, 2, 3]), Ok(vec![4])]);
        assert_eq!(read(""), []);
        assert_eq!(read("-----BEGIN CERTIFICATE----"), []);
    }

    #[test]
    fn a_certificate_that_does_not_end_or_decode_is_malformed() {
        assert_eq!(read("-----BEGIN CERTIFICATE-----\nAQID\n"), [Err(Malformed)]);
        assert_eq!(
            read("-----BEGIN CERTIFICATE-----\nA?==\n-----END CERTIFICATE-----"),
            [Err(Malformed)]
        );
        let nested = "-----BEGIN CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----";
        assert_eq!(read(nested), [Err(Malformed)]);
    }

    #[test]
    fn a_systems_store_is_read_as_the_tls_library_reads_it() {
        let Some(store) = openssl_probe::probe().cert_file else { return };
        let store = std::fs::read(store).unwrap();
        let ours: Vec<_> = certificates(&store).map(Result::unwrap).collect();
        let theirs: Vec<_> = CertificateDer::pem_slice_iter(&store).map(Result::unwrap).collect();
        assert_eq!(ours, theirs);
    }
}
