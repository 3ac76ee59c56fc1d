package smtoken

// #include <sm_token.h>
import "C"

import (
	"context"
	"fmt"
	"time"
	"unsafe"
)

// A Token is an access token. Any number of goroutines may use one at once. After Close its texts
// are "" and its times zero.
type Token struct {
	handle *handle
}

func newToken(native *C.sm_token) *Token {
	return &Token{newHandle(unsafe.Pointer(native), func(native unsafe.Pointer) {
		C.sm_token_free((*C.sm_token)(native))
	})}
}

// Fetch asks the server for a token and waits for it: one request, and its retries within the
// timeout. When ctx ends first, so does the wait; the request then ends unheard. Who needs a token
// more than once keeps a Client.
func Fetch(ctx context.Context, options Options) (*Token, error) {
	return await(ctx, func() (*Token, error) {
		chosen, err := options.native()
		if err != nil {
			return nil, err
		}
		defer chosen.log.free()
		defer chosen.free()

		var token *C.sm_token
		var failed *C.sm_error
		status := C.sm_token_fetch(chosen.id.native, chosen.secret.native, chosen.options, &token, &failed)
		if err := failure(status, failed); err != nil {
			return nil, err
		}
		return newToken(token), nil
	})
}

// Close wipes the library's copy of the token, and frees it. The strings that were read from it
// stay in memory until they are collected.
func (token *Token) Close() { token.handle.close() }

// AccessToken is the token itself.
func (token *Token) AccessToken() (text string) {
	token.use(func(native *C.sm_token) { text = C.GoString(C.sm_token_access_token(native)) })
	return text
}

// Authorization is "Bearer TOKEN", the value of the Authorization header.
func (token *Token) Authorization() (text string) {
	token.use(func(native *C.sm_token) { text = C.GoString(C.sm_token_authorization(native)) })
	return text
}

// Type is "Bearer", in some case.
func (token *Token) Type() (text string) {
	token.use(func(native *C.sm_token) { text = C.GoString(C.sm_token_type(native)) })
	return text
}

// Scope is what was granted, space separated; "" where the server did not say.
func (token *Token) Scope() (text string) {
	token.use(func(native *C.sm_token) { text = C.GoString(C.sm_token_scope(native)) })
	return text
}

// ExpiresAt is counted from when the request for the token was sent.
func (token *Token) ExpiresAt() (at time.Time) {
	token.use(func(native *C.sm_token) { at = time.Unix(int64(C.sm_token_expires_at(native)), 0) })
	return at
}

// ExpiresIn tells how long the token is still good from now, in whole seconds; never negative.
func (token *Token) ExpiresIn() (left time.Duration) {
	token.use(func(native *C.sm_token) {
		left = time.Duration(C.sm_token_expires_in(native)) * time.Second
	})
	return left
}

// String does not show the token.
func (token *Token) String() string {
	return fmt.Sprintf("access token, good for %v", token.ExpiresIn())
}

func (token *Token) use(call func(native *C.sm_token)) bool {
	return token.handle.use(func(native unsafe.Pointer) { call((*C.sm_token)(native)) })
}
