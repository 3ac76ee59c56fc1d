//! Gets and keeps access tokens for the Standard Metrics API.
//!
//! The core of sm-token, for Rust programs. C programs use `include/sm_token.h`, Python programs the
//! package `sm_token`; both are thin layers over this crate.
//!
//! ```no_run
//! let credentials = sm_token::Credentials::from_env()?;
//! let token = sm_token::fetch(&credentials, &sm_token::Options::new())?;
//! println!("good for {} s", token.expires_in().as_secs());
//! # Ok::<(), sm_token::Error>(())
//! ```

#![deny(unsafe_code)]

mod aside;
mod check;
mod client;
mod clock;
mod credentials;
mod environment;
mod error;
mod exchange;
mod fetch;
#[cfg(fuzzing)]
#[doc(hidden)]
#[allow(missing_docs)]
pub mod fuzzing;
#[doc(hidden)]
pub mod internal;
mod io_reason;
mod log;
mod options;
mod panics;
mod reading;
mod regular_file;
mod secret;
mod status;
mod sync;
#[allow(unsafe_code)]
mod sys;
mod token;
mod transport;
mod trust;

#[cfg(feature = "capi")]
#[allow(unsafe_code)]
pub mod ffi;

pub use check::{CheckStep, STEPS as CHECK_STEPS, Verdict, check};
pub use client::Client;
pub use credentials::{CredentialSource, Credentials};
pub use error::Error;
pub use fetch::{fetch, fetch_interruptible};
pub use log::LogLevel;
pub use options::Options;
pub use status::Status;
pub use token::Token;
pub use trust::Trust;

/// The version of this library, `MAJOR.MINOR.PATCH`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Wipes every piece of memory as it is given back, also what the HTTP and TLS libraries held
/// (docs/security.md).
#[cfg(feature = "standalone")]
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);
