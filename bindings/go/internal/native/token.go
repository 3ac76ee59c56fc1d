package native

// #include <sm_token.h>
import "C"

import (
	"sync/atomic"
	"unsafe"
)

// A Token is an sm_token. After Close its texts are "" and its times 0.
type Token struct {
	handle *handle
	shared *sharedToken
}

// A sharedToken is the sm_token of several Tokens: freed with the last of them.
type sharedToken struct {
	native  *C.sm_token
	holders atomic.Int32
}

func newToken(native *C.sm_token) *Token {
	return (&sharedToken{native: native}).hold()
}

func (shared *sharedToken) hold() *Token {
	shared.holders.Add(1)
	return &Token{
		handle: newHandle(unsafe.Pointer(shared.native), func(native unsafe.Pointer) {
			if shared.holders.Add(-1) == 0 {
				C.sm_token_free((*C.sm_token)(native))
			}
		}),
		shared: shared,
	}
}

// Another returns a Token of its own over the same sm_token; nil after Close.
func (token *Token) Another() (another *Token) {
	token.use(func(*C.sm_token) { another = token.shared.hold() })
	return another
}

// Close frees the sm_token, which wipes it, where no other Token holds it.
func (token *Token) Close() { token.handle.close() }

// AccessToken is the field SM_FIELD_ACCESS_TOKEN.
func (token *Token) AccessToken() (text string) {
	token.use(func(native *C.sm_token) { text = C.GoString(C.sm_token_access_token(native)) })
	return text
}

// Authorization is the field SM_FIELD_AUTHORIZATION.
func (token *Token) Authorization() (text string) {
	token.use(func(native *C.sm_token) { text = C.GoString(C.sm_token_authorization(native)) })
	return text
}

// Type is the field SM_FIELD_TYPE.
func (token *Token) Type() (text string) {
	token.use(func(native *C.sm_token) { text = C.GoString(C.sm_token_type(native)) })
	return text
}

// Scope is the field SM_FIELD_SCOPE.
func (token *Token) Scope() (text string) {
	token.use(func(native *C.sm_token) { text = C.GoString(C.sm_token_scope(native)) })
	return text
}

// ExpiresAt is in Unix seconds; false after Close.
func (token *Token) ExpiresAt() (seconds int64, open bool) {
	open = token.use(func(native *C.sm_token) { seconds = int64(C.sm_token_expires_at(native)) })
	return seconds, open
}

// ExpiresIn is in seconds from now.
func (token *Token) ExpiresIn() (seconds int64) {
	token.use(func(native *C.sm_token) { seconds = int64(C.sm_token_expires_in(native)) })
	return seconds
}

func (token *Token) use(call func(native *C.sm_token)) bool {
	return token.handle.use(func(native unsafe.Pointer) { call((*C.sm_token)(native)) })
}

// FetchToken is sm_token_fetch, with the options' credentials. It blocks its thread until the request ends, or
// letGo ends it: within 100 ms. It frees what letGo holds.
func FetchToken(options *Options, letGo *LetGo) (*Token, *Failure) {
	defer letGo.free()
	options.endWith(letGo)
	if options.failure != nil {
		return nil, options.failure
	}
	var token *C.sm_token
	var failed *C.sm_error
	status := C.sm_token_fetch(options.id.native, options.secret.native, options.native, &token, &failed)
	if failure := failureOf(status, failed); failure != nil {
		return nil, failure
	}
	return newToken(token), nil
}
