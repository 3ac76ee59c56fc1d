package native

// #include <stdlib.h>
// #include <string.h>
import "C"

import (
	"strings"
	"unsafe"
)

// text is a string on its way to the library, with a NUL at its end.
type text struct {
	native *C.char
	size   int
}

// newText refuses what the library would cut short.
func newText(value, parameter string) (text, *Failure) {
	if strings.IndexByte(value, 0) >= 0 {
		return text{}, refused(parameter + " holds a NUL character")
	}
	return text{C.CString(value), len(value)}, nil
}

// free wipes the text first: it may be a secret.
func (text text) free() {
	if text.native != nil {
		C.memset(unsafe.Pointer(text.native), 0, C.size_t(text.size))
		C.free(unsafe.Pointer(text.native))
	}
}
