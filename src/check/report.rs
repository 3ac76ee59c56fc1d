//! Hands the steps out: each once, in their order, cleaned and bounded.

use super::advice;
use super::step::{STEPS, Step};
use crate::Error;
use crate::exchange::Redactor;

/// A longer text is cut, in characters.
const LONGEST: usize = 600;

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum Verdict {
    /// Nothing is wrong with it.
    Ok = 0,
    /// It keeps a token from coming.
    Wrong = 1,
    /// It was not reached, does not apply, or can't be judged.
    Unknown = 2,
}

/// One step to a token.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CheckStep {
    /// One of [`STEPS`].
    pub name: &'static str,
    /// What became of it.
    pub verdict: Verdict,
    /// What is: one line without any secret, at most 600 characters.
    pub text: String,
    /// One thing to do; `""` where there is nothing to do.
    pub advice: &'static str,
    /// Why the step is wrong; `None` where it is not.
    pub error: Option<Error>,
}

/// The steps on their way to the caller.
pub(super) struct Report {
    redactor: Redactor,
    /// How many steps are known.
    known: usize,
    /// Those that the caller has not taken yet.
    untaken: Vec<CheckStep>,
    first_wrong: Option<Error>,
}

impl Report {
    pub(super) fn new() -> Self {
        Report { redactor: Redactor::of([]), known: 0, untaken: Vec::new(), first_wrong: None }
    }

    /// Keeps further secrets out of every later text.
    pub(super) fn hide(&mut self, secrets: Redactor) {
        let known = std::mem::replace(&mut self.redactor, Redactor::of([]));
        self.redactor = known.and(secrets);
    }

    /// The step that comes next, `None` after the last.
    pub(super) fn next(&self) -> Option<Step> {
        Step::ALL.get(self.known).copied()
    }

    /// Takes the steps that became known since the last call.
    pub(super) fn take(&mut self) -> Vec<CheckStep> {
        std::mem::take(&mut self.untaken)
    }

    pub(super) fn has_untaken(&self) -> bool {
        !self.untaken.is_empty()
    }

    pub(super) fn ok(&mut self, name: Step, text: &str) {
        self.add(name, Verdict::Ok, text, "", None);
    }

    pub(super) fn unknown(&mut self, name: Step, text: &str, advice: &'static str) {
        self.add(name, Verdict::Unknown, text, advice, None);
    }

    pub(super) fn wrong(&mut self, name: Step, error: &Error) {
        self.wrong_with("", name, error);
    }

    /// As [`Report::wrong`], with facts behind what is wrong.
    pub(super) fn wrong_with(&mut self, facts: &str, name: Step, error: &Error) {
        let text = match facts {
            "" => error.message().to_owned(),
            facts => format!("{} ({facts})", error.message()),
        };
        self.add(name, Verdict::Wrong, &text, advice::on(name, error.status()), Some(error));
    }

    /// Adds what was not reached.
    ///
    /// # Errors
    /// That of the first wrong step.
    pub(super) fn end(&mut self) -> Result<(), Error> {
        while let Some(name) = self.next() {
            self.unknown(name, "not looked at, because of the above", "");
        }
        self.first_wrong.clone().map_or(Ok(()), Err)
    }

    fn add(
        &mut self,
        name: Step,
        verdict: Verdict,
        text: &str,
        advice: &'static str,
        error: Option<&Error>,
    ) {
        // A step that stops the others may come before those that were not reached.
        while let Some(missed) = self.next().filter(|next| *next != name) {
            self.unknown(missed, NOT_REACHED, "");
        }
        self.known += 1;
        if self.first_wrong.is_none() {
            self.first_wrong = error.cloned();
        }
        self.untaken.push(CheckStep {
            name: STEPS[name as usize],
            verdict,
            text: self.redactor.redact(text, LONGEST),
            advice,
            error: error.cloned(),
        });
    }
}

/// The text of a step that was not reached though a later one was.
pub(super) const NOT_REACHED: &str = "not looked at, because of what follows";
