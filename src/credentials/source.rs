//! Where client credentials come from: the call, the files of the options, or the environment.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{CLIENT_ID, CLIENT_SECRET, Credentials, check, file};
use crate::environment::Environment;
use crate::options::{CLIENT_ID_FILE, CLIENT_SECRET_FILE, CredentialFiles};
use crate::reading::{GoesOn, Readings};
use crate::regular_file::shown;
use crate::secret::Secret;
use crate::{Error, Options, Status};

/// Where client credentials come from: a pair that stays, or files that an operator may change, which are read anew
/// for each token request.
#[derive(Clone)]
pub struct CredentialSource(pub(crate) Source);

#[derive(Clone)]
pub(crate) enum Source {
    Fixed(Credentials),
    Files(Arc<Files>),
}

/// The files that are read now.
static READINGS: Readings<Arc<Files>, Credentials> = Readings::new();

/// The two halves, of which at least one is a file.
#[derive(PartialEq, Eq)]
pub(crate) struct Files {
    client_id: Half,
    client_secret: Half,
}

/// One half of the credentials, with what named it.
#[derive(PartialEq, Eq)]
enum Half {
    Text { setting: &'static str, text: Secret },
    File { setting: &'static str, path: PathBuf },
}

/// How one half is named in each of the places that it can come from.
struct Names {
    argument: &'static str,
    option: &'static str,
    variable: &'static str,
    file_variable: &'static str,
}

const ID: Names = Names {
    argument: "client_id",
    option: CLIENT_ID_FILE,
    variable: CLIENT_ID,
    file_variable: "SMX_CLIENT_ID_FILE",
};
const SECRET: Names = Names {
    argument: "client_secret",
    option: CLIENT_SECRET_FILE,
    variable: CLIENT_SECRET,
    file_variable: "SMX_CLIENT_SECRET_FILE",
};

impl CredentialSource {
    /// The first of these that there is: what a call gives, the files of the options, the environment's variables
    /// `SMX_CLIENT_ID` or `SMX_CLIENT_ID_FILE`, and `SMX_CLIENT_SECRET` or `SMX_CLIENT_SECRET_FILE`. No file is read
    /// yet.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` where a call gives only one half, where a variable and its file are both set, and as in
    /// [`Credentials::new`]; `NO_CREDENTIALS` where the environment lacks one.
    pub fn new(
        client_id: Option<&str>,
        client_secret: Option<&str>,
        options: &Options,
    ) -> Result<Self, Error> {
        CredentialSource::new_in(client_id, client_secret, options, &Environment::of_process())
    }

    fn new_in(
        client_id: Option<&str>,
        client_secret: Option<&str>,
        options: &Options,
        environment: &Environment,
    ) -> Result<Self, Error> {
        let only = |given: &Names, missing: &Names| {
            Err(Error::invalid_argument(format!(
                "{} is missing, though {} is given; give both, or neither to take them from files or \
                 the environment",
                missing.argument, given.argument
            )))
        };
        match (client_id, client_secret) {
            (Some(client_id), Some(client_secret)) => {
                Credentials::new(client_id, client_secret).map(CredentialSource::from)
            }
            (Some(_), None) => only(&ID, &SECRET),
            (None, Some(_)) => only(&SECRET, &ID),
            (None, None) => match &options.credential_files {
                Some(files) => Ok(CredentialSource::from_files(files)),
                None => CredentialSource::from_environment(environment),
            },
        }
    }

    fn from_files(files: &CredentialFiles) -> Self {
        let half = |names: &Names, path: &PathBuf| Half::File {
            setting: names.option,
            path: path.clone(),
        };
        CredentialSource(Source::Files(Arc::new(Files {
            client_id: half(&ID, &files.client_id),
            client_secret: half(&SECRET, &files.client_secret),
        })))
    }

    pub(super) fn from_environment(environment: &Environment) -> Result<Self, Error> {
        let client_id = Half::from_environment(&ID, environment)?;
        let client_secret = Half::from_environment(&SECRET, environment)?;
        Ok(CredentialSource(match (client_id, client_secret) {
            (Half::Text { text: client_id, .. }, Half::Text { text: client_secret, .. }) => {
                Source::Fixed(Credentials { client_id, client_secret })
            }
            (client_id, client_secret) => {
                Source::Files(Arc::new(Files { client_id, client_secret }))
            }
        }))
    }

    /// The credentials, read now.
    ///
    /// # Errors
    /// `NO_CREDENTIALS` where a file can't be read, `RESOURCES` where no descriptor can be had; `INVALID_ARGUMENT` for
    /// what is no text of one line, and for what is not a regular file.
    pub(crate) fn read(&self) -> Result<Credentials, Error> {
        match &self.0 {
            Source::Fixed(credentials) => Ok(credentials.clone()),
            Source::Files(files) => files.read(),
        }
    }

    /// As [`CredentialSource::read`], or waits for a thread that reads the same already, as long as `goes_on`.
    ///
    /// # Errors
    /// As [`CredentialSource::read`] and [`Readings::here`].
    pub(crate) fn read_here(&self, goes_on: GoesOn<'_>) -> Result<Credentials, Error> {
        match &self.0 {
            Source::Fixed(credentials) => Ok(credentials.clone()),
            Source::Files(files) => READINGS.here(Arc::clone(files), |files| files.read(), goes_on),
        }
    }

    /// Where a file takes part: what names each half, with the path of a file.
    pub fn shown_files(&self) -> Option<String> {
        match &self.0 {
            Source::Fixed(_) => None,
            Source::Files(files) => Some(files.shown()),
        }
    }
}

impl From<Credentials> for CredentialSource {
    fn from(credentials: Credentials) -> Self {
        CredentialSource(Source::Fixed(credentials))
    }
}

impl From<&Credentials> for CredentialSource {
    fn from(credentials: &Credentials) -> Self {
        credentials.clone().into()
    }
}

impl From<&CredentialSource> for CredentialSource {
    fn from(source: &CredentialSource) -> Self {
        source.clone()
    }
}

impl std::fmt::Debug for CredentialSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CredentialSource([secret])")
    }
}

