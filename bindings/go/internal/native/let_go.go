package native

// #include <stdlib.h>
// #include "keep_waiting.h"
import "C"

import (
	"sync"
	"unsafe"
)

// A LetGo ends one call of the library that waits, from another goroutine. The call frees what it holds.
type LetGo struct {
	mu   sync.Mutex
	flag *C.int32_t
}

// NewLetGo is for one call.
func NewLetGo() *LetGo {
	return &LetGo{flag: (*C.int32_t)(C.calloc(1, C.size_t(unsafe.Sizeof(C.int32_t(0)))))}
}

// Now ends the call within 100 ms.
func (letGo *LetGo) Now() {
	letGo.mu.Lock()
	defer letGo.mu.Unlock()
	if letGo.flag != nil {
		C.smtoken_let_go(letGo.flag)
	}
}

func (letGo *LetGo) free() {
	letGo.mu.Lock()
	defer letGo.mu.Unlock()
	C.free(unsafe.Pointer(letGo.flag))
	letGo.flag = nil
}

// endWith has the call that takes the options end with letGo.
func (options *Options) endWith(letGo *LetGo) {
	options.check(C.smtoken_set_keep_waiting(options.native, letGo.flag))
}
