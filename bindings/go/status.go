package smtoken

// #include <sm_token.h>
import "C"

// A Status says why a call failed. Its values never change. It is an error itself, so that
// errors.Is(err, smtoken.ErrorInvalidClient) tells whether err is of that kind.
type Status int32

const (
	// ErrorInvalidArgument: a parameter has a value that it may not have; the message names it.
	ErrorInvalidArgument Status = C.SM_ERROR_INVALID_ARGUMENT
	// ErrorNoCredentials: neither the caller nor the environment gave client credentials.
	ErrorNoCredentials Status = C.SM_ERROR_NO_CREDENTIALS
	// ErrorBufferTooSmall: a buffer is too small. This package sees to it that none is.
	ErrorBufferTooSmall Status = C.SM_ERROR_BUFFER_TOO_SMALL
	// ErrorInsecureURL: http: to another machine, which would show the secret to the network.
	ErrorInsecureURL Status = C.SM_ERROR_INSECURE_URL

	// ErrorDNS: the host's name could not be resolved.
	ErrorDNS Status = C.SM_ERROR_DNS
	// ErrorConnect: no connection to the server could be made.
	ErrorConnect Status = C.SM_ERROR_CONNECT
	// ErrorTimeout: the time allowed ran out.
	ErrorTimeout Status = C.SM_ERROR_TIMEOUT
	// ErrorProxy: the proxy could not be reached, or refused.
	ErrorProxy Status = C.SM_ERROR_PROXY
	// ErrorIO: the connection broke.
	ErrorIO Status = C.SM_ERROR_IO
	// ErrorCanceled: the client was shut down.
	ErrorCanceled Status = C.SM_ERROR_CANCELED

	// ErrorTLS: the TLS handshake failed for another reason than the certificate.
	ErrorTLS Status = C.SM_ERROR_TLS
	// ErrorCertificate: the server's certificate is not trusted, not valid now, or not for this host.
	ErrorCertificate Status = C.SM_ERROR_CERTIFICATE
	// ErrorNoTrustRoots: there is no certificate authority to trust: the store or CA file is
	// missing, empty or unreadable.
	ErrorNoTrustRoots Status = C.SM_ERROR_NO_TRUST_ROOTS

	// ErrorInvalidClient: the server does not accept the client credentials.
	ErrorInvalidClient Status = C.SM_ERROR_INVALID_CLIENT
	// ErrorInvalidScope: the server does not grant the scope that was asked for.
	ErrorInvalidScope Status = C.SM_ERROR_INVALID_SCOPE
	// ErrorOAuth: the server refused with another OAuth error; Error.OAuthCode tells which.
	ErrorOAuth Status = C.SM_ERROR_OAUTH
	// ErrorRateLimited: the server asks for fewer requests; Error.RetryAfter may tell for how long.
	ErrorRateLimited Status = C.SM_ERROR_RATE_LIMITED
	// ErrorServer: the server failed, and may do better later.
	ErrorServer Status = C.SM_ERROR_SERVER
	// ErrorHTTP: the server answered with an HTTP status that brings no token, such as a redirect.
	ErrorHTTP Status = C.SM_ERROR_HTTP

	// ErrorInvalidResponse: the answer is not a token response.
	ErrorInvalidResponse Status = C.SM_ERROR_INVALID_RESPONSE
	// ErrorResponseTooLarge: the answer is larger than any token response.
	ErrorResponseTooLarge Status = C.SM_ERROR_RESPONSE_TOO_LARGE

	// ErrorInternal: a defect of the library.
	ErrorInternal Status = C.SM_ERROR_INTERNAL
)

// Error describes the status in one fixed sentence.
func (status Status) Error() string {
	return C.GoString(C.sm_status_message(C.sm_status(status)))
}
