package smtoken

import (
	"context"
	"sync"

	"github.com/standard-metrics/sm-token/bindings/go/internal/native"
)

// A gathering is the goroutines that wait for a client's token: one call of the library for all of them.
// The zero value is ready.
type gathering struct {
	mu  sync.Mutex
	now *outcome
}

// An outcome is what some goroutines wait for. What stands below `ended` is written before that is closed.
type outcome struct {
	// Under the gathering's mutex.
	waiters int
	over    bool

	ended   chan struct{}
	token   *native.Token
	failure *native.Failure
}

// wait waits for the outcome of the request that is under way. `take` reads the token, which is closed
// afterwards.
func (gathering *gathering) wait(ctx context.Context, client *native.Client, take func(*native.Token)) error {
	awaited := gathering.join(client)
	defer gathering.leave(awaited)
	select {
	case <-awaited.ended:
	case <-ctx.Done():
		return ctx.Err()
	}
	client.DeliverLog()
	if awaited.failure != nil {
		return errorOf(awaited.failure)
	}
	take(awaited.token)
	return nil
}

func (gathering *gathering) join(client *native.Client) *outcome {
	gathering.mu.Lock()
	if joined := gathering.now; joined != nil {
		joined.waiters++
		gathering.mu.Unlock()
		return joined
	}
	begun := &outcome{waiters: 1, ended: make(chan struct{})}
	gathering.now = begun
	gathering.mu.Unlock()

	// With the mutex not held: the call may log, and a log handler may call the client.
	failure := client.WhenReady(func(token *native.Token, failure *native.Failure) {
		gathering.end(begun, token, failure)
	})
	if failure != nil {
		gathering.end(begun, nil, failure)
	}
	return begun
}

func (gathering *gathering) end(ended *outcome, token *native.Token, failure *native.Failure) {
	gathering.mu.Lock()
	if gathering.now == ended {
		gathering.now = nil
	}
	ended.over = true
	ended.token, ended.failure = token, failure
	ended.closeIfLeft()
	gathering.mu.Unlock()
	close(ended.ended)
}

func (gathering *gathering) leave(left *outcome) {
	gathering.mu.Lock()
	defer gathering.mu.Unlock()
	left.waiters--
	left.closeIfLeft()
}

// disperse has later callers wait for an outcome of their own.
func (gathering *gathering) disperse() {
	gathering.mu.Lock()
	defer gathering.mu.Unlock()
	gathering.now = nil
}

// closeIfLeft closes the token that nobody waits for any more.
func (outcome *outcome) closeIfLeft() {
	if outcome.over && outcome.waiters == 0 && outcome.token != nil {
		outcome.token.Close()
	}
}
