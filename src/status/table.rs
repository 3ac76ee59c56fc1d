// Every status, once: what it means, its name in Rust, its number, its name in the ABI, whether the same call may
// succeed later without any change, judged by the status alone, and one fixed sentence.
//
// From this table the build makes the enumeration, the constants of the C header, and `make constants` those of
// the other languages. The numbers are part of the ABI and never change.
statuses! {
    /// The call succeeded.
    Ok = 0, "OK", false, "success";

    /// A parameter has a value that it may not have; the message names it.
    InvalidArgument = 10, "INVALID_ARGUMENT", false, "a parameter has a value that it may not have";
    /// Neither the caller nor the environment gave client credentials.
    NoCredentials = 11, "NO_CREDENTIALS", false, "no client credentials were given";
    /// The caller's buffer is too small; nothing was written to it.
    BufferTooSmall = 12, "BUFFER_TOO_SMALL", false, "the buffer is too small for the text";
    /// http: to another machine, which would show the secret to the network.
    InsecureUrl = 13, "INSECURE_URL", false, "http is only allowed to this machine, because it shows the secret";

    /// The host's name could not be resolved.
    Dns = 20, "DNS", true, "the host's name could not be resolved";
    /// No connection to the server could be made.
    Connect = 21, "CONNECT", true, "no connection to the server could be made";
    /// The time allowed ran out.
    Timeout = 22, "TIMEOUT", true, "the time allowed ran out";
    /// The proxy could not be reached, or refused.
    Proxy = 23, "PROXY", false, "the proxy could not be reached or refused";
    /// The connection broke.
    Io = 24, "IO", true, "the connection broke";
    /// The client was shut down, or the call interrupted.
    Canceled = 25, "CANCELED", false, "the call was canceled";
    /// The machine has no thread, file descriptor, memory for a socket or random number to give now.
    Resources = 26, "RESOURCES", true, "the machine has no thread, descriptor or randomness to give";

    /// The TLS handshake failed for another reason than the certificate.
    Tls = 30, "TLS", false, "the TLS handshake failed";
    /// The server's certificate is not trusted, not valid now, or not for this host.
    Certificate = 31, "CERTIFICATE", false, "the server's certificate is not trusted";
    /// There is no certificate authority to trust: the store or CA file is missing, empty or
    /// unreadable.
    NoTrustRoots = 32, "NO_TRUST_ROOTS", false, "there is no certificate authority to trust";

    /// The server does not accept the client credentials.
    InvalidClient = 40, "INVALID_CLIENT", false, "the server does not accept the client credentials";
    /// The server does not grant the scope that was asked for.
    InvalidScope = 41, "INVALID_SCOPE", false, "the server does not grant the scope";
    /// The server refused with another OAuth error; the OAuth code of the error names it.
    OAuth = 42, "OAUTH", false, "the server refused the request";
    /// The server asks for fewer requests; the error may give for how long.
    RateLimited = 43, "RATE_LIMITED", true, "the server asks for fewer requests";
    /// The server failed, and may do better later.
    Server = 44, "SERVER", true, "the server failed";
    /// The server answered with an HTTP status that brings no token, such as a redirect.
    Http = 45, "HTTP", false, "the server answered with an unexpected HTTP status";

    /// The answer is not a token response.
    InvalidResponse = 50, "INVALID_RESPONSE", false, "the answer is not a token response";
    /// The answer is larger than any token response.
    ResponseTooLarge = 51, "RESPONSE_TOO_LARGE", false, "the answer is larger than any token response";

    /// A defect of this library.
    Internal = 90, "INTERNAL", false, "a defect of sm-token";
}
