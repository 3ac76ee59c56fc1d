//! What the attempt met, as steps.

use std::time::SystemTime;

use super::certificate::Certificate;
use super::clock::{self, Clock};
use super::report::{NOT_REACHED, Report};
use super::step::Step;
use crate::transport::Sighting;
use crate::trust::TrustRoots;
use crate::{Error, Status, Token};

/// What is known of the way to the server.
pub(super) struct Way {
    proxy: String,
    is_proxied: bool,
    is_secure: bool,
    name: Option<String>,
    connection: Option<String>,
    has_tunnel: bool,
    tls: Option<Tls>,
    trust_roots: Option<TrustRoots>,
    clock: Option<Clock>,
}

struct Tls {
    text: String,
    is_done: bool,
    wants_client_certificate: bool,
}

/// What came of the attempt, where it has ended.
type Outcome<'a> = Option<Result<&'a Token, &'a Error>>;

impl Way {
    pub(super) fn new(proxy: String, is_proxied: bool, is_secure: bool) -> Self {
        Way {
            proxy,
            is_proxied,
            is_secure,
            name: None,
            connection: None,
            has_tunnel: false,
            tls: None,
            trust_roots: None,
            clock: None,
        }
    }

    /// Takes in what the attempt met.
    pub(super) fn meet(&mut self, sightings: Vec<Sighting>) {
        for sighting in sightings {
            match sighting {
                Sighting::TrustRoots(trust_roots) => self.trust_roots = Some(trust_roots),
                // A proxy's comes first, and counts; that of the server behind it says less.
                Sighting::Name(text) => {
                    self.name.get_or_insert(text);
                }
                Sighting::Connection(text) => self.connection = Some(text),
                Sighting::Tunnel => self.has_tunnel = true,
                Sighting::Tls { text, is_done, wants_client_certificate } => {
                    self.tls = Some(Tls { text, is_done, wants_client_certificate });
                }
                Sighting::Date { date, sent, received } => {
                    self.clock = Some(clock::compare(date.as_deref(), sent, received));
                }
            }
        }
    }

    /// Reports the steps that are known while the attempt goes on.
    pub(super) fn advance(&self, report: &mut Report) {
        self.report(None, report);
    }

    /// Reports the steps that are known when the attempt has ended.
    pub(super) fn end(&self, outcome: Result<&Token, &Error>, report: &mut Report) {
        self.report(Some(outcome), report);
    }

    fn report(&self, outcome: Outcome<'_>, report: &mut Report) {
        let failure = outcome.and_then(Result::err);
        let place = failure.map(|error| self.place_of(error));
        while let Some(name) = report.next() {
            if let (Some(error), Some(place)) = (failure, place) {
                // Where that step was reported already, it can't be changed any more.
                let is_over = place < name;
                if name == place || (is_over && name == Step::Answer) {
                    return report.wrong_with(&self.facts_of(name), name, error);
                }
            }
            if outcome.is_none() && !self.is_known(name) {
                return;
            }
            match (name, outcome) {
                (Step::Proxy, _) => report.ok(name, &self.proxy),
                (Step::Name, _) => known_or_not(report, name, self.name.as_ref()),
                (Step::Connection, _) => known_or_not(report, name, self.connection.as_ref()),
                (Step::Tls | Step::Certificate, _) if !self.is_secure => {
                    report.unknown(name, "none: plain http on this machine", "");
                }
                (Step::Tls, _) => {
                    known_or_not(report, name, self.tls.as_ref().map(|tls| &tls.text))
                }
                (Step::Certificate, _) => self.report_certificate(report),
                (Step::Clock, _) => self.report_clock(report),
                (_, Some(Ok(token))) => report.ok(name, &described(token)),
                (_, _) => return,
            }
        }
    }

    /// Whether a step is known while the attempt goes on.
    fn is_known(&self, name: Step) -> bool {
        match name {
            Step::Proxy => !self.is_proxied || self.has_tunnel,
            Step::Name => self.name.is_some(),
            Step::Connection => self.connection.is_some(),
            // A server that wants a certificate says so, and closes, when TLS stands already.
            Step::Tls | Step::Certificate => {
                !self.is_secure
                    || self
                        .tls
                        .as_ref()
                        .is_some_and(|it| it.is_done && !it.wants_client_certificate)
            }
            _ => self.clock.is_some(),
        }
    }

