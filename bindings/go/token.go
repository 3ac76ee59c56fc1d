package smtoken

import (
	"context"
	"fmt"
	"time"

	"github.com/standard-metrics/sm-token/bindings/go/internal/native"
)

// A Token is an access token. Any number of goroutines may use one at once. After Close its texts
// are "" and its times zero.
type Token struct {
	native *native.Token
}

// Fetch asks the server for a token and waits for it: one request, and its retries within the
// timeout. When ctx ends first, so does the wait, at once, and the request within 100 ms. Each Fetch
// holds a thread while it waits. A program that needs a token more than once keeps a Client, whose
// callers hold none.
func Fetch(ctx context.Context, options Options) (*Token, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	letGo := native.NewLetGo()
	chosen := options.native()
	if ctx.Done() == nil {
		return fetched(chosen, letGo)
	}

	var token *Token
	var err error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		token, err = fetched(chosen, letGo)
	}()
	select {
	case <-ended:
		return token, err
	case <-ctx.Done():
		letGo.Now()
		return nil, ctx.Err()
	}
}

func fetched(options *native.Options, letGo *native.LetGo) (*Token, error) {
	defer options.Free()
	token, failure := native.FetchToken(options, letGo)
	if failure != nil {
		return nil, errorOf(failure)
	}
	return &Token{token}, nil
}

// Close wipes the library's copy of the token, and frees it. The strings that were read from it
// stay in memory until they are collected. It returns nil.
func (token *Token) Close() error {
	token.native.Close()
	return nil
}

// AccessToken is the token itself.
func (token *Token) AccessToken() string { return token.native.AccessToken() }

// Authorization is "Bearer TOKEN", the value of the Authorization header.
func (token *Token) Authorization() string { return token.native.Authorization() }

// Type is "Bearer", in some case.
func (token *Token) Type() string { return token.native.Type() }

// Scope is what was granted, space separated; "" where the server did not say.
func (token *Token) Scope() string { return token.native.Scope() }

// ExpiresAt is counted from when the request for the token was sent.
func (token *Token) ExpiresAt() time.Time {
	seconds, open := token.native.ExpiresAt()
	if !open {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

// ExpiresIn is how long the token is still good from now, in whole seconds; never negative.
func (token *Token) ExpiresIn() time.Duration {
	return time.Duration(token.native.ExpiresIn()) * time.Second
}

// String does not show the token.
func (token *Token) String() string {
	return fmt.Sprintf("access token, good for %v", token.ExpiresIn())
}
