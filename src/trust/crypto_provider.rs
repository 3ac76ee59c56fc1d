//! The cryptography of a TLS client, and nothing else.
//!
//! ring's own provider for rustls also holds what a server or a client certificate needs: reading
//! private keys and signing with them. Left out here, it is left out of the library.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use rustls::crypto::ring::ALL_KX_GROUPS;
use rustls::crypto::ring::cipher_suite as suites;
use rustls::crypto::{
    CryptoProvider, GetRandomFailed, KeyProvider, SecureRandom, WebPkiSupportedAlgorithms,
};
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::SigningKey;
use rustls::{Error, SignatureScheme, SupportedCipherSuite};
use webpki::ring as algorithms;

/// The provider, made once a process.
///
/// A swap and not a `OnceLock`: a process that forks while another thread fills a `OnceLock` has a
/// child that waits for that thread for ever.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: ArcSwapOption<CryptoProvider> = ArcSwapOption::const_empty();
    if let Some(provider) = PROVIDER.load_full() {
        return provider;
    }
    let provider = Arc::new(CryptoProvider {
        cipher_suites: CIPHERS.to_vec(),
        kx_groups: ALL_KX_GROUPS.to_vec(),
        signature_verification_algorithms: SIGNATURES,
        secure_random: &SystemRandom,
        key_provider: &NoPrivateKeys,
    });
    PROVIDER.store(Some(Arc::clone(&provider)));
    provider
}

/// AES-GCM with forward secrecy: what TLS 1.3 demands (RFC 8446 section 9.1) and every server of
/// TLS 1.2 that is still safe offers. ChaCha20 only is quicker, where a processor knows no AES, for
/// more bytes than a token has. AES-128 comes first for its SHA-256, which processors have in
/// hardware: a handshake of one request spends more on hashing than on its data.
static CIPHERS: &[SupportedCipherSuite] = &[
    suites::TLS13_AES_128_GCM_SHA256,
    suites::TLS13_AES_256_GCM_SHA384,
    suites::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    suites::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    suites::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    suites::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
];

/// The signatures that certificates and handshakes may bear: RSA of at least 2048 bits, ECDSA and
/// Ed25519.
static SIGNATURES: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: &[
        algorithms::ECDSA_P256_SHA256,
        algorithms::ECDSA_P256_SHA384,
        algorithms::ECDSA_P384_SHA256,
        algorithms::ECDSA_P384_SHA384,
        algorithms::ED25519,
        algorithms::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
        algorithms::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
        algorithms::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
        algorithms::RSA_PKCS1_2048_8192_SHA256,
        algorithms::RSA_PKCS1_2048_8192_SHA384,
        algorithms::RSA_PKCS1_2048_8192_SHA512,
        algorithms::RSA_PKCS1_2048_8192_SHA256_ABSENT_PARAMS,
        algorithms::RSA_PKCS1_2048_8192_SHA384_ABSENT_PARAMS,
        algorithms::RSA_PKCS1_2048_8192_SHA512_ABSENT_PARAMS,
    ],
    // TLS 1.2 does not tie the curve to the scheme; TLS 1.3 takes the first of each.
    mapping: &[
        (
            SignatureScheme::ECDSA_NISTP384_SHA384,
            &[algorithms::ECDSA_P384_SHA384, algorithms::ECDSA_P256_SHA384],
        ),
        (
            SignatureScheme::ECDSA_NISTP256_SHA256,
            &[algorithms::ECDSA_P256_SHA256, algorithms::ECDSA_P384_SHA256],
        ),
        (SignatureScheme::ED25519, &[algorithms::ED25519]),
        (SignatureScheme::RSA_PSS_SHA512, &[algorithms::RSA_PSS_2048_8192_SHA512_LEGACY_KEY]),
        (SignatureScheme::RSA_PSS_SHA384, &[algorithms::RSA_PSS_2048_8192_SHA384_LEGACY_KEY]),
        (SignatureScheme::RSA_PSS_SHA256, &[algorithms::RSA_PSS_2048_8192_SHA256_LEGACY_KEY]),
        (SignatureScheme::RSA_PKCS1_SHA512, &[algorithms::RSA_PKCS1_2048_8192_SHA512]),
        (SignatureScheme::RSA_PKCS1_SHA384, &[algorithms::RSA_PKCS1_2048_8192_SHA384]),
        (SignatureScheme::RSA_PKCS1_SHA256, &[algorithms::RSA_PKCS1_2048_8192_SHA256]),
    ],
};

/// Checks that there are random numbers. To be called before the TLS library is used: it fills maps of the standard
/// library, which panic without.
///
/// # Errors
/// `FailedToGetRandomBytes` of the TLS library.
pub(crate) fn check_random() -> Result<(), Error> {
    SystemRandom.fill(&mut [0]).map_err(Error::from)
}

#[derive(Debug)]
struct SystemRandom;

impl SecureRandom for SystemRandom {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), GetRandomFailed> {
        getrandom::getrandom(buffer).map_err(|_| GetRandomFailed)
    }
}

#[derive(Debug)]
struct NoPrivateKeys;

impl KeyProvider for NoPrivateKeys {
    fn load_private_key(&self, _: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, Error> {
        Err(Error::General("no client certificates are used".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_bytes_are_drawn() {
        let drawn = [(); 2].map(|()| {
            let mut bytes = [0; 32];
            provider().secure_random.fill(&mut bytes).unwrap();
            bytes
        });
        assert!(drawn[0] != drawn[1] && drawn[0] != [0; 32] && drawn[1] != [0; 32]);
    }
}
