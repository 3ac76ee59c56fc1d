//! Keeps the certificate that a server presents, also where it is refused.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

/// Leaves every verdict to the verifier, and keeps the certificate that it was asked about last.
pub(crate) struct Witness {
    verifier: Arc<dyn ServerCertVerifier>,
    presented: Arc<Mutex<Option<Vec<u8>>>>,
}

impl Witness {
    pub(super) fn new(verifier: Arc<dyn ServerCertVerifier>) -> Self {
        Witness { verifier, presented: Arc::default() }
    }

    /// Another one for this verifier, which keeps what it is asked about in the same place.
    pub(super) fn of(&self, verifier: Arc<dyn ServerCertVerifier>) -> Self {
        Witness { verifier, presented: Arc::clone(&self.presented) }
    }

    /// The certificate that was presented last, in DER.
    pub(crate) fn presented(&self) -> Option<Vec<u8>> {
        self.presented.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Witness")
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        *self.presented.lock().unwrap_or_else(PoisonError::into_inner) = Some(end_entity.to_vec());
        self.verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }

    fn requires_raw_public_keys(&self) -> bool {
        self.verifier.requires_raw_public_keys()
    }

    fn root_hint_subjects(&self) -> Option<&[DistinguishedName]> {
        self.verifier.root_hint_subjects()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Refuses each certificate, and answers what else it is asked as no default does.
    #[derive(Debug)]
    struct Refuses {
        names: Vec<DistinguishedName>,
        wants_raw_keys: bool,
    }

    impl ServerCertVerifier for Refuses {
        fn verify_server_cert(
            &self,
            _: &CertificateDer<'_>,
            _: &[CertificateDer<'_>],
            _: &ServerName<'_>,
            _: &[u8],
            _: UnixTime,
        ) -> Result<ServerCertVerified, Error> {
            Err(Error::General("refused".into()))
        }

        fn verify_tls12_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            unreachable!("no handshake")
        }

        fn verify_tls13_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            unreachable!("no handshake")
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            vec![SignatureScheme::ED448]
        }

        fn requires_raw_public_keys(&self) -> bool {
            self.wants_raw_keys
        }

        fn root_hint_subjects(&self) -> Option<&[DistinguishedName]> {
            Some(&self.names)
        }
    }

    fn witness(wants_raw_keys: bool) -> Witness {
        let names = vec![DistinguishedName::from(vec![1, 2])];
        Witness::new(Arc::new(Refuses { names, wants_raw_keys }))
    }

    #[test]
    fn the_certificate_of_the_last_refusal_is_kept() {
        let witness = witness(false);
        assert_eq!(witness.presented(), None);
        for der in [[1, 2], [3, 4]] {
            let certificate = CertificateDer::from(der.to_vec());
            let name = ServerName::try_from("api.example").unwrap();
            let now = UnixTime::since_unix_epoch(std::time::Duration::ZERO);
            let verdict = witness.verify_server_cert(&certificate, &[], &name, &[], now);
            assert_eq!(verdict.unwrap_err(), Error::General("refused".into()));
            assert_eq!(witness.presented(), Some(der.to_vec()));
        }
    }

    #[test]
    fn the_verifier_answers_what_else_is_asked() {
        for wants_raw_keys in [false, true] {
            let witness = witness(wants_raw_keys);
            assert_eq!(witness.supported_verify_schemes(), [SignatureScheme::ED448]);
            assert_eq!(witness.requires_raw_public_keys(), wants_raw_keys);
            let names: Vec<&[u8]> =
                witness.root_hint_subjects().unwrap().iter().map(AsRef::as_ref).collect();
            assert_eq!(names, [[1, 2]]);
        }
    }

    #[test]
    fn debug_output_names_the_type_alone() {
        assert_eq!(format!("{:?}", witness(false)), "Witness");
    }
}
