package native

import (
	"runtime"
	"sync"
	"unsafe"
)

// A handle of the C library: freed once, after the last call on it, also where nobody closed it.
type handle struct {
	mu     sync.Mutex
	native unsafe.Pointer
	calls  int
	closed bool
	free   func(unsafe.Pointer)
}

func newHandle(native unsafe.Pointer, free func(unsafe.Pointer)) *handle {
	made := &handle{native: native, free: free}
	runtime.SetFinalizer(made, (*handle).close)
	return made
}

// use makes a call, while which nobody can free the handle. It makes none after close.
func (handle *handle) use(call func(native unsafe.Pointer)) bool {
	handle.mu.Lock()
	if handle.closed {
		handle.mu.Unlock()
		return false
	}
	handle.calls++
	handle.mu.Unlock()

	defer func() {
		handle.mu.Lock()
		defer handle.mu.Unlock()
		handle.calls--
		handle.freeIfUnused()
	}()
	call(handle.native)
	return true
}

func (handle *handle) close() {
	handle.mu.Lock()
	defer handle.mu.Unlock()
	handle.closed = true
	handle.freeIfUnused()
}

func (handle *handle) freeIfUnused() {
	if handle.closed && handle.calls == 0 && handle.native != nil {
		handle.free(handle.native)
		handle.native = nil
		runtime.SetFinalizer(handle, nil)
	}
}
