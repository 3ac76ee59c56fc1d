package smtoken_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	smtoken "github.com/standard-metrics/sm-token/bindings/go"
)

// waiting starts goroutines that each make a call, and returns once all are in it or beyond; `done` returns
// when each has returned.
func waiting(count int, call func()) (done *sync.WaitGroup) {
	done = &sync.WaitGroup{}
	for i := 0; i < count; i++ {
		done.Add(1)
		go func() {
			defer done.Done()
			call()
		}()
	}
	return done
}

// contract: wait-async
func Test_ten_thousand_callers_that_wait_hold_few_threads(t *testing.T) {
	options, reached := hanging(t)
	client := newClient(t, options)
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	before := threads(t)
	all := waiting(5_000, func() { _, _ = client.Authorization(ctx) })
	more := waiting(5_000, func() {
		if _, err := client.Token(ctx); err != context.Canceled {
			t.Error(err)
		}
	})
	<-reached
	// Long enough for what would start a thread to have started it.
	time.Sleep(200 * time.Millisecond)
	meanwhile := threads(t)
	cancel()
	all.Wait()
	more.Wait()
	t.Logf("%d threads before, %d while 10000 wait, %d afterwards", before, meanwhile, threads(t))
	if meanwhile >= 50 || threads(t) >= 50 {
		t.Errorf("%d threads while they wait, %d afterwards", meanwhile, threads(t))
	}
}

// contract: wait-bounded
func Test_a_wait_ends_with_its_deadline_and_the_request_goes_on(t *testing.T) {
	release := make(chan struct{})
	asked := make(chan struct{}, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked <- struct{}{}
		<-release
		_, _ = w.Write([]byte(`{"access_token": "late", "expires_in": 3600, "token_type": "Bearer"}`))
	}))
	t.Cleanup(server.Close)
	client := newClient(t, smtoken.Options{
		BaseURL: server.URL, Credentials: &smtoken.Credentials{ID: "id", Secret: "secret"}, MaxRetries: -1,
	})

	ctx, cancel := context.WithTimeout(background, 50*time.Millisecond)
	defer cancel()
	_, err := client.Authorization(ctx)
	if err != context.DeadlineExceeded {
		t.Error(err)
	}
	<-asked
	close(release)
	if authorization(t, client) != "Bearer late" || len(asked) != 0 {
		t.Errorf("another token, or %d more requests", len(asked))
	}
}

// contract: wait-interrupted
func Test_each_caller_leaves_with_its_own_context(t *testing.T) {
	options, reached := hanging(t)
	client := newClient(t, options)
	stays, leaves := make(chan error, 1), make(chan error, 1)
	ctx, cancel := context.WithCancel(background)
	go func() {
		_, err := client.Authorization(background)
		stays <- err
	}()
	<-reached
	go func() {
		_, err := client.Token(ctx)
		leaves <- err
	}()
	cancel()
	if err := <-leaves; err != context.Canceled {
		t.Error(err)
	}
	select {
	case err := <-stays:
		t.Errorf("it left too: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	client.Shutdown()
	if err := <-stays; !errors.Is(err, smtoken.ErrorCanceled) {
		t.Error(err)
	}
}

func Test_a_context_that_has_ended_makes_no_request(t *testing.T) {
	ended, end := context.WithCancel(background)
	end()
	client := newClient(t, trusted())
	made := requests(t, func() {
		if _, err := client.Token(ended); err != context.Canceled {
			t.Error(err)
		}
		if _, err := client.Authorization(ended); err != context.Canceled {
			t.Error(err)
		}
		if _, err := smtoken.Fetch(ended, trusted()); err != context.Canceled {
			t.Error(err)
		}
	})
	if made != 0 {
		t.Errorf("%d requests", made)
	}
}

func Test_each_of_many_that_wait_gets_a_token_of_its_own(t *testing.T) {
	set(t, `{"delay_ms": 200}`, `{"delay_ms": 0}`)
	client := newClient(t, trusted())
	first := make(chan string, 20)
	waiting(20, func() {
		token, err := client.Token(background)
		if err != nil {
			t.Error(err)
			return
		}
		first <- token.AccessToken()
		token.Close()
		if token.AccessToken() != "" {
			t.Error("it is open")
		}
	}).Wait()
	close(first)
	for text := range first {
		if text != current(t, client).AccessToken() {
			t.Error("another token")
		}
	}
}

func Test_a_failure_is_that_of_all_who_wait(t *testing.T) {
	set(t, `{"delay_ms": 200}`, `{"delay_ms": 0}`)
	client := newClient(t, trustedWith(wrong))
	made := requests(t, func() {
		waiting(20, func() {
			_, err := client.Authorization(background)
			expectStatus(t, asError(t, err), smtoken.ErrorInvalidClient)
		}).Wait()
	})
	if made != 1 {
		t.Errorf("%d requests", made)
	}
}

func Test_who_waits_hears_the_log_on_its_own_goroutine(t *testing.T) {
	options := trusted()
	var heard []string // With no mutex: the race detector sees any other thread.
	options.Log = func(_ smtoken.LogLevel, message string) { heard = append(heard, message) }
	authorization(t, newClient(t, options))
	if !strings.Contains(strings.Join(heard, "\n"), "token") {
		t.Errorf("%q", heard)
	}
}

func Test_a_fetch_lets_its_thread_go_when_its_context_ends(t *testing.T) {
	options, reached := hanging(t)
	ctx, cancel := context.WithCancel(background)
	before := runtime.NumCgoCall()
	all := waiting(10, func() {
		if _, err := smtoken.Fetch(ctx, options); err != context.Canceled {
			t.Error(err)
		}
	})
	for i := 0; i < 10; i++ {
		<-reached
	}
	cancel()
	all.Wait()
	// The fetch itself is the last call but those that free: its goroutine ends after it.
	deadline := time.Now().Add(20 * time.Second)
	for fetching() > 0 && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	if left := fetching(); left != 0 {
		t.Errorf("%d goroutines still fetch after %d calls", left, runtime.NumCgoCall()-before)
	}
}

// fetching tells how many goroutines are inside a native fetch.
func fetching() int {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	return strings.Count(string(stacks), "native.(*Fetch).Run(")
}
