//! Section "status" of the header.

use std::ffi::c_char;

use crate::Status;
use crate::ffi::guard;

/// What a call came to: SM_OK or one of the SM_ERROR_ constants. The values never change.
pub type sm_status = i32;

/// The call succeeded.
pub const SM_OK: sm_status = 0;

/// A parameter has a value that it may not have; the message names it.
pub const SM_ERROR_INVALID_ARGUMENT: sm_status = 10;
/// Neither the caller nor the environment gave client credentials.
pub const SM_ERROR_NO_CREDENTIALS: sm_status = 11;
/// The caller's buffer is too small; nothing was written to it.
pub const SM_ERROR_BUFFER_TOO_SMALL: sm_status = 12;
/// http: to another machine, which would show the secret to the network.
pub const SM_ERROR_INSECURE_URL: sm_status = 13;

/// The host's name could not be resolved.
pub const SM_ERROR_DNS: sm_status = 20;
/// No connection to the server could be made.
pub const SM_ERROR_CONNECT: sm_status = 21;
/// The time allowed ran out.
pub const SM_ERROR_TIMEOUT: sm_status = 22;
/// The proxy could not be reached, or refused.
pub const SM_ERROR_PROXY: sm_status = 23;
/// The connection broke.
pub const SM_ERROR_IO: sm_status = 24;
/// The client was shut down, or the call interrupted.
pub const SM_ERROR_CANCELED: sm_status = 25;

/// The TLS handshake failed for another reason than the certificate.
pub const SM_ERROR_TLS: sm_status = 30;
/// The server's certificate is not trusted, not valid now, or not for this host.
pub const SM_ERROR_CERTIFICATE: sm_status = 31;
/// There is no certificate authority to trust: the store or CA file is missing, empty or
/// unreadable.
pub const SM_ERROR_NO_TRUST_ROOTS: sm_status = 32;

/// The server does not accept the client credentials.
pub const SM_ERROR_INVALID_CLIENT: sm_status = 40;
/// The server does not grant the scope that was asked for.
pub const SM_ERROR_INVALID_SCOPE: sm_status = 41;
/// The server refused with another OAuth error; sm_error_oauth_code tells which.
pub const SM_ERROR_OAUTH: sm_status = 42;
/// The server asks for fewer requests; sm_error_retry_after_ms may tell for how long.
pub const SM_ERROR_RATE_LIMITED: sm_status = 43;
/// The server failed, and may do better later.
pub const SM_ERROR_SERVER: sm_status = 44;
/// The server answered with an HTTP status that brings no token, such as a redirect.
pub const SM_ERROR_HTTP: sm_status = 45;

/// The answer is not a token response.
pub const SM_ERROR_INVALID_RESPONSE: sm_status = 50;
/// The answer is larger than any token response.
pub const SM_ERROR_RESPONSE_TOO_LARGE: sm_status = 51;

/// A defect of this library.
pub const SM_ERROR_INTERNAL: sm_status = 90;

/// Describes a status in one fixed sentence.
///
/// `status`: any value; an unknown one is described as such. Returns a text that lives for ever.
/// Never fails, and may be called from any thread.
#[unsafe(no_mangle)]
pub extern "C" fn sm_status_message(status: sm_status) -> *const c_char {
    guard::infallible(c"".as_ptr(), || {
        Status::from_code(status)
            .map_or(c"unknown status".as_ptr(), |status| message(status).as_ptr())
    })
}

/// The core's sentence, with a NUL at its end.
fn message(status: Status) -> &'static std::ffi::CStr {
    macro_rules! with_nul {
        ($($status:ident),*) => {
            match status {
                $(Status::$status => const {
                    const TEXT: &[u8] = Status::$status.message().as_bytes();
                    const WITH_NUL: [u8; TEXT.len() + 1] = {
                        let mut bytes = [0; TEXT.len() + 1];
                        let mut at = 0;
                        while at < TEXT.len() {
                            bytes[at] = TEXT[at];
                            at += 1;
                        }
                        bytes
                    };
                    match std::ffi::CStr::from_bytes_with_nul(&WITH_NUL) {
                        Ok(text) => text,
                        Err(_) => panic!("a status message holds a NUL"),
                    }
                },)*
            }
        };
    }
    with_nul!(
        Ok,
        InvalidArgument,
        NoCredentials,
        BufferTooSmall,
        InsecureUrl,
        Dns,
        Connect,
        Timeout,
        Proxy,
        Io,
        Canceled,
        Tls,
        Certificate,
        NoTrustRoots,
        InvalidClient,
        InvalidScope,
        OAuth,
        RateLimited,
        Server,
        Http,
        InvalidResponse,
        ResponseTooLarge,
        Internal
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    #[test]
    fn the_constants_are_the_cores_numbers() {
        let constants = [
            SM_OK,
            SM_ERROR_INVALID_ARGUMENT,
            SM_ERROR_NO_CREDENTIALS,
            SM_ERROR_BUFFER_TOO_SMALL,
            SM_ERROR_INSECURE_URL,
            SM_ERROR_DNS,
            SM_ERROR_CONNECT,
            SM_ERROR_TIMEOUT,
            SM_ERROR_PROXY,
            SM_ERROR_IO,
            SM_ERROR_CANCELED,
            SM_ERROR_TLS,
            SM_ERROR_CERTIFICATE,
            SM_ERROR_NO_TRUST_ROOTS,
            SM_ERROR_INVALID_CLIENT,
            SM_ERROR_INVALID_SCOPE,
            SM_ERROR_OAUTH,
            SM_ERROR_RATE_LIMITED,
            SM_ERROR_SERVER,
            SM_ERROR_HTTP,
            SM_ERROR_INVALID_RESPONSE,
            SM_ERROR_RESPONSE_TOO_LARGE,
            SM_ERROR_INTERNAL,
        ];
        assert_eq!(constants, Status::ALL.map(Status::code));
    }

    #[test]
    fn every_number_has_a_sentence() {
        let sentence = |code| {
            // SAFETY: the function returns a NUL-terminated text that lives for ever.
            unsafe { CStr::from_ptr(sm_status_message(code)) }.to_str().unwrap()
        };
        for status in Status::ALL {
            assert_eq!(sentence(status.code()), status.message());
        }
        for unknown in [-1, 1, 99, i32::MAX, i32::MIN] {
            assert_eq!(sentence(unknown), "unknown status");
        }
    }
}
