package smtoken

// #include <sm_token.h>
import "C"

import (
	"errors"
	"time"
)

// ErrClosed is what a Client answers after Close.
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
	// Retryable tells whether the same call may succeed later without any change.
	Retryable bool

	retryAfterMS int64
}

func (err *Error) Error() string { return err.Message }

// Unwrap gives the status, for errors.Is.
func (err *Error) Unwrap() error { return err.Status }

// Timeout tells whether the time allowed ran out; a url.Error around this one asks it.
func (err *Error) Timeout() bool { return err.Status == ErrorTimeout }

// RetryAfter tells how long to wait before the next try, where somebody said.
func (err *Error) RetryAfter() (wait time.Duration, said bool) {
	if err.retryAfterMS < 0 {
		return 0, false
	}
	return time.Duration(err.retryAfterMS) * time.Millisecond, true
}

func refused(message string) *Error {
	return &Error{Status: ErrorInvalidArgument, Message: message, retryAfterMS: -1}
}

// failure frees the C error that a call came with, and is nil for a call that succeeded.
func failure(status C.sm_status, native *C.sm_error) error {
	if status == C.SM_OK {
		return nil
	}
	defer C.sm_error_free(native)
	return &Error{
		Status:           Status(status),
		Message:          C.GoString(C.sm_error_message(native)),
		HTTPStatus:       int(C.sm_error_http_status(native)),
		OAuthCode:        C.GoString(C.sm_error_oauth_code(native)),
		OAuthDescription: C.GoString(C.sm_error_oauth_description(native)),
		Retryable:        C.sm_error_is_retryable(native) != 0,
		retryAfterMS:     int64(C.sm_error_retry_after_ms(native)),
	}
}
