//! The C ABI: one file for each section of `include/sm_token.h`.
//!
//! The comments of the exported items are the header's comments, written for C programmers. Every
//! export goes through [`guard`], so that no panic crosses the boundary. What a pointer must be is
//! stated once, in the header's preface, and each `unsafe` block refers to it: **a handle** is NULL
//! or came from this library and is not freed; **a text** is NULL or ends with a NUL; **an out
//! parameter** is NULL or may be written to.
//!
//! `extern "system"` is what SM_CALL says in the header: `__stdcall` on 32-bit Windows, C elsewhere. A callback is
//! `extern "system-unwind"`, so that [`guard::calling_out`] meets what unwinds it.

#![allow(non_camel_case_types)]

pub mod check;
pub mod client;
pub mod error;
pub mod fetch;
pub mod fetch_into;
pub mod options;
#[cfg(feature = "panic-test")]
pub mod panic_test;
pub mod status;
pub mod token;
pub mod version;

mod call;
mod credentials;
mod guard;
mod text;
mod user_data;
