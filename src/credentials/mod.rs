//! Client credentials (RFC 6749 section 2.3.1): who asks for the token.

mod file;
#[cfg(test)]
pub(crate) mod scratch;
mod source;

use std::fmt;

pub use source::CredentialSource;
pub(crate) use source::{Files, Source};

use crate::Error;
use crate::environment::Environment;
use crate::secret::Secret;

/// The environment variables that the vendor's own tools read.
const CLIENT_ID: &str = "SMX_CLIENT_ID";
const CLIENT_SECRET: &str = "SMX_CLIENT_SECRET";

/// A client id and its secret, wiped when dropped. Debug output shows neither.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    client_id: Secret,
    client_secret: Secret,
}

impl Credentials {
    /// Checks and copies a client id and a client secret.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` where one is empty, longer than 4 KiB, or holds a control character, such
    /// as the newline of the file that it was read from.
    pub fn new(client_id: &str, client_secret: &str) -> Result<Self, Error> {
        check("client_id", client_id)?;
        check("client_secret", client_secret)?;
        Ok(Credentials {
            client_id: Secret::new(client_id),
            client_secret: Secret::new(client_secret),
        })
    }

    /// Takes the credentials of the environment, as they are now: `SMX_CLIENT_ID`, or the file that
    /// `SMX_CLIENT_ID_FILE` names, and likewise the secret. [`CredentialSource::new`] follows a file that changes.
    ///
    /// # Errors
    /// `NO_CREDENTIALS` where one is unset or its file can't be read; `INVALID_ARGUMENT` where a variable and its file
    /// are both set, and as in [`Credentials::new`].
    pub fn from_env() -> Result<Self, Error> {
        CredentialSource::from_environment(&Environment::of_process())?.read()
    }

    pub(crate) fn client_id(&self) -> &str {
        self.client_id.expose()
    }

    pub(crate) fn client_secret(&self) -> &str {
        self.client_secret.expose()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials([secret])")
    }
}

/// A longer id or secret is a mistake, such as the contents of the wrong file: 4 KiB.
const LONGEST: usize = 4 * 1024;

fn check(name: &str, text: &str) -> Result<(), Error> {
    if text.len() > LONGEST {
        return Err(Error::invalid_argument(format!("{name} is longer than 4 KiB")));
    }
    if text.is_empty() {
        return Err(Error::invalid_argument(format!("{name} is empty")));
    }
    if text.ends_with(['\n', '\r']) {
        return Err(Error::invalid_argument(format!(
            "{name} ends with a line break; strip it after reading it from a file"
        )));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::invalid_argument(format!("{name} holds a control character")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status;

    #[test]
    fn a_secret_read_with_its_newline_is_refused_by_name() {
        let error = Credentials::new("id", "s3cret\n").unwrap_err();
        assert_eq!(error.status(), Status::InvalidArgument);
        assert!(error.message().contains("client_secret ends with a line break"));
        assert!(!error.message().contains("s3cret"));
    }

    #[test]
    fn an_empty_overlong_or_controlled_credential_is_refused() {
        let long = "s".repeat(LONGEST + 1);
        assert!(Credentials::new("i", &long[1..]).is_ok());
        for (id, secret, name) in [
            ("", "s", "client_id"),
            ("i", "", "client_secret"),
            ("i\u{7f}", "s", "client_id"),
            ("i\td", "s", "client_id"),
            ("i", "\u{1}s", "client_secret"),
            ("i", "s\r\n", "client_secret"),
            ("i", "s\nX-Header: 1", "client_secret"),
            ("i", &long, "client_secret"),
        ] {
            let error = Credentials::new(id, secret).unwrap_err();
            assert!(error.message().starts_with(name), "{error}");
        }
    }

    #[test]
    fn debug_output_shows_neither_half() {
        let shown = format!("{:?}", Credentials::new("the-id", "the-secret").unwrap());
        assert!(!shown.contains("the-"), "{shown}");
    }
}