impl Files {
    /// As [`CredentialSource::read`], on a thread of the library, waited for as long as `goes_on`.
    ///
    /// # Errors
    /// As [`CredentialSource::read`] and [`Readings::aside`].
    pub(crate) fn read_aside(self: &Arc<Self>, goes_on: GoesOn<'_>) -> Result<Credentials, Error> {
        READINGS.aside(Arc::clone(self), |files| files.read(), goes_on)
    }

    /// How long they have been read; zero where they are not read now.
    pub(crate) fn read_for(self: &Arc<Self>) -> Duration {
        READINGS.read_for(self)
    }

    fn read(&self) -> Result<Credentials, Error> {
        Ok(Credentials {
            client_id: self.client_id.read()?,
            client_secret: self.client_secret.read()?,
        })
    }

    /// What names each half, with its path: `SMX_CLIENT_ID and SMX_CLIENT_SECRET_FILE /b`.
    pub(crate) fn shown(&self) -> String {
        format!("{} and {}", self.client_id.shown(), self.client_secret.shown())
    }
}

impl Half {
    fn from_environment(names: &Names, environment: &Environment) -> Result<Self, Error> {
        let text = environment.get(names.variable)?.map(zeroize::Zeroizing::new);
        let path = environment.get(names.file_variable)?;
        match (text, path) {
            (Some(_), Some(_)) => Err(Error::invalid_argument(format!(
                "{} and {} are both set; unset one of them",
                names.variable, names.file_variable
            ))),
            (Some(text), None) => {
                check(names.variable, &text)?;
                Ok(Half::Text { setting: names.variable, text: Secret::new(&text) })
            }
            (None, Some(path)) => {
                Ok(Half::File { setting: names.file_variable, path: PathBuf::from(path) })
            }
            (None, None) => Err(Error::new(
                Status::NoCredentials,
                format!(
                    "no client credentials: the environment variable {} is not set, nor is {}; set \
                     {CLIENT_ID} and {CLIENT_SECRET}, or give both to the call",
                    names.variable, names.file_variable
                ),
            )),
        }
    }

    fn read(&self) -> Result<Secret, Error> {
        match self {
            Half::Text { text, .. } => Ok(text.clone()),
            Half::File { setting, path } => file::read(setting, path),
        }
    }

