//! This library has no client certificate to give, and notes where one is demanded.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;

/// Whether the last handshake demanded a client certificate.
#[derive(Debug, Default)]
pub(crate) struct NoClientCertificate(AtomicBool);

impl NoClientCertificate {
    pub(crate) fn forget(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    pub(crate) fn was_demanded(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl ResolvesClientCert for NoClientCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.store(true, Ordering::Relaxed);
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_no_certificate_also_where_one_is_demanded() {
        let none = NoClientCertificate::default();
        assert!(none.resolve(&[], &[]).is_none());
        assert!(none.was_demanded() && !none.has_certs());
    }
}
