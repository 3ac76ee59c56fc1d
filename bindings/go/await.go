package smtoken

import "context"

// await makes a call, and leaves it behind when ctx ends: it ends by itself, within its timeout.
func await[T any](ctx context.Context, call func() (T, error)) (T, error) {
	if ctx.Done() == nil {
		return call()
	}
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}

	var value T
	var err error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		value, err = call()
	}()
	select {
	case <-ended:
		return value, err
	case <-ctx.Done():
		return none, ctx.Err()
	}
}
