package smtoken

// #include <sm_token.h>
import "C"

import (
	"context"
	"unsafe"
)

// Nearly every "Bearer TOKEN" fits the first; every one fits the second.
const (
	usualAuthorization   = 1024
	longestAuthorization = 16*1024 + 8
)

// A Client keeps a valid token: served from memory, refreshed in time, fetched once however many
// goroutines wait. Any number of goroutines may use one at once.
type Client struct {
	handle *handle
}

// NewClient makes no request yet. The options, the environment and the CA file are read now.
func NewClient(options Options) (*Client, error) {
	chosen, err := options.native()
	if err != nil {
		return nil, err
	}
	defer chosen.free()

	var client *C.sm_client
	var failed *C.sm_error
	status := C.sm_client_new(chosen.id.native, chosen.secret.native, chosen.options, &client, &failed)
	if err := failure(status, failed); err != nil {
		chosen.log.free()
		return nil, err
	}
	return &Client{newHandle(unsafe.Pointer(client), func(native unsafe.Pointer) {
		C.sm_client_free((*C.sm_client)(native))
		chosen.log.free()
	})}, nil
}

// Token gives the current token, fetched or refreshed where it must be. The caller closes it.
func (client *Client) Token(ctx context.Context) (*Token, error) {
	return await(ctx, func() (token *Token, err error) {
		open := client.use(func(native *C.sm_client) {
			var made *C.sm_token
			var failed *C.sm_error
			if err = failure(C.sm_client_token(native, &made, &failed), failed); err == nil {
				token = newToken(made)
			}
		})
		if !open {
			return nil, ErrClosed
		}
		return token, err
	})
}

// Authorization gives the current "Bearer TOKEN", the value of the Authorization header.
func (client *Client) Authorization(ctx context.Context) (string, error) {
	return await(ctx, func() (authorization string, err error) {
		open := client.use(func(native *C.sm_client) {
			var tooSmall bool
			authorization, tooSmall, err = copyAuthorization(native, usualAuthorization)
			if tooSmall {
				authorization, _, err = copyAuthorization(native, longestAuthorization)
			}
		})
		if !open {
			return "", ErrClosed
		}
		return authorization, err
	})
}

// Invalidate drops a token that a resource refused (HTTP 401), if it is still the current one, so
// that the next call waits for another. nil drops whichever is current, and forgets a remembered
// failure.
func (client *Client) Invalidate(token *Token) {
	client.use(func(native *C.sm_client) {
		if token == nil {
			C.sm_client_invalidate(native, nil)
			return
		}
		token.use(func(refused *C.sm_token) { C.sm_client_invalidate(native, refused) })
	})
}

// InvalidateAuthorization is as Invalidate, for the text that was sent, with or without "Bearer ".
func (client *Client) InvalidateAuthorization(authorization string) {
	refused, err := newText(authorization, "authorization")
	if err != nil {
		return // It holds a NUL, as no token does.
	}
	defer refused.free()
	client.use(func(native *C.sm_client) { C.sm_client_invalidate_authorization(native, refused.native) })
}

// Shutdown lets every caller that waits go with ErrorCanceled, and refuses later calls with it.
func (client *Client) Shutdown() {
	client.use(func(native *C.sm_client) { C.sm_client_shutdown(native) })
}

// Close shuts down, and frees the client when the last call on it has returned. Its tokens live on.
func (client *Client) Close() {
	client.Shutdown()
	client.handle.close()
}

func (client *Client) use(call func(native *C.sm_client)) bool {
	return client.handle.use(func(native unsafe.Pointer) { call((*C.sm_client)(native)) })
}

func copyAuthorization(client *C.sm_client, capacity int) (authorization string, tooSmall bool, err error) {
	buffer := make([]byte, capacity)
	var length C.size_t
	var failed *C.sm_error
	status := C.sm_client_authorization(
		client, (*C.char)(unsafe.Pointer(&buffer[0])), C.size_t(capacity), &length, &failed)
	if err := failure(status, failed); err != nil {
		return "", status == C.SM_ERROR_BUFFER_TOO_SMALL, err
	}
	authorization = string(buffer[:length])
	for at := range buffer[:length] {
		buffer[at] = 0
	}
	return authorization, false, nil
}
