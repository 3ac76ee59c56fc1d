package native

// #include "log_callback.h"
import "C"

import "runtime/cgo"

// logHandle leads from the library to the Go function that gets its log; 0 is none.
type logHandle cgo.Handle

func newLogHandle(handler func(level int32, message string)) logHandle {
	return logHandle(cgo.NewHandle(handler))
}

func (log logHandle) free() {
	if log != 0 {
		cgo.Handle(log).Delete()
	}
}

//export smtokenLog
func smtokenLog(log C.uintptr_t, level C.int32_t, message *C.char) {
	// A panic must not unwind the library's frames, and a failed log is no reason to have no token.
	defer func() { _ = recover() }()
	handler := cgo.Handle(log).Value().(func(int32, string))
	handler(int32(level), C.GoString(message))
}
