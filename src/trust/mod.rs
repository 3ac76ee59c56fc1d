//! Whose certificates are believed, as a TLS configuration.

mod client_certificate;
mod clock;
mod crypto_provider;
pub(crate) mod pem;
mod roots;
mod system_store;
mod witness;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::{ClientConfig, RootCertStore};

use client_certificate::NoClientCertificate;
use clock::WallClock;
pub(crate) use crypto_provider::check_random;
use crypto_provider::provider;
use roots::{no_trust_roots, read_file, unreadable, verifier_of};

use crate::environment::Environment;
use crate::reading::{GoesOn, Readings};
use crate::regular_file::shown;
use crate::{Error, Status};

pub(crate) use witness::Witness;

/// Which certificate authorities a server's certificate may come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(i32)]
pub enum Trust {
    /// The certificate authorities that the operating system trusts.
    #[default]
    System = 0,
    /// Mozilla's list as of this library's build, for containers and old systems without a store.
    Bundled = 1,
}

impl Trust {
    /// The trust with this number, where there is one.
    pub fn from_code(code: i32) -> Option<Self> {
        [Trust::System, Trust::Bundled].into_iter().find(|trust| *trust as i32 == code)
    }
}

/// TLS 1.2 and 1.3 with one set of trust roots, and how messages name that set. There is no way to
/// turn verification off.
#[derive(Clone)]
pub(crate) struct TrustRoots {
    tls: Arc<ClientConfig>,
    verifier: Verifier,
    pub(crate) name: String,
    pub(crate) client_certificate: Arc<NoClientCertificate>,
    pub(crate) witness: Arc<Witness>,
}

/// Asked before files are read in a handshake and every 20 ms meanwhile, whether it goes on; the error ends it.
pub(crate) type GoesOnInHandshake = Arc<dyn Fn() -> Result<(), Error> + Send + Sync>;

/// What verifies certificates.
#[derive(Clone)]
pub(crate) enum Verifier {
    /// For all connections.
    Shared(Arc<dyn ServerCertVerifier>),
    /// For each connection another, since it reads files in the handshake.
    OfConnection(Arc<dyn Fn(GoesOnInHandshake) -> Arc<dyn ServerCertVerifier> + Send + Sync>),
}

/// Where trust roots are read from, in files that can hang.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TrustSource {
    File(PathBuf),
    Bundled,
    System(system_store::Store),
}

impl TrustSource {
    /// The CA file where one is given, else what `trust` names. Reads the environment and no file.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for what the environment holds.
    pub(crate) fn of(
        ca_file: Option<&Path>,
        trust: Trust,
        environment: &Environment,
    ) -> Result<Self, Error> {
        Ok(match (ca_file, trust) {
            (Some(path), _) => TrustSource::File(path.to_owned()),
            (None, Trust::Bundled) => TrustSource::Bundled,
            (None, Trust::System) => TrustSource::System(system_store::Store::of(environment)?),
        })
    }

    /// Reads it on this thread, which may hang as long as the files do, or waits for a thread that does so already, as
    /// long as `goes_on`.
    ///
    /// # Errors
    /// `NO_TRUST_ROOTS` where there is no usable certificate, and as [`Readings::here`].
    pub(crate) fn read_here(self, goes_on: GoesOn<'_>) -> Result<TrustRoots, Error> {
        TrustRoots::new(READINGS.here(self.clone(), TrustSource::read, goes_on)?, &self)
    }

    /// As [`TrustSource::read_here`], on a thread of the library.
    ///
    /// # Errors
    /// As [`TrustSource::read_here`] and [`Readings::aside`].
    pub(crate) fn read_aside(self, goes_on: GoesOn<'_>) -> Result<TrustRoots, Error> {
        match self {
            // There is no file to hang.
            TrustSource::Bundled => self.read_here(goes_on),
            TrustSource::File(_) | TrustSource::System(_) => {
                TrustRoots::new(READINGS.aside(self.clone(), TrustSource::read, goes_on)?, &self)
            }
        }
    }

    fn read(&self) -> Result<Verifier, Error> {
        check_random().map_err(|_| {
            let words =
                "this machine has no random numbers to give now, which TLS needs; try later";
            Error::new(Status::Resources, words).retryable()
        })?;
        Ok(match self {
            TrustSource::File(path) => Verifier::Shared(verifier_of(read_ca_file(path)?)?),
            TrustSource::Bundled => Verifier::Shared(bundled_verifier()?),
            TrustSource::System(store) => store.verifier()?,
        })
    }
}

