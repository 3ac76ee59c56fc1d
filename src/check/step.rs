//! The steps to a token, by their names.

/// The names of the steps, in their order.
pub const STEPS: [&str; 9] = [
    "credentials",
    "base URL",
    "proxy",
    "name",
    "connection",
    "TLS",
    "certificate",
    "clock",
    "answer",
];

/// A step, in the order of [`STEPS`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Credentials,
    BaseUrl,
    Proxy,
    Name,
    Connection,
    Tls,
    Certificate,
    Clock,
    Answer,
}

impl Step {
    pub(super) const ALL: [Step; STEPS.len()] = [
        Step::Credentials,
        Step::BaseUrl,
        Step::Proxy,
        Step::Name,
        Step::Connection,
        Step::Tls,
        Step::Certificate,
        Step::Clock,
        Step::Answer,
    ];
}
