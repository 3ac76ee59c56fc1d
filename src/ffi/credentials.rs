//! The client credentials that a call is given.

use std::ffi::c_char;

use crate::ffi::text;
use crate::{CredentialSource, Credentials, Error, Options};

/// The credentials that a call gives, or where the options and the environment have them where it gives neither.
///
/// # Safety
/// Both are texts that outlive the call.
pub(super) unsafe fn credentials(
    client_id: *const c_char,
    client_secret: *const c_char,
    options: &Options,
) -> Result<CredentialSource, Error> {
    // SAFETY: texts, as this function demands.
    let client_id = unsafe { text::read("client_id", client_id) }?;
    // SAFETY: as above.
    let client_secret = unsafe { text::read("client_secret", client_secret) }?;
    CredentialSource::new(client_id, client_secret, options)
}

/// The credentials that a call has to give.
///
/// # Safety
/// Both are texts that outlive the call.
pub(super) unsafe fn required_credentials(
    client_id: *const c_char,
    client_secret: *const c_char,
) -> Result<Credentials, Error> {
    let missing = |name| Error::invalid_argument(format!("{name} is NULL"));
    // SAFETY: texts, as this function demands.
    let client_id = unsafe { text::read("client_id", client_id) }?;
    // SAFETY: as above.
    let client_secret = unsafe { text::read("client_secret", client_secret) }?;
    Credentials::new(
        client_id.ok_or_else(|| missing("client_id"))?,
        client_secret.ok_or_else(|| missing("client_secret"))?,
    )
}
