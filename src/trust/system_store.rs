//! The certificate authorities that the operating system trusts.

use super::roots::no_trust_roots;
use crate::Error;

#[cfg(not(all(unix, not(target_vendor = "apple"), not(target_os = "android"))))]
pub(crate) use by_the_system::Store;
#[cfg(all(unix, not(target_vendor = "apple"), not(target_os = "android")))]
pub(crate) use in_files::Store;

fn no_store() -> Error {
    no_trust_roots(
        "the system has no certificate authorities to trust; install its package of them \
         (ca-certificates), give a file with the ca_file option, or choose the bundled list with the trust option",
    )
}

/// A store in files, where OpenSSL reads them too.
#[cfg(all(unix, not(target_vendor = "apple"), not(target_os = "android")))]
mod in_files {
    use std::fmt;
    use std::io;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    use rustls::client::WebPkiServerVerifier;
    use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    use rustls::{
        CertificateError, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme,
    };

    use crate::environment::Environment;
    use crate::io_reason::is_out_of_resources;
    use crate::reading::Readings;
    use crate::trust::pem;
    use crate::trust::roots::{no_trust_roots, read_file, unreadable, verifier_of};
    use crate::trust::{GoesOnInHandshake, Verifier};
    use crate::{Error, sys};

    /// What `SSL_CERT_FILE` and `SSL_CERT_DIR` name.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub(crate) struct Store {
        file: Option<PathBuf>,
        directories: Option<String>,
    }

    impl Store {
        /// Reads the environment and no file.
        ///
        /// # Errors
        /// `INVALID_ARGUMENT` where a variable is not UTF-8.
        pub(crate) fn of(environment: &Environment) -> Result<Self, Error> {
            Ok(Store {
                file: environment.get("SSL_CERT_FILE")?.map(PathBuf::from),
                directories: environment.get("SSL_CERT_DIR")?,
            })
        }

        /// What verifies against the system's store.
        ///
        /// # Errors
        /// `NO_TRUST_ROOTS` where the store is empty.
        pub(crate) fn verifier(&self) -> Result<Verifier, Error> {
            let (file, directories) = places(self);
            match verifier_of(roots_in(&file)) {
                Ok(file) if directories.is_empty() => Ok(Verifier::Shared(file)),
                Ok(file) => Ok(Verifier::OfConnection(Arc::new(move |goes_on| {
                    let (file, directories) = (Arc::clone(&file), directories.clone());
                    Arc::new(FileThenDirectories { file, directories, goes_on: Asked(goes_on) })
                }))),
                Err(_) => match verifier_of(roots_in(&all_in(&directories))) {
                    Ok(directories) => Ok(Verifier::Shared(directories)),
                    Err(_) => Err(nothing_in(self, file, &directories)),
                },
            }
        }
    }

    /// Whether all that is looked at could be read, else the first that could not.
    type Found<'a> = Result<(), (&'a Path, io::Error)>;

    /// Why there is nothing to trust: what the variables name, or the lack of a store.
    fn nothing_in(store: &Store, file: Option<PathBuf>, directories: &[PathBuf]) -> Error {
        let found = match &file {
            Some(file) => read_file(file).map(drop).map_err(|error| (file.as_path(), error)),
            None => directories.iter().try_for_each(|directory| {
                std::fs::read_dir(directory).map(drop).map_err(|error| (directory.as_path(), error))
            }),
        };
        let (variable, is_named) = match file {
            Some(_) => ("SSL_CERT_FILE", store.file.is_some()),
            None => ("SSL_CERT_DIR", store.directories.is_some()),
        };
        if is_named {
            let path = file.as_deref().or(directories.first().map(PathBuf::as_path));
            nothing_named_by(variable, path, found)
        } else {
            no_store_where(found)
        }
    }

    /// What was found where the system has its store: nothing, which may be for want of descriptors.
    fn no_store_where(found: Found<'_>) -> Error {
        match found {
            Err((path, error)) if is_out_of_resources(&error) => {
                unreadable(&path.display().to_string(), &error)
            }
            _ => super::no_store(),
        }
    }

    fn nothing_named_by(variable: &str, path: Option<&Path>, found: Found<'_>) -> Error {
        let is_quoted = |path: &Path| {
            let text = path.to_string_lossy();
            text.starts_with(['"', '\'']) || text.ends_with(['"', '\''])
        };
        match found {
            Err((path, error)) => {
                let whose = format!("{variable} names {}, which", path.display());
                if is_quoted(path) {
                    let quotes =
                        "is in quotes, and they are taken for a part of the path; leave them out";
                    return no_trust_roots(format!("{whose} {quotes} ({error})"));
                }
                unreadable(&whose, &error)
            }
            Ok(()) => no_trust_roots(format!(
                "{variable} names {}, which holds no certificate authority in PEM (-----BEGIN \
                 CERTIFICATE-----); name another, or unset the variable",
                path.unwrap_or(Path::new("")).display()
            )),
        }
    }

    /// A file and directories: what `SSL_CERT_FILE` and `SSL_CERT_DIR` name, else the one file that
    /// holds all, else the directories.
    fn places(store: &Store) -> (Option<PathBuf>, Vec<PathBuf>) {
        let file = store.file.clone();
        let paths = store.directories.as_deref().unwrap_or_default();
        let directories: Vec<PathBuf> =
            std::env::split_paths(paths).filter(|path| !path.as_os_str().is_empty()).collect();
        if file.is_some() || !directories.is_empty() {
            return (file, directories);
        }
        if sys::has_raised_privileges() {
            // The probe for the one file also looks at the environment.
            return (None, openssl_probe::candidate_cert_dirs().map(Path::to_owned).collect());
        }
        let found = openssl_probe::probe();
        match found.cert_file {
            Some(file) => (Some(file), Vec::new()),
            None => (None, found.cert_dir),
        }
    }

    fn all_in(directories: &[PathBuf]) -> Vec<PathBuf> {
        directories
            .iter()
            .filter_map(|directory| std::fs::read_dir(directory).ok())
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect()
    }

    /// What can't be read, or is no certificate authority's, is passed over: a store holds some of
    /// these.
    fn roots_in<'a>(files: impl IntoIterator<Item = &'a PathBuf>) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        for path in files {
            let pem = read_file(path).unwrap_or_default();
            roots.add_parsable_certificates(pem::certificates(&pem).filter_map(Result::ok));
        }
        roots
    }

    /// The directories that are read now, each list of them once; `None` where they hold no authority.
    static READINGS: Readings<Vec<PathBuf>, Option<Arc<WebPkiServerVerifier>>> = Readings::new();

    /// Reads the directories, some hundred files, only for an issuer that is not in the file.
    #[derive(Debug)]
    struct FileThenDirectories {
        file: Arc<WebPkiServerVerifier>,
        directories: Vec<PathBuf>,
        goes_on: Asked,
    }

    struct Asked(GoesOnInHandshake);

    impl fmt::Debug for Asked {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Asked")
        }
    }

    impl FileThenDirectories {
        /// What verifies against the directories, read on this thread, or on that of another handshake.
        fn in_directories(&self) -> Result<Option<Arc<WebPkiServerVerifier>>, Error> {
            self.goes_on.0()?;
            READINGS.here(
                self.directories.clone(),
                |directories| Ok(verifier_of(roots_in(&all_in(directories))).ok()),
                &mut || self.goes_on.0(),
            )
        }
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
                )) => match self.in_directories() {
                    Ok(Some(roots)) => against(&roots),
                    Ok(None) => Err(rustls::Error::InvalidCertificate(error)),
                    Err(error) => Err(rustls::Error::Other(OtherError(Arc::new(error)))),
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

    #[cfg(test)]
    mod tests {
        use super::*;
        use crate::Status;

        #[test]
        fn the_variables_name_a_file_and_directories() {
            let read = |lookup| places(&Store::of(&Environment::from_lookup(lookup)).unwrap());
            let both = read(|name| match name {
                "SSL_CERT_FILE" => Some("/a".into()),
                "SSL_CERT_DIR" => Some("/b::/c".into()),
                _ => None,
            });
            assert_eq!(both, (Some("/a".into()), vec!["/b".into(), "/c".into()]));
            let file = read(|name| (name == "SSL_CERT_FILE").then(|| "/a".into()));
            assert_eq!(file, (Some("/a".into()), vec![]));
            let directory = read(|name| (name == "SSL_CERT_DIR").then(|| "/b".into()));
            assert_eq!(directory, (None, vec!["/b".into()]));
        }

        #[test]
        fn what_a_variable_names_in_vain_is_told_with_its_reason() {
            let empty = std::env::temp_dir().join(format!("sm-token-empty-{}", std::process::id()));
            std::fs::write(&empty, "").unwrap();
            let store = |file: &str| Store { file: Some(file.into()), directories: None };
            for (file, words) in [
                ("/nowhere/ca.pem", "can't be read: "),
                ("\"/nowhere/ca.pem", "is in quotes"),
                ("/nowhere/ca.pem'", "is in quotes"),
                (empty.to_str().unwrap(), "holds no certificate authority"),
            ] {
                let message = store(file).verifier().err().unwrap().message().to_owned();
                let start = format!("SSL_CERT_FILE names {file}, which {words}");
                assert!(message.starts_with(&start), "{message}");
            }
            std::fs::remove_file(&empty).unwrap();
            let directory = Store { file: None, directories: Some("/nowhere".into()) };
            let message = directory.verifier().err().unwrap().message().to_owned();
            let start = "SSL_CERT_DIR names /nowhere, which can't be read: ";
            assert!(message.starts_with(start), "{message}");
        }

        #[test]
        fn a_store_that_is_not_there_is_told_from_a_want_of_descriptors() {
            let nothing = Store { file: None, directories: None };
            let places = [Path::new("/nowhere").to_owned()];
            let told = nothing_in(&nothing, None, &places);
            assert_eq!(told, super::super::no_store());
            let want = io::Error::from_raw_os_error(libc::EMFILE);
            let told = no_store_where(Err((Path::new("/store"), want)));
            assert_eq!(told.status(), Status::Resources);
        }

        #[test]
        fn every_file_of_every_directory_is_read() {
            let parent =
                std::env::temp_dir().join(format!("sm-token-store-{}", std::process::id()));
            let directories = ["one", "two"].map(|name| parent.join(name));
            let files = directories.clone().map(|directory| directory.join("ca.pem"));
            for (directory, file) in directories.iter().zip(&files) {
                std::fs::create_dir_all(directory).unwrap();
                std::fs::write(file, "").unwrap();
            }
            let found = all_in(&directories);
            std::fs::remove_dir_all(&parent).unwrap();
            assert_eq!(found, files);
        }

        #[test]
        fn directories_are_read_in_a_handshake_while_it_goes_on() {
            // A machine without a store has nothing to trust.
            let Some(store) = openssl_probe::probe().cert_file else { return };
            let directory =
                std::env::temp_dir().join(format!("sm-token-directory-{}", std::process::id()));
            std::fs::create_dir_all(&directory).unwrap();
            let file = verifier_of(roots_in(Some(&store))).unwrap();
            let read = |goes_on: GoesOnInHandshake| {
                let (file, directories) = (Arc::clone(&file), vec![directory.clone()]);
                FileThenDirectories { file, directories, goes_on: Asked(goes_on) }
                    .in_directories()
                    .map(|roots| roots.is_some())
            };
            assert_eq!(read(Arc::new(|| Ok(()))), Ok(false), "an empty directory");
            std::fs::copy(&store, directory.join("ca.pem")).unwrap();
            assert_eq!(read(Arc::new(|| Ok(()))), Ok(true));
            let canceled = read(Arc::new(|| Err(Error::canceled())));
            assert_eq!(canceled, Err(Error::canceled()));
            std::fs::remove_dir_all(&directory).unwrap();
        }

        #[test]
        fn directories_are_read_where_the_file_does_not_know_the_issuer() {
            // A machine without a store has nothing to trust.
            let Some(store) = openssl_probe::probe().cert_file else { return };
            let file = verifier_of(roots_in(Some(&store))).unwrap();
            let alone = file.supported_verify_schemes();
            let goes_on = Asked(Arc::new(|| Ok(())));
            let both = FileThenDirectories { file, directories: vec![], goes_on };
            assert!(format!("{both:?}").ends_with("directories: [], goes_on: Asked }"));
            let both = both.supported_verify_schemes();
            assert_eq!(both, alone);
            assert!(!alone.is_empty());

            let looks_into_directories = |lookup| {
                let store = Store::of(&Environment::from_lookup(lookup)).unwrap();
                matches!(store.verifier().unwrap(), Verifier::OfConnection(_))
            };
            assert!(!looks_into_directories(|_| None));
            assert!(looks_into_directories(|name| match name {
                "SSL_CERT_FILE" => openssl_probe::probe().cert_file.map(PathBuf::into_os_string),
                "SSL_CERT_DIR" => Some("/nowhere".into()),
                _ => None,
            }));
        }
    }
}

/// A store of the operating system's own, which also verifies.
#[cfg(not(all(unix, not(target_vendor = "apple"), not(target_os = "android"))))]
mod by_the_system {
    use std::sync::Arc;

    use crate::Error;
    use crate::environment::Environment;
    use crate::trust::Verifier;
    use crate::trust::crypto_provider::provider;

    /// The system's own, which no variable changes.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub(crate) struct Store;

    impl Store {
        /// Reads nothing.
        ///
        /// # Errors
        /// None; other systems have some.
        pub(crate) fn of(_: &Environment) -> Result<Self, Error> {
            Ok(Store)
        }

        /// What verifies against the system's store.
        ///
        /// # Errors
        /// `NO_TRUST_ROOTS` where there is none.
        pub(crate) fn verifier(&self) -> Result<Verifier, Error> {
            match rustls_platform_verifier::Verifier::new(provider()) {
                Ok(verifier) => Ok(Verifier::Shared(Arc::new(verifier))),
                Err(_) => Err(super::no_store()),
            }
        }
    }
}
