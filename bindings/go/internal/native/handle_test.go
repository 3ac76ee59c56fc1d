package native

import (
	"runtime"
	"testing"
	"time"
	"unsafe"
)

// Any address will do: these handles are freed by counting.
func counted(frees chan<- struct{}) *handle {
	return newHandle(unsafe.Pointer(new(int)), func(unsafe.Pointer) { frees <- struct{}{} })
}

// contract: freed
func Test_a_handle_is_freed_once(t *testing.T) {
	frees := make(chan struct{}, 2)
	handle := counted(frees)
	handle.close()
	handle.close()
	if len(frees) != 1 {
		t.Errorf("%d times", len(frees))
	}
}

func Test_a_handle_is_freed_after_the_last_call_on_it(t *testing.T) {
	frees := make(chan struct{}, 2)
	handle := counted(frees)
	handle.use(func(unsafe.Pointer) {
		handle.close()
		if len(frees) != 0 {
			t.Error("freed under a call")
		}
	})
	if len(frees) != 1 {
		t.Errorf("freed %d times", len(frees))
	}
}

func Test_a_closed_handle_takes_no_call(t *testing.T) {
	handle := counted(make(chan struct{}, 1))
	handle.close()
	if handle.use(func(unsafe.Pointer) { t.Error("a call") }) {
		t.Error("it says that it made one")
	}
}

func Test_a_handle_that_nobody_closes_is_freed_once_it_is_collected(t *testing.T) {
	frees := make(chan struct{}, 2)
	counted(frees)
	deadline := time.After(10 * time.Second)
	for {
		runtime.GC()
		select {
		case <-frees:
			return
		case <-deadline:
			t.Fatal("never freed")
		case <-time.After(10 * time.Millisecond):
		}
	}
}
