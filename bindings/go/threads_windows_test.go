package smtoken_test

import (
	"os"
	"syscall"
	"testing"
	"unsafe"
)

// threads tells how many threads this process has now.
func threads(t *testing.T) int {
	t.Helper()
	snapshot, err := syscall.CreateToolhelp32Snapshot(syscall.TH32CS_SNAPPROCESS, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.CloseHandle(snapshot)
	var process syscall.ProcessEntry32
	process.Size = uint32(unsafe.Sizeof(process))
	for err = syscall.Process32First(snapshot, &process); err == nil; err = syscall.Process32Next(snapshot, &process) {
		if process.ProcessID == uint32(os.Getpid()) {
			return int(process.Threads)
		}
	}
	t.Fatal(err)
	return 0
}
