//! The environment variables that the library knows, read once at the start of a call.

use std::ffi::OsString;

use crate::{Error, sys};

/// The environment: which variables are set, and not to the empty text.
///
/// In a process with raised privileges (`AT_SECURE`: set-user-id and the like) nothing is seen,
/// because the environment is then set by a user with fewer rights.
pub(crate) struct Environment {
    lookup: Lookup,
}

/// Looks a variable up.
pub(crate) type Lookup = fn(&str) -> Option<OsString>;

impl Environment {
    /// The environment of this process.
    pub(crate) fn of_process() -> Self {
        if sys::has_raised_privileges() {
            Environment { lookup: |_| None }
        } else {
            Environment { lookup: |name| std::env::var_os(name) }
        }
    }

    /// An environment of a test's making.
    #[cfg(test)]
    pub(crate) fn from_lookup(lookup: Lookup) -> Self {
        Environment { lookup }
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
