//! The check, for `python -m sm_token --check`.

use std::time::Duration;

use pyo3::prelude::*;
use sm_token::Verdict;
use sm_token::internal;

use crate::arguments::{Keywords, Text, Value, utf8};
use crate::{call, log};

/// How long one wait for a further step takes, at most.
const PIECE: Duration = Duration::from_millis(50);

/// Calls `step` with the name, the verdict ("ok", "wrong" or "unknown"), the text and the advice of each step to a
/// token, as soon as it is known; raises what is wrong with the first that is.
#[pyfunction]
#[pyo3(signature = (
    client_id, client_secret, step, *, base_url=None, scope=None, ca_file=None,
    client_id_file=None, client_secret_file=None, timeout=None
))]
#[expect(clippy::too_many_arguments, reason = "Python calls it with keywords")]
pub(crate) fn check(
    py: Python<'_>,
    client_id: Text<'_, '_>,
    client_secret: Text<'_, '_>,
    step: &Bound<'_, PyAny>,
    base_url: Text<'_, '_>,
    scope: Text<'_, '_>,
    ca_file: Value<'_, '_>,
    client_id_file: Value<'_, '_>,
    client_secret_file: Value<'_, '_>,
    timeout: Value<'_, '_>,
) -> PyResult<()> {
    let client_id = utf8("client_id", client_id)?;
    let client_secret = utf8("client_secret", client_secret)?;
    let keywords = Keywords {
        base_url,
        scope,
        ca_file,
        client_id_file,
        client_secret_file,
        timeout,
        user_agent: None,
        proxy: None,
        trust: None,
        connect_timeout: None,
        max_retries: None,
    };
    let mut options = keywords.options(py)?;
    log::listen(&mut options);
    let starting =
        call::detached(py, || internal::start_check(client_id, client_secret, &options))?;
    let mut checking = call::wait(py, |at_most| starting.wait(at_most))?;
    loop {
        for taken in call::detached(py, || Ok(checking.wait(PIECE)))? {
            let verdict = match taken.verdict {
                Verdict::Ok => "ok",
                Verdict::Wrong => "wrong",
                Verdict::Unknown => "unknown",
            };
            step.call1((taken.name, verdict, taken.text, taken.advice))?;
        }
        if let Some(outcome) = checking.outcome() {
            return call::detached(py, || outcome);
        }
        py.check_signals()?;
    }
}
