package native

// #include "check_callback.h"
import "C"

import "runtime/cgo"

// A Step is one step of sm_check.
type Step struct {
	Name    string
	Verdict int32
	Text    string
	Advice  string
}

// Check is sm_check, with the options' credentials. It blocks its thread until the last step is taken, or
// letGo ends it: within 100 ms. It returns the steps that were taken, also with a failure, and frees what
// letGo holds.
func Check(options *Options, letGo *LetGo) (steps []Step, failure *Failure) {
	defer letGo.free()
	options.endWith(letGo)
	if options.failure != nil {
		return nil, options.failure
	}
	taker := cgo.NewHandle(func(step Step) { steps = append(steps, step) })
	defer taker.Delete()
	var failed *C.sm_error
	status := C.smtoken_check(
		options.id.native, options.secret.native, options.native, C.uintptr_t(taker), &failed)
	return steps, failureOf(status, failed)
}

//export smtokenStep
func smtokenStep(taker C.uintptr_t, name *C.char, verdict C.int32_t, text, advice *C.char) {
	take := cgo.Handle(taker).Value().(func(Step))
	take(Step{C.GoString(name), int32(verdict), C.GoString(text), C.GoString(advice)})
}
