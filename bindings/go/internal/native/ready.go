package native

// #include "ready_callback.h"
import "C"

import "runtime/cgo"

// A Ready gets how a wait ended: a token, which is its to close, or a failure. It is called on a thread of
// the library, behind which others wait: it must not block, and must not panic.
type Ready func(token *Token, failure *Failure)

// WhenReady starts a request where one is needed, and has `ready` called once with the outcome. Where it
// returns a failure `ready` is not called.
func (client *Client) WhenReady(ready Ready) *Failure {
	return client.call(func(native *C.sm_client) *Failure {
		handler := cgo.NewHandle(ready)
		var failed *C.sm_error
		failure := failureOf(C.smtoken_when_ready(native, C.uintptr_t(handler), &failed), failed)
		if failure != nil {
			handler.Delete()
		}
		return failure
	})
}

//export smtokenReady
func smtokenReady(handler C.uintptr_t, status C.int32_t, token *C.sm_token, failed *C.sm_error) {
	ready := cgo.Handle(handler).Value().(Ready)
	cgo.Handle(handler).Delete()
	if failure := failureOf(status, failed); failure != nil {
		ready(nil, failure)
		return
	}
	ready(newToken(token), nil)
}
