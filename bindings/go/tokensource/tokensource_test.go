package tokensource_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	smtoken "github.com/standard-metrics/sm-token/bindings/go"
	"github.com/standard-metrics/sm-token/bindings/go/tokensource"
	"golang.org/x/oauth2"
)

func newClient(t *testing.T) *smtoken.Client {
	t.Helper()
	client, err := smtoken.NewClient(smtoken.Options{CAFile: os.Getenv("SM_TOKEN_CA_FILE")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

func Test_the_token_is_the_clients(t *testing.T) {
	client := newClient(t)
	token, err := tokensource.New(context.Background(), client).Token()
	if err != nil {
		t.Fatal(err)
	}
	authorization, err := client.Authorization(context.Background())
	if err != nil || token.Type()+" "+token.AccessToken != authorization || !token.Valid() {
		t.Errorf("another token, or none: %v", err)
	}
	if left := time.Until(token.Expiry); left < 3500*time.Second || left > time.Hour {
		t.Errorf("%v left of an hour", left)
	}
}

func Test_a_transport_of_oauth2_sends_it(t *testing.T) {
	var seen string
	api := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		seen = request.Header.Get("Authorization")
	}))
	defer api.Close()
	client := newClient(t)
	sending := http.Client{Transport: &oauth2.Transport{Source: tokensource.New(context.Background(), client)}}
	answer, err := sending.Get(api.URL)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if authorization, _ := client.Authorization(context.Background()); seen != authorization {
		t.Error("it sends another header")
	}
}

func Test_an_invalidated_token_is_not_the_next(t *testing.T) {
	client := newClient(t)
	source := tokensource.New(context.Background(), client)
	refused, err := source.Token()
	if err != nil {
		t.Fatal(err)
	}
	client.InvalidateAuthorization(refused.AccessToken)
	if next, err := source.Token(); err != nil || next.AccessToken == refused.AccessToken {
		t.Errorf("the same token, or none: %v", err)
	}
}

func Test_it_ends_with_its_context(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := tokensource.New(ctx, newClient(t)).Token(); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
