//! What the faces for other languages need beyond the public API. No promise is made for it to
//! anybody else.

use zeroize::Zeroizing;

use crate::{Client, CredentialSource, Error, Options};

pub use crate::aside::Aside;
pub use crate::check::Checking;
pub use crate::client::TokenWait;
pub use crate::fetch::Fetching;
pub use crate::panics::{contain, silence_contained};
pub use crate::sys::spawn;

/// The error of a caller who stops waiting before the outcome of a request that goes on.
pub fn not_yet() -> Error {
    Error::not_yet()
}

/// An `INTERNAL` error of a binding.
pub fn internal_error(message: String) -> Error {
    Error::internal(message)
}

/// Makes a client, whose files may hang, for a caller that waits piece by piece. The client asks no `keep_waiting`.
///
/// # Errors
/// `RESOURCES` where no thread can be had.
pub fn make_client(
    credentials: CredentialSource,
    options: &Options,
) -> Result<Aside<Client>, Error> {
    Aside::start(options, |options| Client::new(credentials, options).map(Client::asking_nobody))
}

/// Starts a check, whose files may hang, for a caller that waits piece by piece.
///
/// # Errors
/// `RESOURCES` where no thread can be had.
pub fn start_check(
    client_id: Option<&str>,
    client_secret: Option<&str>,
    options: &Options,
) -> Result<Aside<Checking>, Error> {
    let client_id = client_id.map(str::to_owned);
    let client_secret = client_secret.map(|secret| Zeroizing::new(secret.to_owned()));
    Aside::start(options, move |options| {
        let client_secret = client_secret.as_ref().map(|secret| secret.as_str());
        Ok(Checking::start(client_id.as_deref(), client_secret, options))
    })
}
