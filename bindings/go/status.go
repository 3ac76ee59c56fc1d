package smtoken

import "github.com/standard-metrics/sm-token/bindings/go/internal/native"

// A Status says why a call failed. Its values never change. It is an error itself, so that
// errors.Is(err, smtoken.ErrorInvalidClient) returns whether err is of that kind.
type Status int32

const (
	// ErrorInvalidArgument: a parameter has a value that it may not have; the message names it.
	ErrorInvalidArgument Status = 10
	// ErrorNoCredentials: neither the caller nor the environment gave client credentials.
	ErrorNoCredentials Status = 11
	// ErrorBufferTooSmall: the caller's buffer is too small; nothing was written to it.
	ErrorBufferTooSmall Status = 12
	// ErrorInsecureURL: http: to another machine, which would show the secret to the network.
	ErrorInsecureURL Status = 13

	// ErrorDNS: the host's name could not be resolved.
	ErrorDNS Status = 20
	// ErrorConnect: no connection to the server could be made.
	ErrorConnect Status = 21
	// ErrorTimeout: the time allowed ran out.
	ErrorTimeout Status = 22
	// ErrorProxy: the proxy could not be reached, or refused.
	ErrorProxy Status = 23
	// ErrorIO: the connection broke.
	ErrorIO Status = 24
	// ErrorCanceled: the client was shut down, or the call interrupted.
	ErrorCanceled Status = 25
	// ErrorResources: the machine has no thread, file descriptor, memory for a socket or random
	// number to give now.
	ErrorResources Status = 26

	// ErrorTLS: the TLS handshake failed for another reason than the certificate.
	ErrorTLS Status = 30
	// ErrorCertificate: the server's certificate is not trusted, not valid now, or not for this
	// host.
	ErrorCertificate Status = 31
	// ErrorNoTrustRoots: there is no certificate authority to trust: the store or CA file is
	// missing, empty or unreadable.
	ErrorNoTrustRoots Status = 32

	// ErrorInvalidClient: the server does not accept the client credentials.
	ErrorInvalidClient Status = 40
	// ErrorInvalidScope: the server does not grant the scope that was asked for.
	ErrorInvalidScope Status = 41
	// ErrorOAuth: the server refused with another OAuth error; the OAuth code of the error names
	// it.
	ErrorOAuth Status = 42
	// ErrorRateLimited: the server asks for fewer requests; the error may give for how long.
	ErrorRateLimited Status = 43
	// ErrorServer: the server failed, and may do better later.
	ErrorServer Status = 44
	// ErrorHTTP: the server answered with an HTTP status that brings no token, such as a redirect.
	ErrorHTTP Status = 45

	// ErrorInvalidResponse: the answer is not a token response.
	ErrorInvalidResponse Status = 50
	// ErrorResponseTooLarge: the answer is larger than any token response.
	ErrorResponseTooLarge Status = 51

	// ErrorInternal: a defect of this library.
	ErrorInternal Status = 90
)

// Error describes the status in one fixed sentence.
func (status Status) Error() string {
	return native.StatusMessage(int32(status))
}
