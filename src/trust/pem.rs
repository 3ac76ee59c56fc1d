//! The certificates in a PEM text (RFC 7468).
//!
//! The TLS library's own reader decodes in constant time, for private keys. A system's store has
//! 200 KB of public certificates, and reading it that way takes more than twice the time of the
//! whole rest of a fetch.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rustls::pki_types::CertificateDer;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";

/// What a certificate's boundary says, and whether OpenSSL's settings of trust follow it.
const LABELS: [(&[u8], bool); 3] = [
    (b"CERTIFICATE-----", false),
    (b"X509 CERTIFICATE-----", false),
    (b"TRUSTED CERTIFICATE-----", true),
];

/// A certificate that does not end, or is not in Base64.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// Reads the certificates one by one; whatever stands between them is passed over.
pub(crate) fn certificates(
    text: &[u8],
) -> impl Iterator<Item = Result<CertificateDer<'static>, Malformed>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let (after, label, is_trusted) = from_boundary(rest)?;
            rest = after;
            // No dash is in Base64, so the next one ends it.
            let Some(end) = memchr::memchr(b'-', rest).filter(|end| ends(&rest[*end..], label))
            else {
                rest = &[];
                return Some(Err(Malformed));
            };
            let (body, after) = rest.split_at(end);
            rest = &after[END.len() + label.len()..];
            let mut digits = Vec::with_capacity(body.len());
            for line in lines(body) {
                digits.extend_from_slice(line.trim_ascii());
            }
            let Ok(bytes) = BASE64_STANDARD.decode(digits) else { return Some(Err(Malformed)) };
            if !is_trusted {
                return Some(Ok(bytes.into()));
            }
            match openssl_trust::certificate(&bytes) {
                Some((certificate, true)) => return Some(Ok(certificate.to_vec().into())),
                Some((_, false)) => {}
                None => return Some(Err(Malformed)),
            }
        }
    })
}

/// The lines, each but the first with the line break before it.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut start = 0;
    memchr::memchr_iter(b'\n', text).chain([text.len()]).map(move |end| {
        let line = &text[start..end];
        start = end;
        line
    })
}

/// What follows the next boundary where a certificate begins, what it says, and whether settings of trust follow.
fn from_boundary(mut text: &[u8]) -> Option<(&[u8], &'static [u8], bool)> {
    loop {
        text = &text[memchr::memchr(b'-', text)?..];
        if let Some(label) = text.strip_prefix(BEGIN) {
            for (due, is_trusted) in LABELS {
                if let Some(after) = label.strip_prefix(due) {
                    return Some((after, due, is_trusted));
                }
            }
        }
        text = &text[1..];
    }
}

fn ends(text: &[u8], label: &[u8]) -> bool {
    text.strip_prefix(END).is_some_and(|said| said.starts_with(label))
}

