package smtoken

// #include "hear.h"
import "C"

import "runtime/cgo"

// logHandle leads from the library to the Go function that hears its log; 0 is nobody.
type logHandle cgo.Handle

func newLogHandle(hear func(LogLevel, string)) logHandle {
	return logHandle(cgo.NewHandle(hear))
}

func (log logHandle) set(options *C.sm_options, level LogLevel) C.sm_status {
	if level == LogOff {
		level = LogInfo
	}
	return C.smtoken_set_log(options, C.uintptr_t(log), C.int32_t(level))
}

func (log logHandle) free() {
	if log != 0 {
		cgo.Handle(log).Delete()
	}
}

//export smtokenHear
func smtokenHear(log C.uintptr_t, level C.int32_t, message *C.char) {
	// A panic must not unwind the library's frames, and a failed log is no reason to have no token.
	defer func() { _ = recover() }()
	hear := cgo.Handle(log).Value().(func(LogLevel, string))
	hear(LogLevel(level), C.GoString(message))
}