    /// The step that keeps the token from coming.
    fn place_of(&self, error: &Error) -> Step {
        match error.status() {
            Status::Certificate | Status::NoTrustRoots => Step::Certificate,
            Status::Tls => Step::Tls,
            Status::Dns => Step::Name,
            Status::Resources if self.name.is_none() => Step::Name,
            _ if self.is_secure && self.trust_roots.is_none() => Step::Certificate,
            _ if self.name.is_none() => Step::Name,
            _ if self.connection.is_none() => Step::Connection,
            _ if self.is_proxied && !self.has_tunnel => Step::Proxy,
            _ if self.is_secure && !self.tls.as_ref().is_some_and(|tls| tls.is_done) => Step::Tls,
            _ => Step::Answer,
        }
    }

    fn facts_of(&self, name: Step) -> String {
        match (name, self.certificate()) {
            (Step::Certificate, Some(certificate)) => certificate.described(SystemTime::now()),
            (Step::Proxy, _) => self.proxy.clone(),
            _ => String::new(),
        }
    }

    fn certificate(&self) -> Option<Certificate> {
        Certificate::parse(&self.trust_roots.as_ref()?.witness.presented()?)
    }

    fn report_certificate(&self, report: &mut Report) {
        let is_valid = self.tls.as_ref().is_some_and(|tls| tls.is_done);
        let Some(roots) = self.trust_roots.as_ref().filter(|_| is_valid) else {
            return report.unknown(Step::Certificate, NOT_REACHED, "");
        };
        let facts = self.certificate().map(|it| it.described(SystemTime::now()));
        let facts = facts.map_or(String::new(), |facts| format!("{facts}; "));
        report.ok(Step::Certificate, &format!("valid; {facts}trusted by {}", roots.name));
    }

    fn report_clock(&self, report: &mut Report) {
        let (seconds, direction) = match &self.clock {
            None => return report.unknown(Step::Clock, "not compared: no answer came", ""),
            Some(Clock::Untold) => {
                return report.unknown(
                    Step::Clock,
                    "not compared: the server does not tell the time",
                    "",
                );
            }
            Some(Clock::Right) => return report.ok(Step::Clock, "as the server's, to a minute"),
            Some(Clock::Ahead(seconds)) => (seconds, "ahead of"),
            Some(Clock::Behind(seconds)) => (seconds, "behind"),
        };
        let what = format!("the clock of this machine is {seconds} s {direction} the server's");
        report.wrong(Step::Clock, &Error::new(Status::Certificate, what));
    }
}

fn known_or_not(report: &mut Report, name: Step, text: Option<&String>) {
    match text {
        Some(text) => report.ok(name, text),
        None => report.unknown(name, NOT_REACHED, ""),
    }
}

fn described(token: &Token) -> String {
    let scope = match token.scope() {
        "" => "no scope told".to_owned(),
        scope => format!("scope '{scope}'"),
    };
    format!("a token, good for {} s, {scope}", token.expires_in().as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(is_done: bool, wants_client_certificate: bool) -> (Way, Report) {
        let mut report = Report::new();
        report.ok(Step::Credentials, "given");
        report.ok(Step::BaseUrl, "https://h");
        let mut way = Way::new("none".to_owned(), false, true);
        way.meet(vec![
            Sighting::Name("h is 192.0.2.1".to_owned()),
            Sighting::Connection("h takes connections".to_owned()),
            Sighting::Tls { text: "TLS 1.3".to_owned(), is_done, wants_client_certificate },
        ]);
        way.advance(&mut report);
        (way, report)
    }

    #[test]
    fn a_server_that_wants_a_certificate_leaves_tls_open() {
        let (way, mut report) = met(true, true);
        assert!(report.next() == Some(Step::Tls));
        way.end(Err(&Error::new(Status::Tls, "it demands one")), &mut report);
        let last = report.take().pop().unwrap();
        assert_eq!((last.name, last.text.as_str()), ("TLS", "it demands one"));
    }

    #[test]
    fn what_is_met_is_reported_before_the_end() {
        assert!(met(true, false).1.next() == Some(Step::Clock));
        assert!(met(false, false).1.next() == Some(Step::Tls));
    }

    #[test]
    fn a_failure_of_a_step_that_is_over_is_the_answers() {
        let (way, mut report) = met(true, false);
        way.end(Err(&Error::new(Status::Tls, "an alert, late")), &mut report);
        let last = report.take().pop().unwrap();
        assert_eq!((last.name, last.text.as_str()), ("answer", "an alert, late"));
    }
}
