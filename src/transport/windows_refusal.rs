//! Why the verifier of Windows refuses a certificate, where it gives a number alone.

use rustls::CertificateError;

/// What a number stands for.
#[derive(Debug, PartialEq)]
pub(super) enum Refusal {
    /// The same that this library's own verifier refuses.
    Known(CertificateError),
    /// What only Windows refuses.
    Told(&'static str),
}

const NOT_CHECKED: &str = "can't be checked for revocation: this machine does not reach the list of its issuer, or the \
     issuer names none; open the way to it, or give the issuer's certificate authority with the ca_file option, where \
     revocation is not looked for";

/// Reads the number at the end of what the verifier says, as the standard library writes it: `(os error -2146762482)`.
/// Returns it as Windows writes it, with its meaning; `None` where there is no number.
pub(super) fn read(said: &str) -> Option<(String, Option<Refusal>)> {
    let number = said.rsplit_once("(os error ")?.1.strip_suffix(')')?.parse::<i32>().ok()?;
    Some((format!("Windows error 0x{number:08X}"), meaning(number as u32)))
}

/// By the names of winerror.h.
fn meaning(number: u32) -> Option<Refusal> {
    use CertificateError as Why;
    Some(match number {
        // CERT_E_UNTRUSTEDROOT, CERT_E_CHAINING, CERT_E_ISSUERCHAINING, CERT_E_UNTRUSTEDCA
        0x800B_0109 | 0x800B_010A | 0x800B_0107 | 0x800B_0112 => Refusal::Known(Why::UnknownIssuer),
        // CERT_E_EXPIRED
        0x800B_0101 => Refusal::Known(Why::Expired),
        // CERT_E_VALIDITYPERIODNESTING
        0x800B_0102 => Refusal::Told(
            "is valid for longer than its issuer's; check the clock of this machine too",
        ),
        // CERT_E_CN_NO_MATCH, CERT_E_INVALID_NAME
        0x800B_010F | 0x800B_0114 => Refusal::Known(Why::NotValidForName),
        // CRYPT_E_REVOKED, CERT_E_REVOKED
        0x8009_2010 | 0x800B_010C => Refusal::Known(Why::Revoked),
        // CRYPT_E_NO_REVOCATION_DLL, CRYPT_E_NO_REVOCATION_CHECK, CRYPT_E_REVOCATION_OFFLINE, CERT_E_REVOCATION_FAILURE
        0x8009_2011 | 0x8009_2012 | 0x8009_2013 | 0x800B_010E => Refusal::Told(NOT_CHECKED),
        // CERT_E_WRONG_USAGE, CERT_E_PURPOSE
        0x800B_0110 | 0x800B_0106 => Refusal::Known(Why::InvalidPurpose),
        // TRUST_E_CERT_SIGNATURE
        0x8009_6004 => Refusal::Known(Why::BadSignature),
        // CERT_E_ROLE, TRUST_E_BASIC_CONSTRAINTS
        0x800B_0103 | 0x8009_6019 => {
            Refusal::Told("was issued by a certificate that is no certificate authority's")
        }
        // CERT_E_PATHLENCONST
        0x800B_0104 => Refusal::Told(
            "was issued by an authority that may not have another one below it (path length)",
        ),
        // CERT_E_CRITICAL
        0x800B_0105 => Refusal::Told(
            "demands something that Windows does not know (a critical extension); have it issued anew",
        ),
        // CERT_E_MALFORMED
        0x800B_0108 => Refusal::Known(Why::BadEncoding),
        // CERT_E_INVALID_POLICY
        0x800B_0113 => Refusal::Told(
            "was issued under another policy than its issuer allows; have it issued anew",
        ),
        // TRUST_E_EXPLICIT_DISTRUST
        0x800B_0111 => Refusal::Told(
            "is one that the administrator of this machine distrusts, or its issuer is",
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the standard library writes it on Windows, or under wine, which has no text for it.
    fn said(number: u32) -> String {
        format!("A certificate chain could not be built. (os error {})", number as i32)
    }

    #[test]
    fn a_number_is_shown_as_windows_writes_it() {
        let text =
            "OS Error -2146762482 (FormatMessageW() returned error 317) (os error -2146762482)";
        assert_eq!(
            read(text),
            Some(("Windows error 0x800B010E".to_owned(), Some(Refusal::Told(NOT_CHECKED))))
        );
    }

    #[test]
    fn what_windows_refuses_as_this_library_does_is_the_same() {
        use CertificateError as Why;
        for (number, why) in [
            (0x800B_0109, Why::UnknownIssuer),
            (0x800B_010A, Why::UnknownIssuer),
            (0x800B_0107, Why::UnknownIssuer),
            (0x800B_0112, Why::UnknownIssuer),
            (0x800B_0101, Why::Expired),
            (0x800B_010F, Why::NotValidForName),
            (0x800B_0114, Why::NotValidForName),
            (0x8009_2010, Why::Revoked),
            (0x800B_010C, Why::Revoked),
            (0x800B_0110, Why::InvalidPurpose),
            (0x800B_0106, Why::InvalidPurpose),
            (0x8009_6004, Why::BadSignature),
            (0x800B_0108, Why::BadEncoding),
        ] {
            assert_eq!(read(&said(number)).unwrap().1, Some(Refusal::Known(why)), "{number:X}");
        }
    }

    #[test]
    fn what_only_windows_refuses_has_words_of_its_own() {
        for (number, words) in [
            (0x800B_0102, "longer than its issuer's"),
            (0x8009_2011, "revocation"),
            (0x8009_2012, "revocation"),
            (0x8009_2013, "revocation"),
            (0x800B_010E, "revocation"),
            (0x800B_0103, "no certificate authority's"),
            (0x8009_6019, "no certificate authority's"),
            (0x800B_0104, "path length"),
            (0x800B_0105, "critical extension"),
            (0x800B_0113, "policy"),
            (0x800B_0111, "distrusts"),
        ] {
            let Some((_, Some(Refusal::Told(told)))) = read(&said(number)) else {
                panic!("{number:X}")
            };
            assert!(told.contains(words), "{told}");
        }
    }

    #[test]
    fn a_number_without_meaning_is_shown_still() {
        assert_eq!(read(&said(0x8009_1234)), Some(("Windows error 0x80091234".to_owned(), None)));
    }

    #[test]
    fn what_has_no_number_is_none() {
        for text in [
            "",
            "certificate had invalid extensions",
            "(os error )",
            "(os error x)",
            "(os error 1) more",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
