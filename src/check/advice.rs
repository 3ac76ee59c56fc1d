//! One thing to do about each way in which a step can be wrong.

use super::step::Step;
use crate::Status;

const NEW_CREDENTIALS: &str = "make credentials in the web app: Settings, Developer Settings, Add Application; the secret is shown once";

/// What to do where a step is wrong with this status; `""` where nothing helps.
pub(super) fn on(step: Step, status: Status) -> &'static str {
    match status {
        Status::Ok | Status::BufferTooSmall | Status::Canceled => "",
        Status::InvalidArgument => "correct it and try again",
        Status::NoCredentials => NEW_CREDENTIALS,
        Status::InsecureUrl => "use https:",
        Status::Dns => {
            "check the host's name and the resolver; behind a corporate proxy set HTTPS_PROXY"
        }
        Status::Connect => {
            "check host and port; a firewall may be in the way: behind a proxy set HTTPS_PROXY"
        }
        Status::Timeout => "try again, or allow more time; a firewall may drop packets",
        Status::Proxy => {
            "check HTTPS_PROXY, ALL_PROXY and NO_PROXY, and the proxy's user and password"
        }
        Status::Io => "try again; a firewall or proxy between may cut connections",
        Status::Resources => "raise the limits of this machine, or try later",
        Status::Tls => "check that the port speaks TLS 1.2 or 1.3; a proxy between may break it",
        Status::Certificate if step == Step::Clock => "set it, or have it set by NTP",
        Status::Certificate => {
            "behind a corporate proxy give its certificate authority as the CA file; check the clock"
        }
        Status::NoTrustRoots => {
            "install the system's ca-certificates, or give the path of a CA file"
        }
        Status::InvalidClient => NEW_CREDENTIALS,
        Status::InvalidScope => "ask for another scope, or for none",
        Status::OAuth => "ask the service's support, with the code that it gave",
        Status::RateLimited => "wait; keep a token for its lifetime and fetch no other meanwhile",
        Status::Server => "try again later",
        Status::Http => "check the base URL",
        Status::InvalidResponse | Status::ResponseTooLarge => {
            "check the base URL: something else answers there"
        }
        Status::Internal => "report it, with the version of the library",
    }
}
