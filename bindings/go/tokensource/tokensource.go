// Package tokensource makes a smtoken.Client the oauth2.TokenSource that other packages ask for. It is a
// module of its own, so that smtoken depends on nothing.
package tokensource

import (
	"context"

	smtoken "github.com/standard-metrics/sm-token/bindings/go"
	"golang.org/x/oauth2"
)

// New returns the client's current token at each call, and waits until ctx ends at most.
//
// Give it to an oauth2.Transport or a credentials option as it is: the client is the cache.
// oauth2.NewClient and oauth2.ReuseTokenSource keep each token until 10 s before its expiry, beside the
// client: they do not see a token that the client has replaced, nor an invalidation. Neither they nor an
// oauth2.Transport send a request again that was answered with 401; smtoken's own Transport does.
func New(ctx context.Context, client *smtoken.Client) oauth2.TokenSource {
	return source{ctx, client}
}

type source struct {
	ctx    context.Context
	client *smtoken.Client
}

func (source source) Token() (*oauth2.Token, error) {
	token, err := source.client.Token(source.ctx)
	if err != nil {
		return nil, err
	}
	defer token.Close()
	return &oauth2.Token{
		AccessToken: token.AccessToken(),
		TokenType:   token.Type(),
		Expiry:      token.ExpiresAt(),
	}, nil
}
