//! The certificate authorities that the operating system trusts.

use crate::Error;
use crate::trust::no_trust_roots;

#[cfg(not(all(unix, not(target_vendor = "apple"), not(target_os = "android"))))]
pub(crate) use by_the_system::verifier;
#[cfg(all(unix, not(target_vendor = "apple"), not(target_os = "android")))]
pub(crate) use in_files::verifier;

fn no_store() -> Error {
    no_trust_roots(
        "the system has no certificate authorities to trust; install its package of them \
         (ca-certificates), give a file with the ca_file option (sm_options_set_ca_file), or trust the \
         bundled list (SM_TRUST_BUNDLED)",
    )
}

/// A store in files, where OpenSSL would look for them too.
#[cfg(all(unix, not(target_vendor = "apple"), not(target_os = "android")))]
mod in_files {
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    use rustls::client::WebPkiServerVerifier;
    use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    use rustls::{CertificateError, DigitallySignedStruct, RootCertStore, SignatureScheme};

    use crate::environment::Environment;
    use crate::trust::{read_file, verifier_of};
    use crate::{Error, pem, sys};

    /// What verifies against the system's store.
    ///
    /// # Errors
    /// `NO_TRUST_ROOTS` where the store is empty.
    pub(crate) fn verifier(
        environment: &Environment,
    ) -> Result<Arc<dyn ServerCertVerifier>, Error> {
        let (file, directories) = places(environment)?;
        match verifier_of(roots_in(file)) {
            Ok(file) if directories.is_empty() => Ok(file),
            Ok(file) => Ok(Arc::new(FileThenDirectories { file, directories })),
            Err(_) => match verifier_of(roots_in(all_in(&directories))) {
                Ok(directories) => Ok(directories),
                Err(_) => Err(super::no_store()),
            },
        }
    }

    /// A file and directories: what `SSL_CERT_FILE` and `SSL_CERT_DIR` name, else the one file that
    /// holds all, else the directories.
    fn places(environment: &Environment) -> Result<(Option<PathBuf>, Vec<PathBuf>), Error> {
        let file = environment.get("SSL_CERT_FILE")?.map(PathBuf::from);
        let paths = environment.get("SSL_CERT_DIR")?.unwrap_or_default();
        let directories: Vec<PathBuf> =
            std::env::split_paths(&paths).filter(|path| !path.as_os_str().is_empty()).collect();
        if file.is_some() || !directories.is_empty() {
            return Ok((file, directories));
        }
        if sys::has_raised_privileges() {
            // The probe for the one file also looks at the environment.
            return Ok((None, openssl_probe::candidate_cert_dirs().map(Path::to_owned).collect()));
        }
        let found = openssl_probe::probe();
        match found.cert_file {
            Some(file) => Ok((Some(file), Vec::new())),
            None => Ok((None, found.cert_dir)),
        }
    }

    fn all_in(directories: &[PathBuf]) -> impl Iterator<Item = PathBuf> {
        directories
            .iter()
            .filter_map(|directory| std::fs::read_dir(directory).ok())
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
    }

    /// What can't be read, or is no certificate authority's, is passed over: a store holds some of
    /// these.
    fn roots_in(files: impl IntoIterator<Item = PathBuf>) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        for path in files {
            let pem = read_file(&path).unwrap_or_default();
            roots.add_parsable_certificates(pem::certificates(&pem).filter_map(Result::ok));
        }
        roots
    }

    /// Reads the directories, some hundred files, only for an issuer that is not in the file.
    #[derive(Debug)]
    struct FileThenDirectories {
        file: Arc<WebPkiServerVerifier>,
        directories: Vec<PathBuf>,
    }

    impl ServerCertVerifier for FileThenDirectories {
        fn verify_server_cert(
            &self,
            end_entity: &CertificateDer<'_>,
            intermediates: &[CertificateDer<'_>],
            server_name: &ServerName<'_>,
            ocsp_response: &[u8],
            now: UnixTime,
        ) -> Result<ServerCertVerified, rustls::Error> {
            let against = |roots: &WebPkiServerVerifier| {
                roots.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            };
            match against(&self.file) {
                // Of two authorities with one name the file may hold the other: a bad signature.
                Err(rustls::Error::InvalidCertificate(
                    error @ (CertificateError::UnknownIssuer | CertificateError::BadSignature),
                )) => match verifier_of(roots_in(all_in(&self.directories))) {
                    Ok(roots) => against(&roots),
                    Err(_) => Err(rustls::Error::InvalidCertificate(error)),
                },
                decided => decided,
            }
        }

        fn verify_tls12_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            self.file.verify_tls12_signature(message, certificate, signed)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            self.file.verify_tls13_signature(message, certificate, signed)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.file.supported_verify_schemes()
        }
    }
}

/// A store of the operating system's own, which also verifies.
#[cfg(not(all(unix, not(target_vendor = "apple"), not(target_os = "android"))))]
mod by_the_system {
    use std::sync::Arc;

    use rustls::client::danger::ServerCertVerifier;

    use crate::Error;
    use crate::cryptography::provider;
    use crate::environment::Environment;

    /// What verifies against the system's store.
    ///
    /// # Errors
    /// `NO_TRUST_ROOTS` where there is none.
    pub(crate) fn verifier(_: &Environment) -> Result<Arc<dyn ServerCertVerifier>, Error> {
        match rustls_platform_verifier::Verifier::new(provider()) {
            Ok(verifier) => Ok(Arc::new(verifier)),
            Err(_) => Err(super::no_store()),
        }
    }
}
