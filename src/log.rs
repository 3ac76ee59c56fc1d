//! Log messages: their levels, their handler, and when they are delivered.
//!
//! A flight runs on a thread of its own, and the caller's log handler may only be called on a
//! thread that is inside a call to the library. So a flight leaves its [`Event`]s in a bounded
//! [`Journal`], and the threads that call in hand them to the handler, with no lock held.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use crate::{Error, Token};

/// How much a message matters. Lower numbers matter more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i32)]
pub enum LogLevel {
    /// Nothing is logged.
    Off = 0,
    /// A call failed.
    Error = 1,
    /// Something failed that the library makes up for.
    Warn = 2,
    /// A token was fetched, refreshed, refused or invalidated.
    Info = 3,
    /// Each attempt.
    Debug = 4,
}

impl LogLevel {
    /// The level with this number, where there is one.
    pub fn from_code(code: i32) -> Option<Self> {
        [LogLevel::Off, LogLevel::Error, LogLevel::Warn, LogLevel::Info, LogLevel::Debug]
            .into_iter()
            .find(|level| *level as i32 == code)
    }
}

type Handler = dyn Fn(LogLevel, &str) + Send + Sync;

/// A caller's log handler and the least important level that it wants.
#[derive(Clone)]
pub(crate) struct Log {
    handler: Option<Arc<Handler>>,
    level: LogLevel,
}

impl Log {
    pub(crate) const fn off() -> Self {
        Log { handler: None, level: LogLevel::Off }
    }

    pub(crate) fn new(
        level: LogLevel,
        handler: impl Fn(LogLevel, &str) + Send + Sync + 'static,
    ) -> Self {
        Log { handler: Some(Arc::new(handler)), level }
    }

    /// The journal that a flight keeps for this log.
    pub(crate) fn journal(&self) -> Journal {
        let level = if self.handler.is_some() { self.level } else { LogLevel::Off };
        Journal { level, events: VecDeque::new() }
    }

    /// Logs how a call ended.
    pub(crate) fn report(&self, outcome: &Result<Token, Error>) {
        let mut journal = self.journal();
        match outcome {
            Ok(token) => journal.note(LogLevel::Info, || {
                format!("fetched a token, good for {} s", token.expires_in().as_secs())
            }),
            Err(error) => journal.note(LogLevel::Error, || error.to_string()),
        };
        self.deliver(journal.take());
    }

    /// Hands events to the handler. Call it with no lock held.
    pub(crate) fn deliver(&self, events: impl IntoIterator<Item = Event>) {
        if let Some(handler) = &self.handler {
            for event in events {
                handler(event.level, &event.message);
            }
        }
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Log({:?})", self.level)
    }
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    level: LogLevel,
    message: String,
}

/// The messages that are not delivered yet: the newest [`Journal::CAPACITY`] of them.
#[derive(Debug)]
pub(crate) struct Journal {
    level: LogLevel,
    events: VecDeque<Event>,
}

impl Journal {
    const CAPACITY: usize = 64;

    /// Notes a message, which is only formatted where its level is wanted. Returns whether it was noted.
    pub(crate) fn note(&mut self, level: LogLevel, message: impl FnOnce() -> String) -> bool {
        if level > self.level {
            return false;
        }
        if self.events.len() == Journal::CAPACITY {
            self.events.pop_front();
        }
        self.events.push_back(Event { level, message: message() });
        true
    }

    /// Adds messages that were noted elsewhere.
    pub(crate) fn extend(&mut self, events: VecDeque<Event>) {
        self.events.extend(events);
        let surplus = self.events.len().saturating_sub(Journal::CAPACITY);
        self.events.drain(..surplus);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Takes the messages out, oldest first.
    pub(crate) fn take(&mut self) -> VecDeque<Event> {
        std::mem::take(&mut self.events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_that_nobody_wants_is_not_worded() {
        let mut journal = Log::new(LogLevel::Warn, |_, _| ()).journal();
        assert!(!journal.note(LogLevel::Info, || panic!("worded")));
        assert!(journal.note(LogLevel::Warn, || "kept".into()));
        assert_eq!(journal.take().len(), 1);
    }

    #[test]
    // promise: log-background
    fn a_journal_keeps_the_newest_messages() {
        let mut journal = Log::new(LogLevel::Debug, |_, _| ()).journal();
        for number in 0..Journal::CAPACITY + 3 {
            journal.note(LogLevel::Debug, || number.to_string());
        }
        let kept = journal.take();
        assert_eq!(kept.len(), Journal::CAPACITY);
        assert_eq!(kept[0].message, "3");
        assert!(journal.take().is_empty());
    }

    #[test]
    fn without_a_handler_nothing_is_noted() {
        assert!(!Log::off().journal().note(LogLevel::Error, || panic!("worded")));
    }
}
