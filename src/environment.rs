//! What the process finds set by others, read once at the start of a call: environment variables, and the proxy settings
//! of the user's account.

use std::ffi::OsString;

use crate::sys::UserProxy;
use crate::{Error, sys};

/// The environment: which variables are set, and not to the empty text.
///
/// In a process with raised privileges (`AT_SECURE`: set-user-id and the like) nothing is seen,
/// because the environment is then set by a user with fewer rights.
pub(crate) struct Environment {
    lookup: Lookup,
    user_proxy: fn() -> Option<UserProxy>,
}

/// Looks a variable up.
pub(crate) type Lookup = fn(&str) -> Option<OsString>;

impl Environment {
    /// The environment of this process.
    pub(crate) fn of_process() -> Self {
        if sys::has_raised_privileges() {
            Environment { lookup: |_| None, user_proxy: || None }
        } else {
            Environment { lookup: |name| std::env::var_os(name), user_proxy: sys::user_proxy }
        }
    }

    /// An environment of a test's making.
    #[cfg(test)]
    pub(crate) fn from_lookup(lookup: Lookup) -> Self {
        Environment { lookup, user_proxy: || None }
    }

    /// The same, of a user with these settings.
    #[cfg(test)]
    pub(crate) fn with_user_proxy(self, user_proxy: fn() -> Option<UserProxy>) -> Self {
        Environment { user_proxy, ..self }
    }

    /// The proxy settings of the user's account, where the system keeps such.
    pub(crate) fn user_proxy(&self) -> Option<UserProxy> {
        (self.user_proxy)()
    }

    /// The value of one variable; an empty one counts as unset.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` where the value is not UTF-8.
    pub(crate) fn get(&self, name: &str) -> Result<Option<String>, Error> {
        match (self.lookup)(name) {
            None => Ok(None),
            Some(value) if value.is_empty() => Ok(None),
            Some(value) => value.into_string().map(Some).map_err(|_| {
                Error::invalid_argument(format!("the environment variable {name} is not UTF-8"))
            }),
        }
    }

    /// The first of several variables that is set, with its name.
    ///
    /// # Errors
    /// As [`Environment::get`].
    pub(crate) fn first<'a>(&self, names: &[&'a str]) -> Result<Option<(&'a str, String)>, Error> {
        for name in names {
            if let Some(value) = self.get(name)? {
                return Ok(Some((name, value)));
            }
        }
        Ok(None)
    }
}
