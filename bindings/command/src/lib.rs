//! The command `sm-token`: an access token for the shell, or what keeps one from coming.
//!
//! It has the options, the output and the exit codes of `python -m sm_token`; one table of cases holds both to it
//! (`bindings/python/tests/test_command.py`).

pub mod arguments;
mod check;
mod exit_code;
mod json;
mod output;
pub mod pages;
mod secret;
mod streams;
mod terminal;
mod time;

use std::time::Duration;

use arguments::{Asked, Choices, Parsed, Shape};
use sm_token::{CredentialSource, Error, Options, Token};

use crate::exit_code::{FAILED, MISUSED, of};
use crate::output::{Failure, fail};

const CLOSED: &str = "the output can't be written: standard output is closed";

/// Runs the command with the arguments of this process; returns its exit code.
pub fn run() -> u8 {
    terminal::end_quietly();
    let chosen = match arguments::parse(std::env::args_os().skip(1)) {
        Parsed::Help => return said(&arguments::help()),
        Parsed::Version => return said(&format!("sm_token {}\n", sm_token::VERSION)),
        Parsed::Mistake(what) => {
            output::complain(&format!("usage: {}\nsm-token: error: {what}\n", arguments::usage()));
            return MISUSED;
        }
        Parsed::Choices(chosen) => chosen,
    };
    if chosen.output.is_none() && streams::is_output_closed() {
        return fail(FAILED, CLOSED);
    }
    match ask(&chosen) {
        Ok(code) => code,
        Err(Failure::Error(error)) => fail(of(&error), error.message()),
        Err(Failure::Unusable(what)) => fail(exit_code::UNUSABLE, &what),
        Err(Failure::Output(error)) => {
            let reason = output::reason(&error);
            fail(FAILED, &format!("the output can't be written: {reason}"))
        }
    }
}

fn said(text: &str) -> u8 {
    if streams::is_output_closed() {
        return fail(FAILED, CLOSED);
    }
    match output::print(text.as_bytes()) {
        Ok(()) => 0,
        Err(error) => {
            fail(FAILED, &format!("the output can't be written: {}", output::reason(&error)))
        }
    }
}

fn ask(chosen: &Choices) -> Result<u8, Failure> {
    let options = options_of(chosen)?;
    let given = if chosen.stdin { Some(secret::from_stdin()?) } else { None };
    let (client_id, secret) = match &given {
        Some((client_id, secret)) => (Some(client_id.as_str()), Some(secret.as_str())),
        None => (None, None),
    };
    if chosen.asked == Asked::Check {
        return check::print(client_id, secret, &options, chosen.json);
    }
    let source = CredentialSource::new(client_id, secret, &options)?;
    let token = sm_token::fetch(source, &options)?;
    let text = shaped(&token, chosen.shape());
    match &chosen.output {
        Some(path) => output::replace(path, text.as_bytes())?,
        None => output::print(text.as_bytes())?,
    }
    Ok(0)
}

fn options_of(chosen: &Choices) -> Result<Options, Error> {
    let mut options = Options::new();
    options.set_base_url(chosen.base_url.as_deref())?;
    options.set_scope(chosen.scope.as_deref())?;
    options.set_ca_file(chosen.ca_file.as_deref())?;
    options.set_credential_files(
        chosen.client_id_file.as_deref(),
        chosen.client_secret_file.as_deref(),
    )?;
    if let Some(seconds) = chosen.timeout {
        // What no duration can hold becomes the nearest that one can, which is refused in the library's words.
        let out_of_range = if seconds > 0.0 { Duration::MAX } else { Duration::ZERO };
        options.set_timeout(Duration::try_from_secs_f64(seconds).unwrap_or(out_of_range))?;
    }
    Ok(options)
}

fn shaped(token: &Token, shape: Shape) -> zeroize::Zeroizing<String> {
    zeroize::Zeroizing::new(match shape {
        Shape::Token => format!("{}\n", token.access_token()),
        Shape::Header => format!("Authorization: {}\n", token.authorization()),
        Shape::Json => {
            let mut object = json::Object::new();
            object.text("access_token", token.access_token());
            object.text("token_type", token.token_type());
            object.text("scope", token.scope());
            object.text("expires_at", &time::iso(token.expires_at()));
            object.number("expires_in", token.expires_in().as_secs());
            object.end() + "\n"
        }
    })
}
