//! Whose certificates are believed, as a TLS configuration.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::{ClientConfig, RootCertStore};

use crate::cryptography::provider;
use crate::environment::Environment;
use crate::options::Trust;
use crate::{Error, Status, pem, system_store};

/// A larger file of certificates is refused: 16 MiB.
const MAX_FILE: u64 = 16 * 1024 * 1024;

/// TLS 1.2 and 1.3 with one set of trust roots, and how messages name that set. There is no way to
/// turn verification off.
#[derive(Clone)]
pub(crate) struct TrustRoots {
    pub(crate) tls: Arc<ClientConfig>,
    pub(crate) name: String,
}

impl TrustRoots {
    /// Reads the trust roots: the CA file where one is given, else what `trust` says.
    ///
    /// # Errors
    /// `NO_TRUST_ROOTS` where there is no usable certificate.
    pub(crate) fn load(
        ca_file: Option<&Path>,
        trust: Trust,
        environment: &Environment,
    ) -> Result<Self, Error> {
        let (verifier, name): (Arc<dyn ServerCertVerifier>, _) = match (ca_file, trust) {
            (Some(path), _) => {
                (verifier_of(read_ca_file(path)?)?, format!("the CA file {}", path.display()))
            }
            (None, Trust::Bundled) => {
                (bundled_verifier()?, "the bundled list of Mozilla".to_owned())
            }
            (None, Trust::System) => {
                (system_store::verifier(environment)?, "the system's store".to_owned())
            }
        };
        let mut tls = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(|_| Error::internal("the TLS library does not know TLS 1.2 and 1.3"))?
            .dangerous()
            // Not dangerous here: each of the three verifies in full.
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        // The store of sessions has a lock, which a child forked at the wrong moment would find held for
        // ever, and holds secrets. A token an hour gains nothing from it.
        tls.resumption = Resumption::disabled();
        Ok(TrustRoots { tls: Arc::new(tls), name })
    }
}

pub(crate) fn no_trust_roots(what: impl Into<String>) -> Error {
    Error::new(Status::NoTrustRoots, what)
}

/// Full verification against these roots.
///
/// # Errors
/// `NO_TRUST_ROOTS` where there are none.
pub(crate) fn verifier_of(roots: RootCertStore) -> Result<Arc<WebPkiServerVerifier>, Error> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
        .build()
        .map_err(|_| no_trust_roots("there is no certificate authority to trust"))
}

fn bundled_verifier() -> Result<Arc<WebPkiServerVerifier>, Error> {
    verifier_of(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
}

/// Reads a file of certificates: a regular one, because a pipe could hang and a device never end.
pub(crate) fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(io::Error::other("it is larger than 16 MiB"));
    }
    Ok(bytes)
}

fn read_ca_file(path: &Path) -> Result<RootCertStore, Error> {
    let refuse = |why: String| no_trust_roots(format!("ca_file {}: {why}", path.display()));

    let pem = read_file(path).map_err(|error| refuse(format!("can't be read: {error}")))?;
    let mut roots = RootCertStore::empty();
    for certificate in pem::certificates(&pem) {
        let certificate = certificate
            .map_err(|_| refuse("holds a certificate that is not valid PEM".to_owned()))?;
        roots.add(certificate).map_err(|_| {
            refuse("holds a certificate that can't be a certificate authority's".to_owned())
        })?;
    }
    if roots.is_empty() {
        return Err(refuse("holds no certificate in PEM (-----BEGIN CERTIFICATE-----)".to_owned()));
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(ca_file: Option<&Path>, trust: Trust) -> Result<TrustRoots, Error> {
        TrustRoots::load(ca_file, trust, &Environment::from_lookup(|_| None))
    }

    #[test]
    fn a_missing_ca_file_is_named_with_its_path() {
        let error = load(Some(Path::new("/no/such/ca.pem")), Trust::System).err().unwrap();
        assert_eq!(error.status(), Status::NoTrustRoots);
        assert!(error.message().contains("ca_file /no/such/ca.pem"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_not_read() {
        for path in ["/dev/zero", "/"] {
            let error = load(Some(Path::new(path)), Trust::System).err().unwrap();
            assert!(error.message().ends_with("it is not a regular file"), "{error}");
            let environment = Environment::from_lookup(|name| {
                (name == "SSL_CERT_FILE").then(|| "/dev/zero".into())
            });
            let error = TrustRoots::load(None, Trust::System, &environment).err();
            assert!(cfg!(target_vendor = "apple") || error.is_some());
        }
    }

    #[test]
    fn no_session_is_kept_for_later() {
        let roots = load(None, Trust::Bundled).ok().unwrap();
        let off = Resumption::disabled();
        assert_eq!(format!("{:?}", roots.tls.resumption), format!("{off:?}"));
    }

    #[test]
    fn the_bundled_list_needs_no_file() {
        load(None, Trust::Bundled).ok().unwrap();
    }
}
