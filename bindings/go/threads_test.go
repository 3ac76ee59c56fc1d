//go:build !windows

package smtoken_test

import (
	"os"
	"testing"
)

// threads tells how many threads this process has now.
func threads(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Skip("threads are counted in /proc")
	}
	return len(all)
}
