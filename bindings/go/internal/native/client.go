package native

// #include <sm_token.h>
import "C"

import (
	"sync"
	"unsafe"
)

// Nearly every "Bearer TOKEN" fits the first; every one fits the second.
const (
	usualAuthorization   = 1024
	longestAuthorization = 16*1024 + 8
)

// A Client is an sm_client. Any number of goroutines may use one at once.
type Client struct {
	handle *handle
	logs   bool
}

// NewClient takes the options over, and frees them.
func NewClient(options *Options) (*Client, *Failure) {
	if options.failure != nil {
		options.Free()
		return nil, options.failure
	}
	var client *C.sm_client
	var failed *C.sm_error
	status := C.sm_client_new(options.id.native, options.secret.native, options.native, &client, &failed)
	options.freeButLog()
	if failure := failureOf(status, failed); failure != nil {
		options.log.free()
		return nil, failure
	}
	free := func(native unsafe.Pointer) {
		C.sm_client_free((*C.sm_client)(native))
		options.log.free()
	}
	return &Client{newHandle(unsafe.Pointer(client), free), options.log != 0}, nil
}

// Token returns the current token, without waiting: a request that is under way, or had to be started, is
// the failure IsUnderWay.
func (client *Client) Token() (token *Token, failure *Failure) {
	failure = client.call(func(native *C.sm_client) *Failure {
		var made *C.sm_token
		var failed *C.sm_error
		failure := failureOf(C.sm_client_token_within(native, 0, &made, &failed), failed)
		if failure == nil {
			token = newToken(made)
		}
		return failure
	})
	return token, failure
}

// Authorization returns the current "Bearer TOKEN", without waiting, as Token does. Where it still is
// `previous` it returns that string, and allocates none.
func (client *Client) Authorization(previous string) (authorization string, failure *Failure) {
	failure = client.call(func(native *C.sm_client) (failure *Failure) {
		usual := usualReadings.Get().(*reading)
		defer usualReadings.Put(usual)
		authorization, failure = usual.read(native, previous)
		if failure != nil && failure.Status == C.SM_ERROR_BUFFER_TOO_SMALL {
			longest := reading{buffer: make([]byte, longestAuthorization)}
			authorization, failure = longest.read(native, previous)
		}
		return failure
	})
	return authorization, failure
}

// Invalidate is sm_client_invalidate.
func (client *Client) Invalidate(token *Token) {
	_ = client.call(func(native *C.sm_client) *Failure {
		if token == nil {
			C.sm_client_invalidate(native, nil)
			return nil
		}
		token.use(func(refused *C.sm_token) { C.sm_client_invalidate(native, refused) })
		return nil
	})
}

// InvalidateAuthorization is sm_client_invalidate_authorization. A text with a NUL is no token: it
// invalidates nothing.
func (client *Client) InvalidateAuthorization(authorization string) {
	refused, failure := newText(authorization, "authorization")
	if failure != nil {
		return
	}
	defer refused.free()
	_ = client.call(func(native *C.sm_client) *Failure {
		C.sm_client_invalidate_authorization(native, refused.native)
		return nil
	})
}

// DeliverLog hands the log, on the caller's own thread, what happened on the library's.
func (client *Client) DeliverLog() {
	if client.logs {
		// Each call does so. This one does nothing else: no token is empty.
		client.InvalidateAuthorization("")
	}
}

// SetCredentials is sm_client_set_credentials.
func (client *Client) SetCredentials(id, secret string) *Failure {
	newID, failure := newText(id, "Credentials.ID")
	if failure != nil {
		return failure
	}
	defer newID.free()
	newSecret, failure := newText(secret, "Credentials.Secret")
	if failure != nil {
		return failure
	}
	defer newSecret.free()
	return client.call(func(native *C.sm_client) *Failure {
		var failed *C.sm_error
		return failureOf(C.sm_client_set_credentials(native, newID.native, newSecret.native, &failed), failed)
	})
}

// Shutdown is sm_client_shutdown.
func (client *Client) Shutdown() {
	_ = client.call(func(native *C.sm_client) *Failure {
		C.sm_client_shutdown(native)
		return nil
	})
}

// Close frees the client when the last call on it has returned.
func (client *Client) Close() { client.handle.close() }

// call makes a call while which nobody can free the client.
func (client *Client) call(call func(native *C.sm_client) *Failure) *Failure {
	failure := Closed
	client.handle.use(func(native unsafe.Pointer) { failure = call((*C.sm_client)(native)) })
	return failure
}

// A reading is what a call writes to, kept between calls.
type reading struct {
	buffer []byte
	length C.size_t
	failed *C.sm_error
}

var usualReadings = sync.Pool{New: func() any { return &reading{buffer: make([]byte, usualAuthorization)} }}

func (reading *reading) read(client *C.sm_client, previous string) (string, *Failure) {
	status := C.sm_client_authorization_within(client, 0,
		(*C.char)(unsafe.Pointer(&reading.buffer[0])), C.size_t(len(reading.buffer)),
		&reading.length, &reading.failed)
	if failure := failureOf(status, reading.failed); failure != nil {
		return "", failure
	}
	written := reading.buffer[:reading.length]
	authorization := previous
	if string(written) != previous {
		authorization = string(written)
	}
	for at := range written {
		written[at] = 0
	}
	return authorization, nil
}
