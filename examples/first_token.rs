//! Fetches an access token and shows what came with it, the token itself masked.
//!
//!     cargo run --example first_token
//!
//! The credentials come from `SMX_CLIENT_ID` and `SMX_CLIENT_SECRET`, the service from `SMX_BASE_URL` where it is
//! set: the library reads all three. `SM_TOKEN_CA_FILE` is this program's own.

use std::env;
use std::process::ExitCode;

use sm_token::{Credentials, Error, Options, Token};

fn main() -> ExitCode {
    match fetch() {
        Ok(token) => {
            show_token(&token);
            ExitCode::SUCCESS
        }
        Err(error) => {
            show_error(&error);
            ExitCode::FAILURE
        }
    }
}

fn fetch() -> Result<Token, Error> {
    let credentials = Credentials::from_env()?;
    let mut options = Options::new();
    // A server with a private certificate authority; `None`, the variable not set, keeps the default.
    options.set_ca_file(env::var("SM_TOKEN_CA_FILE").ok().as_deref())?;
    sm_token::fetch(&credentials, &options)
}

fn show_token(token: &Token) {
    let text = token.access_token();
    println!("  type     {}", token.token_type());
    println!("  scope    {}", token.scope());
    println!("  expires  in {} seconds", token.expires_in().as_secs());
    println!("  token    {:.4}... ({} characters)", text, text.len());
}

fn show_error(error: &Error) {
    eprintln!("no token: {error}");
    if let Some(wait) = error.retry_after() {
        eprintln!("try again in {} ms", wait.as_millis());
    } else if error.is_retryable() {
        eprintln!("this failure may be temporary: try again later");
    } else {
        eprintln!("trying again will not help: correct the cause first");
    }
}
