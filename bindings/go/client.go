package smtoken

import (
	"context"

	"github.com/standard-metrics/sm-token/bindings/go/internal/native"
)

// A Client keeps a valid token: served from memory, refreshed in time, fetched once however many
// goroutines wait. A goroutine that waits holds no thread, and leaves when its context ends; the
// request goes on for the others and for the next call. Any number of goroutines may use one at once.
type Client struct {
	native  *native.Client
	lease   leaseholder
	waiting gathering
}

// NewClient makes no request yet. The options, the environment and the CA file are read now.
func NewClient(options Options) (*Client, error) {
	made, failure := native.NewClient(options.native())
	if failure != nil {
		return nil, errorOf(failure)
	}
	return &Client{native: made}, nil
}

// Token returns the current token, fetched or refreshed where it must be. The caller closes it.
func (client *Client) Token(ctx context.Context) (*Token, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	current, failure := client.native.Token()
	if failure != nil && failure.IsUnderWay() {
		err := client.waiting.wait(ctx, client.native, func(token *native.Token) { current = token.Another() })
		if err != nil {
			return nil, err
		}
		return &Token{current}, nil
	}
	if failure != nil {
		return nil, errorOf(failure)
	}
	return &Token{current}, nil
}

// Authorization returns the current "Bearer TOKEN", the value of the Authorization header. It asks the
// library at most once in 10 ms for what is in memory, so that nearly every call is a read of Go's own
// memory; a token has ten times as long to live when the library last returns it. An invalidation holds
// from the next call on.
func (client *Client) Authorization(ctx context.Context) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if authorization, holds := client.lease.current(); holds {
		return authorization, nil
	}
	return client.authorization(ctx)
}

func (client *Client) authorization(ctx context.Context) (string, error) {
	renewal := client.lease.renewal()
	authorization, failure := client.native.Authorization(renewal.previous)
	if failure == nil {
		client.lease.renew(renewal, authorization)
		return authorization, nil
	}
	if !failure.IsUnderWay() {
		return "", errorOf(failure)
	}
	err := client.waiting.wait(ctx, client.native, func(token *native.Token) { authorization = token.Authorization() })
	return authorization, err
}

// Invalidate drops a token that a resource refused (HTTP 401), if it is still the current one, so
// that the next call waits for another. nil drops whichever is current, and forgets a remembered
// failure.
func (client *Client) Invalidate(token *Token) {
	var refused *native.Token
	if token != nil {
		refused = token.native
	}
	client.native.Invalidate(refused)
	client.forget()
}

// InvalidateAuthorization is as Invalidate, for the text that was sent, with or without "Bearer ".
func (client *Client) InvalidateAuthorization(authorization string) {
	client.native.InvalidateAuthorization(authorization)
	client.forget()
}

// SetCredentials puts credentials in place of those before, wherever they came from: for a vault that hands
// out new ones. The next request uses them; a remembered refusal is forgotten; the current token stays.
func (client *Client) SetCredentials(credentials Credentials) error {
	failure := client.native.SetCredentials(credentials.ID, credentials.Secret)
	client.waiting.disperse()
	return errorOf(failure)
}

// Shutdown lets every caller that waits go with ErrorCanceled, and refuses later calls with it.
func (client *Client) Shutdown() {
	client.native.Shutdown()
	client.forget()
}

// Close shuts down, and frees the client when the last call on it has returned. Its tokens live on. It
// returns nil.
func (client *Client) Close() error {
	client.Shutdown()
	client.native.Close()
	return nil
}

// forget has the next call ask the library: what it returns has changed.
func (client *Client) forget() {
	client.lease.end()
	client.waiting.disperse()
}
