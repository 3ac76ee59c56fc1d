package smtoken

import (
	"context"
	"testing"
	"time"
)

func Test_a_context_that_has_ended_makes_no_call(t *testing.T) {
	ended, end := context.WithCancel(context.Background())
	end()
	called := make(chan struct{})
	_, err := await(ended, func() (int, error) {
		close(called)
		return 0, nil
	})
	if err != context.Canceled {
		t.Error(err)
	}
	select {
	case <-called:
		t.Error("a call")
	case <-time.After(50 * time.Millisecond):
	}
}
