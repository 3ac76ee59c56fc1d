//! What the faces for other languages need beyond the public API. No promise is made for it to
//! anybody else.

use crate::Error;

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
