package smtoken_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	smtoken "github.com/standard-metrics/sm-token/bindings/go"
)

func newClient(t *testing.T, options smtoken.Options) *smtoken.Client {
	t.Helper()
	client, err := smtoken.NewClient(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

func current(t *testing.T, client *smtoken.Client) *smtoken.Token {
	t.Helper()
	token, err := client.Token(background)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { token.Close() })
	return token
}

func authorization(t *testing.T, client *smtoken.Client) string {
	t.Helper()
	text, err := client.Authorization(background)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// contract: cached
func Test_two_calls_give_the_same_token(t *testing.T) {
	client := newClient(t, trusted())
	if current(t, client).AccessToken() != current(t, client).AccessToken() {
		t.Error("another token")
	}
}

func Test_two_calls_make_one_request(t *testing.T) {
	client := newClient(t, trusted())
	if made := requests(t, func() { current(t, client); current(t, client) }); made != 1 {
		t.Errorf("%d requests", made)
	}
}

func Test_making_a_client_makes_no_request(t *testing.T) {
	if made := requests(t, func() { newClient(t, trusted()) }); made != 0 {
		t.Errorf("%d requests", made)
	}
}

func Test_a_client_sends_credentials_of_other_than_ascii_characters(t *testing.T) {
	current(t, newClient(t, trustedWith(odd)))
}

func Test_the_authorization_is_that_of_the_current_token(t *testing.T) {
	client := newClient(t, trusted())
	if current(t, client).Authorization() != authorization(t, client) {
		t.Error("another one")
	}
}

// contract: authorization-whole
func Test_a_long_authorization_is_given_whole(t *testing.T) {
	long := strings.Repeat("t", 10000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"access_token": %q, "expires_in": 3600, "token_type": "Bearer"}`, long)
	}))
	t.Cleanup(server.Close)
	if authorization(t, newClient(t, smtoken.Options{BaseURL: server.URL})) != "Bearer "+long {
		t.Error("it is not whole")
	}
}

func Test_many_goroutines_share_one_request(t *testing.T) {
	set(t, `{"delay_ms": 200}`, `{"delay_ms": 0}`)
	client := newClient(t, trusted())
	made := requests(t, func() {
		var all sync.WaitGroup
		for range [50]struct{}{} {
			all.Add(1)
			go func() {
				defer all.Done()
				if _, err := client.Authorization(background); err != nil {
					t.Error(err)
				}
			}()
		}
		all.Wait()
	})
	if made != 1 {
		t.Errorf("%d requests", made)
	}
}

// contract: invalidate
func Test_an_invalidated_token_is_replaced(t *testing.T) {
	client := newClient(t, trusted())
	refused := current(t, client)
	client.Invalidate(refused)
	if current(t, client).AccessToken() == refused.AccessToken() {
		t.Error("the same token")
	}
}

func Test_an_invalidated_authorization_is_replaced(t *testing.T) {
	client := newClient(t, trusted())
	refused := authorization(t, client)
	client.InvalidateAuthorization(refused)
	if authorization(t, client) == refused {
		t.Error("the same token")
	}
}

// contract: invalidate-all
func Test_invalidating_nothing_drops_whichever_is_current(t *testing.T) {
	client := newClient(t, trusted())
	dropped := authorization(t, client)
	client.Invalidate(nil)
	if authorization(t, client) == dropped {
		t.Error("the same token")
	}
}

// contract: invalidate-old
func Test_invalidating_an_old_token_leaves_the_current_one(t *testing.T) {
	client := newClient(t, trusted())
	old := current(t, client)
	client.Invalidate(old)
	kept := authorization(t, client)
	client.Invalidate(old)
	if authorization(t, client) != kept {
		t.Error("another token")
	}
}

// contract: remembered
func Test_a_refusal_is_remembered_and_tells_for_how_long(t *testing.T) {
	client := newClient(t, trustedWith(wrong))
	_, _ = client.Token(background)
	_, err := client.Token(background)
	if wait, _ := asError(t, err).RetryAfter(); wait <= 50*time.Second || wait > time.Minute {
		t.Errorf("%v of a minute", wait)
	}
}

func Test_a_remembered_refusal_asks_nobody(t *testing.T) {
	client := newClient(t, trustedWith(wrong))
	made := requests(t, func() {
		_, _ = client.Token(background)
		_, _ = client.Authorization(background)
	})
	if made != 1 {
		t.Errorf("%d requests", made)
	}
}

// contract: shutdown
func Test_a_client_that_was_shut_down_answers_canceled(t *testing.T) {
	client := newClient(t, trusted())
	client.Shutdown()
	if _, err := client.Token(background); !errors.Is(err, smtoken.ErrorCanceled) {
		t.Error(err)
	}
}

func Test_close_lets_a_caller_that_waits_go(t *testing.T) {
	options, reached := hanging(t)
	client := newClient(t, options)
	go func() {
		<-reached
		client.Close()
	}()
	if _, err := client.Token(background); !errors.Is(err, smtoken.ErrorCanceled) {
		t.Error(err)
	}
}

func Test_a_caller_leaves_when_its_context_ends(t *testing.T) {
	options, reached := hanging(t)
	client := newClient(t, options)
	ctx, cancel := context.WithCancel(background)
	go func() {
		<-reached
		cancel()
	}()
	if _, err := client.Authorization(ctx); err != context.Canceled {
		t.Error(err)
	}
}

func Test_a_token_outlives_its_client(t *testing.T) {
	client := newClient(t, trusted())
	token := current(t, client)
	client.Close()
	if token.AccessToken() == "" {
		t.Error("it is gone")
	}
}

func Test_a_closed_client_says_so(t *testing.T) {
	client := newClient(t, trusted())
	client.Close()
	if _, err := client.Authorization(background); err != smtoken.ErrClosed {
		t.Error(err)
	}
}

func Test_a_client_may_be_closed_twice(t *testing.T) {
	client := newClient(t, trusted())
	client.Close()
	client.Close()
}

func Test_a_client_logs_for_as_long_as_it_lives(t *testing.T) {
	heard := 0
	options := trusted()
	options.Log = func(smtoken.LogLevel, string) { heard++ }
	client := newClient(t, options)
	options.Log = nil
	runtime.GC()
	current(t, client)
	if heard == 0 {
		t.Error("nothing was heard")
	}
}

func Test_a_log_may_close_the_client_that_it_hears(t *testing.T) {
	var client *smtoken.Client
	options := trusted()
	options.Log = func(smtoken.LogLevel, string) { client.Close() }
	client = newClient(t, options)
	if _, err := client.Token(background); err != nil && !errors.Is(err, smtoken.ErrorCanceled) {
		t.Error(err)
	}
}
