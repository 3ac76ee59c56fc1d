//! What is larger than any token response.

/// A larger body is no token response: 64 KiB.
pub(crate) const MAX_BODY: usize = 64 * 1024;

/// JSON that is nested deeper is no token response: 128 levels.
pub(super) const MAX_DEPTH: usize = 128;

/// Larger headers are no token response's: 64 KiB.
pub(crate) const MAX_HEADERS: usize = 64 * 1024;
