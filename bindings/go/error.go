package smtoken

import (
	"errors"
	"time"

	"github.com/standard-metrics/sm-token/bindings/go/internal/native"
)

// ErrClosed is what a Client returns after Close.
var ErrClosed = errors.New("smtoken: the client is closed")

// An Error says why there is no token.
type Error struct {
	Status Status
	// Message is one line for a person, without a secret in it: what happened, and what to do.
	Message string
	// HTTPStatus is that of the server's answer; 0 where no answer came.
	HTTPStatus int
	// OAuthCode is the server's, such as "invalid_client"; "" where it gave none.
	OAuthCode string
	// OAuthDescription is the server's own words about it.
	OAuthDescription string
	// Retryable says whether the same call may succeed later without any change.
	Retryable bool

	retryAfterMS int64
}

func (err *Error) Error() string { return err.Message }

// Unwrap returns the status, for errors.Is.
func (err *Error) Unwrap() error { return err.Status }

// Timeout returns whether the time allowed ran out; a url.Error around this one asks it.
func (err *Error) Timeout() bool { return err.Status == ErrorTimeout }

// RetryAfter returns how long to wait before the next try, where the server or a remembered failure
// says so.
func (err *Error) RetryAfter() (wait time.Duration, said bool) {
	if err.retryAfterMS < 0 {
		return 0, false
	}
	return time.Duration(err.retryAfterMS) * time.Millisecond, true
}

// errorOf is nil for nil, and an error of the caller's own for all else.
func errorOf(failure *native.Failure) error {
	switch failure {
	case nil:
		return nil
	case native.Closed:
		return ErrClosed
	}
	return &Error{
		Status:           Status(failure.Status),
		Message:          failure.Message,
		HTTPStatus:       failure.HTTPStatus,
		OAuthCode:        failure.OAuthCode,
		OAuthDescription: failure.OAuthDescription,
		Retryable:        failure.Retryable,
		retryAfterMS:     failure.RetryAfterMS,
	}
}

func refused(message string) *Error {
	return &Error{Status: ErrorInvalidArgument, Message: message, retryAfterMS: -1}
}
