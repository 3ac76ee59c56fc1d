//! Trust roots out of files, and verification against them.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;

use super::crypto_provider::provider;
use crate::io_reason::is_out_of_resources;
use crate::{Error, Status, regular_file};

/// A larger file of certificates is refused: 16 MiB.
const MAX_FILE: u64 = 16 * 1024 * 1024;

pub(crate) fn no_trust_roots(what: impl Into<String>) -> Error {
    Error::new(Status::NoTrustRoots, what)
}

/// A file of certificates that can't be read: `whose` names it. A want of descriptors is not the file's fault.
pub(crate) fn unreadable(whose: &str, error: &io::Error) -> Error {
    if is_out_of_resources(error) {
        return Error::no_resources(&format!("descriptor to read {whose} with"), error);
    }
    no_trust_roots(format!("{whose} can't be read: {error}; check its path and permissions"))
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

/// Reads a file of certificates.
pub(crate) fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    regular_file::read(path, MAX_FILE).map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => io::Error::new(error.kind(), "it is larger than 16 MiB"),
        _ => error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_16_mib_is_read_and_a_larger_one_is_refused() {
        let path = std::env::temp_dir().join(format!("sm-token-roots-{}", std::process::id()));
        let file = std::fs::File::create(&path).unwrap();
        let read = [16 << 20, (16 << 20) + 1].map(|size| {
            file.set_len(size).unwrap();
            read_file(&path).map(|bytes| bytes.len()).map_err(|error| error.to_string())
        });
        std::fs::remove_file(&path).unwrap();
        assert_eq!(read, [Ok(16 << 20), Err("it is larger than 16 MiB".to_owned())]);
    }
}