/// OpenSSL's `TRUSTED CERTIFICATE`: a certificate, and for what it is trusted or not (`X509_CERT_AUX`).
mod openssl_trust {
    const SEQUENCE: u8 = 0x30;
    const REJECTED: u8 = 0xa0;
    /// `id-kp-serverAuth` and `anyExtendedKeyUsage`, as object identifiers in DER.
    const SERVER: &[u8] = &[0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
    const ANYTHING: &[u8] = &[0x06, 0x04, 0x55, 0x1d, 0x25, 0x00];

    /// The certificate, and whether it is trusted for servers.
    pub(super) fn certificate(bytes: &[u8]) -> Option<(&[u8], bool)> {
        let (SEQUENCE, _, settings) = element(bytes)? else { return None };
        let certificate = &bytes[..bytes.len() - settings.len()];
        if settings.is_empty() {
            return Some((certificate, true));
        }
        let (SEQUENCE, mut settings, []) = element(settings)? else { return None };
        let mut is_trusted = true;
        while !settings.is_empty() {
            let (tag, purposes, rest) = element(settings)?;
            match tag {
                SEQUENCE => is_trusted &= names_server(purposes)?,
                REJECTED => is_trusted &= !names_server(purposes)?,
                // A name for people, or an identifier of the key.
                _ => {}
            }
            settings = rest;
        }
        Some((certificate, is_trusted))
    }

    fn names_server(mut purposes: &[u8]) -> Option<bool> {
        let mut found = false;
        while !purposes.is_empty() {
            let (_, _, rest) = element(purposes)?;
            let purpose = &purposes[..purposes.len() - rest.len()];
            found |= purpose == SERVER || purpose == ANYTHING;
            purposes = rest;
        }
        Some(found)
    }

    /// The tag and content of the DER element at the start, and what follows it.
    pub(super) fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
        let (&[tag, first], mut rest) = bytes.split_first_chunk()?;
        let mut length = usize::from(first);
        if first >= 0x80 {
            let digits = usize::from(first & 0x7f);
            if !(1..=3).contains(&digits) {
                return None;
            }
            let (big_endian, after) = rest.split_at_checked(digits)?;
            length = big_endian.iter().fold(0, |length, digit| length * 256 + usize::from(*digit));
            rest = after;
        }
        let (content, after) = rest.split_at_checked(length)?;
        Some((tag, content, after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn the_other_labels_of_openssl_are_read_and_its_settings_heeded() {
        let labeled = |label: &str, der: &[u8]| {
            let digits = BASE64_STANDARD.encode(der);
            read(&format!("-----BEGIN {label}-----\n{digits}\n-----END {label}-----\n"))
        };
        let certificate = [0x30, 2, 5, 0];
        assert_eq!(labeled("X509 CERTIFICATE", &certificate), [Ok(certificate.to_vec())]);
        assert_eq!(labeled("CERTIFICATE REQUEST", &certificate), []);
        let server = [0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
        let email = [0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x04];
        let of = |tag: u8, content: &[u8]| [&[tag, content.len() as u8], content].concat();
        let trusted = |settings: &[u8]| {
            labeled("TRUSTED CERTIFICATE", &[&certificate, of(0x30, settings).as_slice()].concat())
        };
        let taken = [Ok(certificate.to_vec())];
        assert_eq!(labeled("TRUSTED CERTIFICATE", &certificate), taken);
        assert_eq!(trusted(&[]), taken);
        assert_eq!(trusted(&of(0x30, &server)), taken);
        assert_eq!(trusted(&of(0x30, &[0x06, 0x04, 0x55, 0x1d, 0x25, 0x00])), taken);
        assert_eq!(trusted(&of(0x0c, b"a name")), taken);
        assert_eq!(trusted(&of(0xa0, &email)), taken);
        assert_eq!(trusted(&of(0x30, &[email.as_slice(), &server].concat())), taken);
        assert_eq!(trusted(&of(0x30, &[server.as_slice(), &email].concat())), taken);
        assert_eq!(trusted(&of(0x30, &email)), []);
        assert_eq!(trusted(&of(0xa0, &server)), []);
        assert_eq!(labeled("TRUSTED CERTIFICATE", &[0x30, 9]), [Err(Malformed)]);
        assert_eq!(trusted(&[0x30, 9]), [Err(Malformed)]);
    }

    #[test]
    fn the_length_of_an_element_has_up_to_three_digits() {
        let long = [&[0x30, 0x82, 1, 2], [7; 0x102].as_slice(), &[9]].concat();
        let (tag, content, rest) = openssl_trust::element(&long).unwrap();
        assert_eq!((tag, content.len(), rest), (0x30, 0x102, [9].as_slice()));
        for refused in [
            [0x30, 0x80, 0].as_slice(),
            &[0x30, 0x84, 0, 0, 0, 0],
            &[0x30, 0x81],
            &[0x30, 2, 1],
            &[0x30],
        ] {
            assert_eq!(openssl_trust::element(refused), None, "{refused:?}");
        }
    }

    #[cfg(all(unix, not(target_vendor = "apple"), not(target_os = "android")))]
    #[test]
    fn a_systems_store_is_read_as_the_tls_library_reads_it() {
        use rustls::pki_types::pem::PemObject;
        let Some(store) = openssl_probe::probe().cert_file else { return };
        let store = std::fs::read(store).unwrap();
        let ours: Vec<_> = certificates(&store).map(Result::unwrap).collect();
        let theirs: Vec<_> = CertificateDer::pem_slice_iter(&store).map(Result::unwrap).collect();
        assert_eq!(ours, theirs);
    }
}
