//! The outcomes of a call, with the numbers that every language sees.

/// What a call came to. The numbers are part of the ABI and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i32)]
#[non_exhaustive]
pub enum Status {
    /// The call succeeded.
    Ok = 0,
    /// A parameter has a value that it may not have.
    InvalidArgument = 10,
    /// Neither the caller nor the environment gave client credentials.
    NoCredentials = 11,
    /// The caller's buffer is too small for the text.
    BufferTooSmall = 12,
    /// `http:` to a host that is not this machine: the secret would travel in clear text.
    InsecureUrl = 13,
    /// The host's name could not be resolved.
    Dns = 20,
    /// No connection to the server could be made.
    Connect = 21,
    /// The time allowed ran out.
    Timeout = 22,
    /// The proxy could not be reached, or refused.
    Proxy = 23,
    /// The connection broke.
    Io = 24,
    /// The client was shut down, or the call interrupted.
    Canceled = 25,
    /// The TLS handshake failed for another reason than the certificate.
    Tls = 30,
    /// The server's certificate is not trusted, not valid now, or not for this host.
    Certificate = 31,
    /// There is no certificate authority to trust: the store or CA file is missing, empty or
    /// unreadable.
    NoTrustRoots = 32,
    /// The server does not accept the client credentials (RFC 6749 section 5.2 `invalid_client`).
    InvalidClient = 40,
    /// The server does not grant the scope asked for (RFC 6749 section 5.2 `invalid_scope`).
    InvalidScope = 41,
    /// The server refused with another OAuth error (RFC 6749 section 5.2).
    OAuth = 42,
    /// The server asks for fewer requests (RFC 6585 section 4).
    RateLimited = 43,
    /// The server failed, and may do better later.
    Server = 44,
    /// The server answered with an HTTP status that brings no token.
    Http = 45,
    /// The answer is not a token response (RFC 6749 section 5.1), or not HTTP.
    InvalidResponse = 50,
    /// The answer is larger than any token response.
    ResponseTooLarge = 51,
    /// A defect of this library.
    Internal = 90,
}

impl Status {
    /// Every status, in the order of its number.
    pub const ALL: [Status; 23] = [
        Status::Ok,
        Status::InvalidArgument,
        Status::NoCredentials,
        Status::BufferTooSmall,
        Status::InsecureUrl,
        Status::Dns,
        Status::Connect,
        Status::Timeout,
        Status::Proxy,
        Status::Io,
        Status::Canceled,
        Status::Tls,
        Status::Certificate,
        Status::NoTrustRoots,
        Status::InvalidClient,
        Status::InvalidScope,
        Status::OAuth,
        Status::RateLimited,
        Status::Server,
        Status::Http,
        Status::InvalidResponse,
        Status::ResponseTooLarge,
        Status::Internal,
    ];

    /// The number that the ABI gives this status.
    pub const fn code(self) -> i32 {
        self as i32
    }

    /// The status with this number, where there is one.
    pub fn from_code(code: i32) -> Option<Status> {
        Status::ALL.into_iter().find(|status| status.code() == code)
    }

    /// The name without its prefix, such as `INVALID_CLIENT`.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Ok => "OK",
            Status::InvalidArgument => "INVALID_ARGUMENT",
            Status::NoCredentials => "NO_CREDENTIALS",
            Status::BufferTooSmall => "BUFFER_TOO_SMALL",
            Status::InsecureUrl => "INSECURE_URL",
            Status::Dns => "DNS",
            Status::Connect => "CONNECT",
            Status::Timeout => "TIMEOUT",
            Status::Proxy => "PROXY",
            Status::Io => "IO",
            Status::Canceled => "CANCELED",
            Status::Tls => "TLS",
            Status::Certificate => "CERTIFICATE",
            Status::NoTrustRoots => "NO_TRUST_ROOTS",
            Status::InvalidClient => "INVALID_CLIENT",
            Status::InvalidScope => "INVALID_SCOPE",
            Status::OAuth => "OAUTH",
            Status::RateLimited => "RATE_LIMITED",
            Status::Server => "SERVER",
            Status::Http => "HTTP",
            Status::InvalidResponse => "INVALID_RESPONSE",
            Status::ResponseTooLarge => "RESPONSE_TOO_LARGE",
            Status::Internal => "INTERNAL",
        }
    }

    /// One fixed sentence about the status.
    pub const fn message(self) -> &'static str {
        match self {
            Status::Ok => "success",
            Status::InvalidArgument => "a parameter has a value that it may not have",
            Status::NoCredentials => "no client credentials were given",
            Status::BufferTooSmall => "the buffer is too small for the text",
            Status::InsecureUrl => {
                "http is only allowed to this machine, because it shows the secret"
            }
            Status::Dns => "the host's name could not be resolved",
            Status::Connect => "no connection to the server could be made",
            Status::Timeout => "the time allowed ran out",
            Status::Proxy => "the proxy could not be reached or refused",
            Status::Io => "the connection broke",
            Status::Canceled => "the call was canceled",
            Status::Tls => "the TLS handshake failed",
            Status::Certificate => "the server's certificate is not trusted",
            Status::NoTrustRoots => "there is no certificate authority to trust",
            Status::InvalidClient => "the server does not accept the client credentials",
            Status::InvalidScope => "the server does not grant the scope",
            Status::OAuth => "the server refused the request",
            Status::RateLimited => "the server asks for fewer requests",
            Status::Server => "the server failed",
            Status::Http => "the server answered with an unexpected HTTP status",
            Status::InvalidResponse => "the answer is not a token response",
            Status::ResponseTooLarge => "the answer is larger than any token response",
            Status::Internal => "a defect of sm-token",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lists_every_number_once_and_in_order() {
        let codes: Vec<i32> = Status::ALL.into_iter().map(Status::code).collect();
        assert!(codes.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(
            codes,
            [
                0, 10, 11, 12, 13, 20, 21, 22, 23, 24, 25, 30, 31, 32, 40, 41, 42, 43, 44, 45, 50,
                51, 90
            ]
        );
    }

    #[test]
    fn a_number_leads_back_to_its_status() {
        for status in Status::ALL {
            assert_eq!(Status::from_code(status.code()), Some(status));
        }
        assert_eq!(Status::from_code(7), None);
    }
}
