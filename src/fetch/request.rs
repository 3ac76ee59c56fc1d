//! One request, sent again where that helps, until a deadline.

use std::sync::Arc;
use std::time::SystemTime;

use super::flight::Worker;
use super::retry::{self, Retries};
use crate::clock::{Deadline, Moment, Seconds};
use crate::exchange::{TokenRequest, interpret};
use crate::log::LogLevel;
use crate::options::settings::Settings;
use crate::transport;
use crate::{Credentials, Error, Status, Token};

/// As [`request_token`], with the pair that `read` returns. After a refusal of that pair it is read again: where it has
/// changed, the request is sent once more at once.
pub(crate) fn request_with(
    read: &dyn Fn() -> Result<Arc<Credentials>, Error>,
    settings: &Settings,
    deadline: Deadline,
    worker: &Worker,
) -> Result<Token, Error> {
    let refused = read()?;
    let outcome = request_token(&refused, settings, deadline, worker);
    if !matches!(&outcome, Err(error) if error.status() == Status::InvalidClient) {
        return outcome;
    }
    match read() {
        Ok(changed) if changed != refused => {
            worker.note(LogLevel::Warn, || {
                "the client credentials were refused, and have changed; trying again".to_owned()
            });
            request_token(&changed, settings, deadline, worker)
        }
        _ => outcome,
    }
}

/// Sends the request until a token comes, the failure is one that will not pass, or time runs out.
#[inline(never)] // It is called twice, and large.
fn request_token(
    credentials: &Credentials,
    settings: &Settings,
    deadline: Deadline,
    worker: &Worker,
) -> Result<Token, Error> {
    let request = TokenRequest::new(credentials, settings.scope.as_deref());
    let mut retries = Retries::new(settings.max_retries);
    loop {
        worker.note(LogLevel::Debug, || {
            format!("asking {} for a token", settings.endpoint.authority())
        });
        let sent = Moment::now();
        let progress = worker.progress();
        let outcome =
            transport::attempt(&request, settings, deadline, worker.interrupt(), progress)
                .and_then(|answer| {
                    interpret(&answer, credentials, &settings.endpoint, SystemTime::now())
                });
        let error = match outcome {
            Ok(grant) => return Ok(Token::new(grant, sent)),
            Err(_) if worker.interrupt().is_interrupted() => return Err(Error::canceled()),
            Err(error) => error,
        };
        match retries.next_wait(&error, deadline.remaining(), retry::random()) {
            None => return Err(error),
            Some(wait) => {
                worker.note(LogLevel::Warn, || {
                    format!("{error}; trying again in {} s", Seconds(wait))
                });
                worker.progress().pause(&error);
                worker.pause(wait)?;
            }
        }
    }
}
