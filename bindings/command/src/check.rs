//! `--check`: the steps to a token, for a person or a program.

use sm_token::{CheckStep, Error, Options, Verdict};

use crate::exit_code::{FAILED, WRONG_CLOCK, of};
use crate::json::{self, Object};
use crate::output::{self, Failure};
use crate::streams;

/// Prints each step as soon as it is known, or all as one JSON object; returns the exit code of the first that is
/// wrong.
pub(crate) fn print(
    client_id: Option<&str>,
    secret: Option<&str>,
    options: &Options,
    as_json: bool,
) -> Result<u8, Failure> {
    let colours = !as_json && streams::takes_colours();
    let mut objects = Vec::new();
    let mut unwritten = None;
    let mut first_wrong = None;
    let outcome = sm_token::check(client_id, secret, options, |step| {
        if step.verdict == Verdict::Wrong && first_wrong.is_none() {
            first_wrong = Some(step.name);
        }
        if as_json {
            objects.push(object_of(step));
            return true;
        }
        unwritten = output::print(lines_of(step, colours).as_bytes()).err();
        unwritten.is_none()
    });
    if let Some(error) = unwritten {
        return Err(Failure::Output(error));
    }
    let code = match (&outcome, first_wrong) {
        (Ok(()), _) => 0,
        (Err(_), Some("clock")) => WRONG_CLOCK,
        (Err(error), Some(_)) => of(error),
        (Err(_), None) => FAILED,
    };
    if as_json {
        let mut whole = Object::new();
        whole.text("status", outcome.as_ref().err().map_or("OK", name_of));
        whole.number("exit_code", u64::from(code));
        whole.raw("steps", &json::list(&objects));
        output::print((whole.end() + "\n").as_bytes())?;
    }
    match outcome {
        Err(error) if first_wrong.is_none() => Err(Failure::Error(error)),
        _ => Ok(code),
    }
}

fn name_of(error: &Error) -> &'static str {
    error.status().name()
}

fn verdict_of(step: &CheckStep) -> &'static str {
    match step.verdict {
        Verdict::Ok => "ok",
        Verdict::Wrong => "WRONG",
        Verdict::Unknown => "-",
    }
}

fn lines_of(step: &CheckStep, colours: bool) -> String {
    let verdict = format!("{:<8}", verdict_of(step));
    let verdict = match step.verdict {
        _ if !colours => verdict,
        Verdict::Ok => format!("\x1b[32m{verdict}\x1b[0m"),
        Verdict::Wrong => format!("\x1b[1;31m{verdict}\x1b[0m"),
        Verdict::Unknown => format!("\x1b[2m{verdict}\x1b[0m"),
    };
    let mut lines = format!("{:<12} {verdict} {}\n", step.name, step.text);
    if !step.advice.is_empty() {
        lines.push_str(&format!("{:<12} {:<8} {}\n", "", "", step.advice));
    }
    lines
}

fn object_of(step: &CheckStep) -> String {
    let verdict = match step.verdict {
        Verdict::Ok => "ok",
        Verdict::Wrong => "wrong",
        Verdict::Unknown => "unknown",
    };
    let mut object = Object::new();
    object.text("name", step.name);
    object.text("verdict", verdict);
    object.text("text", &step.text);
    object.text("advice", step.advice);
    object.end()
}