/// How messages name it.
impl fmt::Display for TrustSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TrustSource::File(path) => write!(f, "the CA file {}", shown(path)),
            TrustSource::Bundled => f.write_str("the bundled list of Mozilla"),
            TrustSource::System(_) => f.write_str("the system's store"),
        }
    }
}

static READINGS: Readings<TrustSource, Verifier> = Readings::new();

impl TrustRoots {
    fn new(verifier: Verifier, source: &TrustSource) -> Result<Self, Error> {
        let of_all = match &verifier {
            Verifier::Shared(verifier) => Arc::clone(verifier),
            Verifier::OfConnection(make) => make(Arc::new(|| Ok(()))),
        };
        let witness = Arc::new(Witness::new(of_all));
        let client_certificate = Arc::new(NoClientCertificate::default());
        let mut tls = ClientConfig::builder_with_details(provider(), Arc::new(WallClock))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(|_| Error::internal("the TLS library does not know TLS 1.2 and 1.3"))?
            .dangerous()
            // Not dangerous here: each of the three verifies in full, and the witness leaves the verdict to it.
            .with_custom_certificate_verifier(Arc::clone(&witness) as _)
            .with_client_cert_resolver(Arc::clone(&client_certificate) as _);
        // The store of sessions has a lock, which a child forked at the wrong moment would find held for
        // ever, and holds secrets. A token an hour gains nothing from it.
        tls.resumption = Resumption::disabled();
        let name = source.to_string();
        Ok(TrustRoots { tls: Arc::new(tls), verifier, name, client_certificate, witness })
    }

    /// The configuration of one connection. Where its handshake waits for files, it asks `goes_on`, whose error ends
    /// it.
    pub(crate) fn of_connection(&self, goes_on: GoesOnInHandshake) -> Arc<ClientConfig> {
        let Verifier::OfConnection(make) = &self.verifier else { return Arc::clone(&self.tls) };
        let mut tls = ClientConfig::clone(&self.tls);
        tls.dangerous().set_certificate_verifier(Arc::new(self.witness.of(make(goes_on))));
        Arc::new(tls)
    }
}

fn bundled_verifier() -> Result<Arc<WebPkiServerVerifier>, Error> {
    verifier_of(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
}

fn read_ca_file(path: &Path) -> Result<RootCertStore, Error> {
    let refuse = |why: String| no_trust_roots(format!("ca_file {}: {why}", shown(path)));

    let pem =
        read_file(path).map_err(|error| unreadable(&format!("ca_file {}", shown(path)), &error))?;
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

    fn read(
        ca_file: Option<&Path>,
        trust: Trust,
        environment: &Environment,
    ) -> Result<TrustRoots, Error> {
        TrustSource::of(ca_file, trust, environment)?.read_here(&mut || Ok(()))
    }

    fn load(ca_file: Option<&Path>, trust: Trust) -> Result<TrustRoots, Error> {
        read(ca_file, trust, &Environment::from_lookup(|_| None))
    }

    #[test]
    fn a_missing_ca_file_is_named_with_its_path() {
        let error = load(Some(Path::new("/no/such/ca.pem")), Trust::System).err().unwrap();
        assert_eq!(error.status(), Status::NoTrustRoots);
        assert!(error.message().contains("ca_file /no/such/ca.pem"), "{error}");
    }

    #[test]
    fn a_ca_file_without_a_certificate_is_refused() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        let error = load(Some(Path::new(path)), Trust::System).err().unwrap();
        assert!(error.message().contains("holds no certificate in PEM"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_not_read() {
        for path in ["/dev/zero", "/"] {
            let error = load(Some(Path::new(path)), Trust::System).err().unwrap();
            assert!(error.message().contains("it is not a regular file"), "{error}");
            let environment = Environment::from_lookup(|name| {
                (name == "SSL_CERT_FILE").then(|| "/dev/zero".into())
            });
            let error = read(None, Trust::System, &environment).err();
            assert!(cfg!(target_vendor = "apple") || error.is_some());
        }
    }

    #[test]
    fn a_trust_is_known_by_its_number() {
        let known = [Trust::System, Trust::Bundled].map(|trust| Trust::from_code(trust as i32));
        assert_eq!(known, [Some(Trust::System), Some(Trust::Bundled)]);
        assert_eq!([-1, 2, 7].map(Trust::from_code), [None; 3]);
    }

    #[test]
    // promise: no-session
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