    fn shown(&self) -> String {
        match self {
            Half::Text { setting, .. } => (*setting).to_owned(),
            Half::File { setting, path } => format!("{setting} {}", shown(path)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::scratch::Scratch;
    use super::*;
    use crate::environment::Lookup;

    fn source(options: &Options, lookup: Lookup) -> Result<CredentialSource, Error> {
        CredentialSource::new_in(None, None, options, &Environment::from_lookup(lookup))
    }

    fn pair_of(source: &CredentialSource) -> (String, String) {
        let pair = source.read().unwrap();
        (pair.client_id().to_owned(), pair.client_secret().to_owned())
    }

    fn pair(client_id: &str, client_secret: &str) -> (String, String) {
        (client_id.to_owned(), client_secret.to_owned())
    }

    #[test]
    fn an_argument_counts_before_the_options_files_and_those_before_the_variables() {
        let scratch = Scratch::new();
        let id = scratch.write("id", b"id-of-a-file\n");
        let secret = scratch.write("secret", b"secret-of-a-file\n");
        let variables: Lookup = |name| match name {
            "SMX_CLIENT_ID" => Some("id-of-a-variable".into()),
            "SMX_CLIENT_SECRET" => Some("secret-of-a-variable".into()),
            _ => None,
        };
        let mut options = Options::new();
        assert_eq!(
            pair_of(&source(&options, variables).unwrap()),
            pair("id-of-a-variable", "secret-of-a-variable")
        );
        options.set_credential_files(Some(&id), Some(&secret)).unwrap();
        assert_eq!(
            pair_of(&source(&options, variables).unwrap()),
            pair("id-of-a-file", "secret-of-a-file")
        );
        let environment = Environment::from_lookup(variables);
        let given = CredentialSource::new_in(Some("i"), Some("s"), &options, &environment);
        assert_eq!(pair_of(&given.unwrap()), pair("i", "s"));
        options.set_credential_files::<str>(None, None).unwrap();
        assert_eq!(pair_of(&source(&options, variables).unwrap()).0, "id-of-a-variable");
    }

    #[test]
    fn only_one_half_of_a_call_is_not_taken_from_elsewhere() {
        let environment = Environment::from_lookup(|_| Some("variable".into()));
        for (id, secret, missing) in
            [(Some("i"), None, "client_secret"), (None, Some("s"), "client_id")]
        {
            let error =
                CredentialSource::new_in(id, secret, &Options::new(), &environment).unwrap_err();
            assert_eq!(error.status(), Status::InvalidArgument);
            assert!(error.message().starts_with(&format!("{missing} is missing")), "{error}");
        }
    }

    #[test]
    fn one_half_may_be_a_file_and_the_other_a_variable() {
        let lookup: Lookup = |name| match name {
            "SMX_CLIENT_ID" => Some("the-id".into()),
            "SMX_CLIENT_SECRET_FILE" => Some("/no/such/secret".into()),
            _ => None,
        };
        let source = source(&Options::new(), lookup).unwrap();
        assert_eq!(
            source.shown_files().unwrap(),
            "SMX_CLIENT_ID and SMX_CLIENT_SECRET_FILE /no/such/secret"
        );
        let error = source.read().unwrap_err();
        assert_eq!(error.status(), Status::NoCredentials);
        assert!(error.message().contains("SMX_CLIENT_SECRET_FILE /no/such/secret"), "{error}");
    }

    #[test]
    fn a_variable_and_its_file_are_not_both_set() {
        let id: Lookup = |name| (name != "SMX_CLIENT_SECRET_FILE").then(|| "x".into());
        let secret: Lookup = |name| (name != "SMX_CLIENT_ID_FILE").then(|| "x".into());
        for (lookup, names) in [
            (id, "SMX_CLIENT_ID and SMX_CLIENT_ID_FILE "),
            (secret, "SMX_CLIENT_SECRET and SMX_CLIENT_SECRET_FILE "),
        ] {
            let error = source(&Options::new(), lookup).unwrap_err();
            assert_eq!(error.status(), Status::InvalidArgument);
            assert!(error.message().starts_with(names), "{error}");
        }
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let lookup: Lookup = |name| match name {
            "SMX_CLIENT_ID" => Some("id".into()),
            _ => Some("".into()),
        };
        let error = source(&Options::new(), lookup).unwrap_err();
        assert_eq!(error.status(), Status::NoCredentials);
        assert!(error.message().contains("SMX_CLIENT_SECRET is not set"), "{error}");
    }

    #[test]
    fn a_bad_secret_in_the_environment_is_named_by_its_variable() {
        let lookup: Lookup = |name| match name {
            "SMX_CLIENT_ID" => Some("id".into()),
            "SMX_CLIENT_SECRET" => Some("s3cret\n".into()),
            _ => None,
        };
        let error = source(&Options::new(), lookup).unwrap_err();
        assert_eq!(error.status(), Status::InvalidArgument);
        assert!(error.message().starts_with("SMX_CLIENT_SECRET "), "{error}");
    }

    #[test]
    fn a_file_is_read_each_time() {
        let scratch = Scratch::new();
        let (id, secret) = (scratch.write("id", b"one"), scratch.write("secret", b"first"));
        let mut options = Options::new();
        options.set_credential_files(Some(&id), Some(&secret)).unwrap();
        let source = source(&options, |_| None).unwrap();
        assert_eq!(pair_of(&source), pair("one", "first"));
        scratch.write("secret", b"second");
        assert_eq!(pair_of(&source), pair("one", "second"));
    }

    #[test]
    fn debug_output_shows_neither_half() {
        let source = CredentialSource::from(Credentials::new("the-id", "the-secret").unwrap());
        assert!(!format!("{source:?}").contains("the-"));
    }
}
