package native

// #include <sm_token.h>
import "C"

// A Failure is what an sm_error holds.
type Failure struct {
	Status           int32
	Message          string
	HTTPStatus       int
	OAuthCode        string
	OAuthDescription string
	Retryable        bool
	// RetryAfterMS is how long to wait, in milliseconds; negative where neither the server nor a
	// remembered failure says.
	RetryAfterMS int64
}

// Closed is the failure of every call on a client after Close.
var Closed = &Failure{Status: C.SM_ERROR_CANCELED, Message: "the client is closed", RetryAfterMS: -1}

// IsUnderWay returns whether the failure only says that a wait of 0 ended before the request. A remembered
// timeout says for how long it is remembered.
func (failure *Failure) IsUnderWay() bool {
	return failure.Status == C.SM_ERROR_TIMEOUT && failure.RetryAfterMS < 0
}

func refused(message string) *Failure {
	return &Failure{Status: C.SM_ERROR_INVALID_ARGUMENT, Message: message, RetryAfterMS: -1}
}

// failureOf frees the C error that a call came with, and is nil for a call that succeeded.
func failureOf(status C.sm_status, native *C.sm_error) *Failure {
	if status == C.SM_OK {
		return nil
	}
	defer C.sm_error_free(native)
	return &Failure{
		Status:           int32(status),
		Message:          C.GoString(C.sm_error_message(native)),
		HTTPStatus:       int(C.sm_error_http_status(native)),
		OAuthCode:        C.GoString(C.sm_error_oauth_code(native)),
		OAuthDescription: C.GoString(C.sm_error_oauth_description(native)),
		Retryable:        C.sm_error_is_retryable(native) != 0,
		RetryAfterMS:     int64(C.sm_error_retry_after_ms(native)),
	}
}
